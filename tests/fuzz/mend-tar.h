/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Corrects the checksums of a tar's headers, without which hardly any changed tar would be read on. */

#include <glib.h>
#include <string.h>

enum { TAR_BLOCK_BYTES = 512, TAR_CHECKSUM = 148, TAR_CHECKSUM_BYTES = 8, TAR_MAGIC = 257 };

static void
mend_header (guint8 *block)
{
  guint sum = TAR_CHECKSUM_BYTES * ' ';
  for (guint i = 0; i < TAR_BLOCK_BYTES; i++)
    sum += i >= TAR_CHECKSUM && i < TAR_CHECKSUM + TAR_CHECKSUM_BYTES ? 0 : block[i];
  g_snprintf ((char *)block + TAR_CHECKSUM, TAR_CHECKSUM_BYTES, "%07o", sum);
}

static GBytes *
mend_tar (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_malloc (MAX (size, 1));
  if (size > 0)
    memcpy (copy, data, size);
  for (gsize i = 0; i + TAR_BLOCK_BYTES <= size; i += TAR_BLOCK_BYTES)
    if (memcmp (copy + i + TAR_MAGIC, "ustar", strlen ("ustar")) == 0)
      mend_header (copy + i);
  return g_bytes_new_take (g_steal_pointer (&copy), size);
}
