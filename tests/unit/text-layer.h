/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Layers from text, for one test program each. */

#include <string.h>

#include "emit/tar.h"
#include "tests/unit/memory-layer.h"

/* Entries are text: "NAME/" a folder, "NAME>TARGET" a symlink, "NAME=TARGET" a hard link, "NAME:CONTENT" a file. */
static gboolean
append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

static void
write_entry (VarveSink *sink, const char *text)
{
  gsize length = strcspn (text, ">=:");
  char kind = text[length];
  g_autofree char *name = g_strndup (text, length);
  const char *rest = kind != '\0' ? text + length + 1 : NULL;
  VarveTarEntry entry = {
    .type = kind == '>'   ? VARVE_TAR_SYMLINK
            : kind == '=' ? VARVE_TAR_HARD_LINK
            : kind == ':' ? VARVE_TAR_FILE
                          : VARVE_TAR_DIRECTORY,
    .name = name,
    .link_name = kind == '>' || kind == '=' ? rest : NULL,
    .mode = 0755,
    .size_bytes = kind == ':' ? strlen (rest) : 0,
  };
  g_assert_true (varve_tar_write_entry (sink, &entry, NULL));
  if (entry.size_bytes > 0)
    g_assert_true (sink->write (sink->data, rest, entry.size_bytes, NULL));
  g_assert_true (varve_tar_write_padding (sink, entry.size_bytes, NULL));
}

/* Layers are entries, each but the first beginning with "|" where a new layer begins; the end is NULL. */
static VarveImage *
image_of (const char *const *entries)
{
  VarveImage *image = memory_image_new ();
  while (*entries != NULL)
    {
      GByteArray *tar = g_byte_array_new ();
      VarveSink sink = { .write = append, .data = tar };
      for (; *entries != NULL && strcmp (*entries, "|") != 0; entries++)
        write_entry (&sink, *entries);
      entries += *entries != NULL;
      g_assert_true (varve_tar_write_end (&sink, NULL));
      g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (tar);
      memory_image_add (image, bytes);
    }
  return image;
}
