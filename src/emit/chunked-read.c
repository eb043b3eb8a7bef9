/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/chunked-read.h"

#include <errno.h>
#include <string.h>

#include <zstd.h>

#include "base/error.h"

enum { OBJECTS_MAX = 1 << 22 };

/* Of any size up to @max_bytes; foreign frames need not declare theirs. */
static GBytes *
toc_decompress (GBytes *compressed, gsize max_bytes, GError **error)
{
  gsize size_bytes;
  const void *data = g_bytes_get_data (compressed, &size_bytes);
  g_autoptr (GByteArray) raw = g_byte_array_new ();
  g_autofree guint8 *buffer = g_malloc (ZSTD_DStreamOutSize ());
  ZSTD_DCtx *zstd = ZSTD_createDCtx ();
  ZSTD_inBuffer in = { .src = data, .size = size_bytes };
  size_t left = zstd != NULL ? 1 : 0;
  while (left != 0 && !ZSTD_isError (left) && raw->len <= max_bytes)
    {
      ZSTD_outBuffer out = { .dst = buffer, .size = ZSTD_DStreamOutSize () };
      left = ZSTD_decompressStream (zstd, &out, &in);
      if (!ZSTD_isError (left))
        g_byte_array_append (raw, buffer, (guint)out.pos);
      if (out.pos == 0 && in.pos == in.size)
        break;
    }
  ZSTD_freeDCtx (zstd);
  if (zstd == NULL)
    varve_set_errno (error, ENOMEM, "zstd: creating a decompressor");
  else if (raw->len > max_bytes)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                 "the table of contents is larger than the %" G_GSIZE_FORMAT " bytes that clients accept", max_bytes);
  else if (left != 0)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the table of contents: corrupt zstd data: %s",
                 ZSTD_isError (left) ? ZSTD_getErrorName (left) : "truncated");
  else
    return g_byte_array_free_to_bytes (g_steal_pointer (&raw));
  return NULL;
}

/* The parser needs some hundred bytes of memory for each object, of which a highly compressed table can have many. */
static gboolean
toc_check_objects (GBytes *raw, GError **error)
{
  gsize size_bytes;
  const char *text = g_bytes_get_data (raw, &size_bytes);
  gsize n = 0;
  for (gsize i = 0; i < size_bytes; i++)
    n += text[i] == '{';
  if (n <= OBJECTS_MAX)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than the limit of %d entries", OBJECTS_MAX);
  return FALSE;
}

json_object *
varve_toc_read (GBytes *compressed, const VarveChunkedIndex *index, const char **out_tar_split, GError **error)
{
  gsize size_bytes;
  const void *data = g_bytes_get_data (compressed, &size_bytes);
  VarveDigest digest = varve_digest_of (data, size_bytes);
  if (varve_digest_compare (&digest, &index->toc_digest) != 0)
    {
      g_autofree char *found = varve_digest_to_string (&digest), *wanted = varve_digest_to_string (&index->toc_digest);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                   "the table of contents has the digest %s: expected %s, as the annotation says", found, wanted);
      return NULL;
    }
  g_autoptr (GBytes) raw = toc_decompress (compressed, VARVE_CHUNKED_TOC_MAX_BYTES, error);
  gboolean is_read = raw != NULL && toc_check_objects (raw, error);
  g_autoptr (json_object) toc = is_read ? varve_json_parse (raw, VARVE_CHUNKED_TOC_MAX_BYTES, error) : NULL;
  if (toc == NULL || varve_json_get_array (toc, "entries", error) == NULL
      || !varve_json_find_string (toc, "tarSplitDigest", out_tar_split, error))
    {
      g_prefix_error (error, "the table of contents: ");
      return NULL;
    }
  return g_steal_pointer (&toc);
}

json_object *
varve_toc_entries (json_object *toc)
{
  return varve_json_get_array (toc, "entries", NULL);
}

/* A number that is left out where it is 0. */
static gboolean
toc_find_size (json_object *json, const char *key, guint64 *out_value, GError **error)
{
  *out_value = 0;
  return json_object_object_get_ex (json, key, NULL) ? varve_json_get_size (json, key, out_value, error) : TRUE;
}

static gboolean
toc_find_digest (json_object *json, const char *key, gboolean *out_has, VarveDigest *out_digest, GError **error)
{
  const char *text;
  if (!varve_json_find_string (json, key, &text, error))
    return FALSE;
  *out_has = text != NULL && text[0] != '\0';
  return !*out_has || varve_digest_from_string (text, out_digest, error);
}

gboolean
varve_toc_entry_parse (json_object *json, VarveTocEntry *out_entry, GError **error)
{
  VarveTocEntry entry = { 0 };
  if (!json_object_is_type (json, json_type_object))
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "an entry is not an object");
      return FALSE;
    }
  const char *type = varve_json_get_string (json, "type", error), *chunk_type;
  entry.name = type != NULL ? varve_json_get_string (json, "name", error) : NULL;
  if (entry.name == NULL || !varve_json_find_string (json, "chunkType", &chunk_type, error)
      || !toc_find_size (json, "size", &entry.size_bytes, error)
      || !toc_find_digest (json, "digest", &entry.has_digest, &entry.digest, error)
      || !toc_find_size (json, "offset", &entry.offset, error)
      || !toc_find_size (json, "endOffset", &entry.end_offset, error)
      || !toc_find_size (json, "chunkSize", &entry.chunk_bytes, error)
      || !toc_find_size (json, "chunkOffset", &entry.chunk_offset, error)
      || !toc_find_digest (json, "chunkDigest", &entry.has_chunk_digest, &entry.chunk_digest, error))
    return FALSE;
  entry.is_chunk = strcmp (type, "chunk") == 0;
  entry.is_file = strcmp (type, "reg") == 0;
  entry.is_hole = chunk_type != NULL && strcmp (chunk_type, "zeros") == 0;
  *out_entry = entry;
  return TRUE;
}

static char *
facts_to_text (json_object *facts)
{
  return varve_json_to_canonical (facts);
}

char *
varve_toc_tar_facts (const VarveTarReadEntry *entry)
{
  g_autoptr (json_object) facts = varve_toc_entry_new (entry);
  return facts_to_text (facts);
}

/* In the tar's form: whole seconds of UTC. */
static void
facts_add_time (json_object *facts, const char *text)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, utc);
  g_autoptr (GDateTime) here = time != NULL ? g_date_time_to_utc (time) : NULL;
  g_autofree char *same = here != NULL ? g_date_time_format (here, "%Y-%m-%dT%H:%M:%SZ") : g_strdup (text);
  varve_json_add_string (facts, "modtime", same);
}

char *
varve_toc_entry_facts (json_object *entry, GError **error)
{
  static const char *const TEXTS[] = { "type", "name", "linkName" };
  static const char *const NUMBERS[] = { "mode", "size", "uid", "gid" };
  g_autoptr (json_object) facts = json_object_new_object ();
  const char *text;
  guint64 number;
  json_object *xattrs;
  for (guint i = 0; i < G_N_ELEMENTS (TEXTS); i++)
    {
      if (!varve_json_find_string (entry, TEXTS[i], &text, error))
        return NULL;
      varve_json_add_string (facts, TEXTS[i], text != NULL && text[0] != '\0' ? text : NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (NUMBERS); i++)
    {
      if (!toc_find_size (entry, NUMBERS[i], &number, error))
        return NULL;
      if (number != 0)
        varve_json_add_size (facts, NUMBERS[i], number);
    }
  if (!varve_json_find_string (entry, "modtime", &text, error)
      || !varve_json_find (entry, "xattrs", json_type_object, &xattrs, error))
    return NULL;
  facts_add_time (facts, text != NULL ? text : "1970-01-01T00:00:00Z");
  if (xattrs != NULL && json_object_object_length (xattrs) > 0)
    json_object_object_add (facts, "xattrs", json_object_get (xattrs));
  return facts_to_text (facts);
}
