/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/chunked-index.h"

#include <string.h>

#include "base/error.h"
#include "model/image-keys.h"

enum { NUMBERS_MAX = 4, TOC_NUMBERS = 4, TAR_SPLIT_NUMBERS = 3, TOC_TYPE = 1 };

void
varve_chunked_index_annotate (VarveDescriptor *descriptor, const VarveChunkedIndex *index)
{
  g_autofree char *digest = varve_digest_to_string (&index->toc_digest);
  g_autofree char *toc = g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT ":%d",
                                          index->toc.offset, index->toc.size_bytes, index->toc.raw_bytes, TOC_TYPE);
  g_autofree char *tar_split
      = g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, index->tar_split.offset,
                         index->tar_split.size_bytes, index->tar_split.raw_bytes);
  varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_CHUNKED_TOC_DIGEST, digest);
  varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_CHUNKED_TOC_POSITION, toc);
  varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_CHUNKED_TAR_SPLIT_POSITION, tar_split);
}

void
varve_chunked_index_copy (VarveDescriptor *to, const VarveDescriptor *from)
{
  static const char *const KEYS[] = {
    VARVE_ANNOTATION_CHUNKED_TOC_DIGEST,
    VARVE_ANNOTATION_CHUNKED_TOC_POSITION,
    VARVE_ANNOTATION_CHUNKED_TAR_SPLIT_POSITION,
    VARVE_ANNOTATION_CHUNKED_TAR_SPLIT_DIGEST,
  };
  for (guint i = 0; i < G_N_ELEMENTS (KEYS); i++)
    varve_descriptor_annotate (to, KEYS[i], varve_descriptor_annotation (from, KEYS[i]));
}

gboolean
varve_chunked_index_is_declared (const VarveDescriptor *descriptor)
{
  return varve_descriptor_annotation (descriptor, VARVE_ANNOTATION_CHUNKED_TOC_DIGEST) != NULL;
}

/* Exactly so many numbers, joined by colons. */
static gboolean
parse_numbers (const char *text, guint n, guint64 *out_numbers)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", NUMBERS_MAX + 1);
  if (g_strv_length (parts) != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!g_ascii_string_to_unsigned (parts[i], 10, 0, G_MAXINT64, &out_numbers[i], NULL))
      return FALSE;
  return TRUE;
}

static gboolean
read_part (const VarveDescriptor *descriptor, const char *key, guint n, VarveChunkedPart *out_part, GError **error)
{
  const char *text = varve_descriptor_annotation (descriptor, key);
  guint64 numbers[NUMBERS_MAX] = { 0 };
  if (text == NULL)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the annotation '%s' is missing", key);
  else if (!parse_numbers (text, n, numbers) || (n == TOC_NUMBERS && numbers[TOC_NUMBERS - 1] != TOC_TYPE))
    {
      g_autofree char *escaped = varve_escape (text);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the annotation '%s' is '%s': expected %s", key, escaped,
                   n == TOC_NUMBERS ? "OFFSET:LENGTH:LENGTH:1" : "OFFSET:LENGTH:LENGTH");
    }
  else if (numbers[1] > descriptor->size_bytes || numbers[0] > descriptor->size_bytes - numbers[1])
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                 "the annotation '%s' names bytes %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                 " of a blob of %" G_GUINT64_FORMAT " bytes",
                 key, numbers[0], numbers[0] + numbers[1], descriptor->size_bytes);
  else
    {
      *out_part = (VarveChunkedPart){ .offset = numbers[0], .size_bytes = numbers[1], .raw_bytes = numbers[2] };
      return TRUE;
    }
  return FALSE;
}

gboolean
varve_chunked_index_read (const VarveDescriptor *descriptor, VarveChunkedIndex *out_index, GError **error)
{
  VarveChunkedIndex index = { 0 };
  const char *digest = varve_descriptor_annotation (descriptor, VARVE_ANNOTATION_CHUNKED_TOC_DIGEST);
  if (!varve_digest_from_string (digest != NULL ? digest : "", &index.toc_digest, error))
    {
      g_prefix_error (error, "the annotation '" VARVE_ANNOTATION_CHUNKED_TOC_DIGEST "': ");
      return FALSE;
    }
  if (!read_part (descriptor, VARVE_ANNOTATION_CHUNKED_TOC_POSITION, TOC_NUMBERS, &index.toc, error))
    return FALSE;
  if (varve_descriptor_annotation (descriptor, VARVE_ANNOTATION_CHUNKED_TAR_SPLIT_POSITION) != NULL
      && !read_part (descriptor, VARVE_ANNOTATION_CHUNKED_TAR_SPLIT_POSITION, TAR_SPLIT_NUMBERS, &index.tar_split,
                     error))
    return FALSE;
  *out_index = index;
  return TRUE;
}
