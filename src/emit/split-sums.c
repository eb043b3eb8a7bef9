/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/split-sums.h"

#include <errno.h>
#include <string.h>

#include <zstd.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"

enum { LINE_FILE = 1, LINE_SEGMENT = 2, LINE_MAX_BYTES = 64 << 20, CRC_BYTES = 8 };

/* The text is at most this many times as large as the tar without contents: base64 makes 4 bytes of 3, a name is in it
 * once more with up to 6 bytes for each, and a line has less than 100 bytes besides. */
#define TEXT_RATIO_MAX 8ull

struct _VarveSplitSums {
  VarveHash *bytes, *files;
  guint64 n_bytes;
};

VarveSplitSums *
varve_split_sums_new (void)
{
  VarveSplitSums *sums = g_new0 (VarveSplitSums, 1);
  sums->bytes = varve_hash_new ();
  sums->files = varve_hash_new ();
  return sums;
}

void
varve_split_sums_free (VarveSplitSums *sums)
{
  varve_hash_free (sums->bytes);
  varve_hash_free (sums->files);
  g_free (sums);
}

void
varve_split_sums_add_bytes (VarveSplitSums *sums, const guint8 *bytes, gsize size_bytes)
{
  varve_hash_update (sums->bytes, bytes, size_bytes);
  sums->n_bytes += size_bytes;
}

/* After how many of the bytes it comes is part of it. */
void
varve_split_sums_add_file (VarveSplitSums *sums, const char *name, guint64 size_bytes, guint64 crc)
{
  guint64 numbers[] = { sums->n_bytes, size_bytes, size_bytes > 0 ? crc : 0 };
  varve_hash_update (sums->files, name, strlen (name) + 1);
  varve_hash_update (sums->files, numbers, sizeof numbers);
}

static gboolean
split_fail (const char *message, GError **error)
{
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the tar-split data: %s", message);
  return FALSE;
}

static gboolean
take_file (VarveSplitSums *sums, json_object *line, const guint8 *payload, gsize payload_bytes, GError **error)
{
  guint64 size_bytes = 0, crc = 0;
  const char *name = varve_json_get_string (line, "name", error);
  if (name == NULL
      || (json_object_object_get_ex (line, "size", NULL) && !varve_json_get_size (line, "size", &size_bytes, error)))
    return FALSE;
  if (size_bytes > 0 && payload_bytes != CRC_BYTES)
    return split_fail ("a file without a checksum", error);
  for (gsize i = 0; i < payload_bytes; i++)
    crc = crc << 8 | payload[i];
  varve_split_sums_add_file (sums, name, size_bytes, crc);
  return TRUE;
}

static gboolean
take_line (VarveSplitSums *sums, const GByteArray *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text->data, text->len);
  g_autoptr (json_object) line = varve_json_parse (bytes, LINE_MAX_BYTES, error);
  guint64 type;
  const char *base64 = NULL;
  json_object *member;
  if (line == NULL || !varve_json_get_size (line, "type", &type, error))
    return FALSE;
  if (json_object_object_get_ex (line, "payload", &member) && member != NULL
      && !varve_json_find_string (line, "payload", &base64, error))
    return FALSE;
  gsize payload_bytes = 0;
  g_autofree guint8 *payload = base64 != NULL ? g_base64_decode (base64, &payload_bytes) : NULL;
  if (type == LINE_FILE)
    return take_file (sums, line, payload, payload_bytes, error);
  if (type != LINE_SEGMENT)
    return split_fail ("a line of an unknown type", error);
  varve_split_sums_add_bytes (sums, payload, payload_bytes);
  return TRUE;
}

/* @line has the beginning of a line, and keeps the one that the piece ends in. */
static gboolean
take_piece (VarveSplitSums *sums, GByteArray *line, const guint8 *piece, gsize size_bytes, GError **error)
{
  while (size_bytes > 0)
    {
      const guint8 *end = memchr (piece, '\n', size_bytes);
      gsize n = end != NULL ? (gsize)(end - piece) : size_bytes;
      if (n > LINE_MAX_BYTES - line->len)
        return split_fail ("a line is longer than the limit", error);
      g_byte_array_append (line, piece, (guint)n);
      if (end == NULL)
        return TRUE;
      if (!take_line (sums, line, error))
        return FALSE;
      g_byte_array_set_size (line, 0);
      piece += n + 1;
      size_bytes -= n + 1;
    }
  return TRUE;
}

static gboolean
take_lines (VarveSplitSums *sums, ZSTD_DCtx *zstd, const GByteArray *compressed, guint64 max_bytes, GError **error)
{
  guint64 n_bytes = 0;
  gsize out_bytes = ZSTD_DStreamOutSize ();
  g_autofree guint8 *buffer = g_malloc (out_bytes);
  g_autoptr (GByteArray) line = g_byte_array_new ();
  ZSTD_inBuffer in = { .src = compressed->data, .size = compressed->len };
  size_t left = 1;
  while (left != 0)
    {
      ZSTD_outBuffer out = { .dst = buffer, .size = out_bytes };
      left = ZSTD_decompressStream (zstd, &out, &in);
      if (ZSTD_isError (left))
        return split_fail (ZSTD_getErrorName (left), error);
      if (left != 0 && out.pos == 0 && in.pos == in.size)
        return split_fail ("truncated zstd data", error);
      n_bytes += out.pos;
      if (n_bytes > max_bytes)
        return split_fail ("larger than the tar's headers can need", error);
      if (!take_piece (sums, line, buffer, out.pos, error))
        return FALSE;
    }
  return line->len == 0 || split_fail ("the last line is not ended", error);
}

gboolean
varve_split_sums_check (VarveSplitSums *sums, const GByteArray *compressed, GError **error)
{
  g_autoptr (VarveSplitSums) said = varve_split_sums_new ();
  ZSTD_DCtx *zstd = ZSTD_createDCtx ();
  if (zstd == NULL)
    return varve_set_errno (error, ENOMEM, "zstd: creating a decompressor");
  guint64 max_bytes = TEXT_RATIO_MAX * (sums->n_bytes + (1 << 20));
  gboolean done = take_lines (said, zstd, compressed, max_bytes, error);
  ZSTD_freeDCtx (zstd);
  if (!done)
    return FALSE;
  VarveDigest bytes[] = { varve_hash_finish (sums->bytes), varve_hash_finish (said->bytes) };
  VarveDigest files[] = { varve_hash_finish (sums->files), varve_hash_finish (said->files) };
  if (varve_digest_compare (&bytes[0], &bytes[1]) != 0)
    return split_fail ("it gives other headers or padding than the tar has", error);
  return varve_digest_compare (&files[0], &files[1]) == 0
         || split_fail ("it has other files, sizes or checksums than the tar", error);
}
