/* SPDX-License-Identifier: Apache-2.0 */
/* Composed from bytes, so that importing and verifying need neither GVariant nor libostree for each file. */
#include "model/content-checksum.h"

#include <string.h>

enum { N_NUMBERS = 4, OFFSET_MAX_BYTES = 8 };

/* GVariant's rule: the smallest width that can express the size of the whole, offsets included. */
static gsize
offset_width (guint64 body_bytes)
{
  if (body_bytes + 1 <= G_MAXUINT8)
    return 1;
  if (body_bytes + 2 <= G_MAXUINT16)
    return 2;
  return body_bytes + 4 <= G_MAXUINT32 ? 4 : 8;
}

void
varve_content_checksum_start (VarveHash *hash, const VarveContentHeader *header)
{
  const char *target = header->symlink_target != NULL ? header->symlink_target : "";
  gsize xattrs_bytes;
  const void *xattrs = g_bytes_get_data (header->xattrs, &xattrs_bytes);
  guint32 numbers[N_NUMBERS]
      = { GUINT32_TO_BE (header->uid), GUINT32_TO_BE (header->gid), GUINT32_TO_BE (header->mode), 0 };
  guint64 string_end = sizeof numbers + strlen (target) + 1;
  guint64 body_bytes = string_end + xattrs_bytes;
  gsize width = offset_width (body_bytes);
  guint32 frame[2] = { GUINT32_TO_BE ((guint32)(body_bytes + width)), 0 };
  guint8 offset[OFFSET_MAX_BYTES];
  for (gsize i = 0; i < width; i++)
    offset[i] = (guint8)(string_end >> (8 * i));

  varve_hash_update (hash, frame, sizeof frame);
  varve_hash_update (hash, numbers, sizeof numbers);
  varve_hash_update (hash, target, strlen (target) + 1);
  varve_hash_update (hash, xattrs, xattrs_bytes);
  varve_hash_update (hash, offset, width);
}

VarveDigest
varve_content_checksum_of (const VarveContentHeader *header, const void *content, gsize size_bytes)
{
  g_autoptr (VarveHash) hash = varve_hash_new ();
  varve_content_checksum_start (hash, header);
  varve_hash_update (hash, content, size_bytes);
  return varve_hash_finish (hash);
}
