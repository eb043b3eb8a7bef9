/* SPDX-License-Identifier: Apache-2.0 */
/* A chunk is gathered and compressed in one call, so that its frame says its size and does not depend on how the tar
 * was written. Headers are gathered until the next content; many of them are cut, since clients need no place of
 * theirs. The two side streams are compressed as they grow and kept in memory: together about 150 bytes an entry. */
#include "emit/chunked.h"

#include <errno.h>
#include <string.h>

#include <zstd.h>

#include "base/error.h"
#include "emit/chunk-cutter.h"
#include "emit/chunked-toc.h"
#include "emit/tar-split.h"
#include "emit/tar-splitter.h"

enum {
  HEADERS_MAX_BYTES = 1 << 20, /* of a frame, and of a line of tar-split data */
  SIDE_BUFFER_BYTES = 1 << 16,
  SIDE_WINDOW_LOG = 23, /* the largest that RFC 8878 recommends every decoder to take */
  SKIPPABLE_HEADER_BYTES = 8,
  FOOTER_NUMBERS = 7,
  MANIFEST_TYPE = 1, /* a table of contents as in CRFS */
};

static const guint8 SKIPPABLE_MAGIC[] = { 0x50, 0x2a, 0x4d, 0x18 };
static const char FOOTER_MAGIC[] = { 'G', 'N', 'U', 'l', 'I', 'n', 'U', 'x' };

/* A stream beside the tar. */
typedef struct {
  ZSTD_CCtx *zstd;
  GByteArray *out;
  guint64 raw_bytes;
} SideStream;

/* The file whose content is passing. */
typedef struct {
  json_object *entry;
  char *name;
  guint64 size_bytes, crc, chunk_offset;
  VarveHash *hash;
  VarveChunkCutter cutter;
  GArray *chunks; /* VarveTocChunk */
} File;

struct _VarveChunkedWriter {
  VarveSink out;
  guint64 written_bytes;
  VarveTarSplitter *splitter;
  ZSTD_CCtx *zstd;
  guint8 *compressed;
  gsize compressed_size;
  GByteArray *headers; /* not yet compressed */
  GByteArray *chunk;   /* of content, not yet compressed */
  GByteArray *segment; /* not yet in the tar-split data */
  guint n_lines;
  gboolean has_entry;
  File file;
  SideStream toc, tar_split;
};

static gboolean
chunked_check (size_t result, GError **error)
{
  if (!ZSTD_isError (result))
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "zstd: %s", ZSTD_getErrorName (result));
  return FALSE;
}

static gboolean
side_start (SideStream *side, int level, GError **error)
{
  side->out = g_byte_array_new ();
  side->zstd = ZSTD_createCCtx ();
  if (side->zstd == NULL)
    return varve_set_errno (error, ENOMEM, "zstd: creating a compressor");
  return chunked_check (ZSTD_CCtx_setParameter (side->zstd, ZSTD_c_compressionLevel, level), error)
         && chunked_check (ZSTD_CCtx_setParameter (side->zstd, ZSTD_c_windowLog, SIDE_WINDOW_LOG), error);
}

static gboolean
side_feed (SideStream *side, const char *text, ZSTD_EndDirective directive, GError **error)
{
  guint8 buffer[SIDE_BUFFER_BYTES];
  ZSTD_inBuffer in = { .src = text, .size = strlen (text) };
  side->raw_bytes += in.size;
  for (;;)
    {
      ZSTD_outBuffer out = { .dst = buffer, .size = sizeof buffer };
      size_t left = ZSTD_compressStream2 (side->zstd, &out, &in, directive);
      if (!chunked_check (left, error))
        return FALSE;
      if (out.pos > G_MAXUINT32 - side->out->len)
        {
          g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                               "zstd:chunked: the table of contents is larger than a skippable frame can be");
          return FALSE;
        }
      g_byte_array_append (side->out, buffer, (guint)out.pos);
      if (directive == ZSTD_e_continue ? in.pos == in.size : left == 0)
        return TRUE;
    }
}

static void
side_clear (SideStream *side)
{
  ZSTD_freeCCtx (side->zstd);
  g_clear_pointer (&side->out, g_byte_array_unref);
}

static gboolean
chunked_put (VarveChunkedWriter *self, const void *bytes, gsize size_bytes, GError **error)
{
  self->written_bytes += size_bytes;
  return self->out.write (self->out.data, bytes, size_bytes, error);
}

/* Compresses what is gathered into a frame of its own. */
static gboolean
put_frame (VarveChunkedWriter *self, GByteArray *gathered, GError **error)
{
  if (gathered->len == 0)
    return TRUE;
  size_t n = ZSTD_compress2 (self->zstd, self->compressed, self->compressed_size, gathered->data, gathered->len);
  g_byte_array_set_size (gathered, 0);
  return chunked_check (n, error) && chunked_put (self, self->compressed, n, error);
}

static gboolean
put_segment (VarveChunkedWriter *self, GError **error)
{
  if (self->segment->len == 0)
    return TRUE;
  g_autofree char *line = varve_tar_split_segment (self->segment->data, self->segment->len, self->n_lines++);
  g_byte_array_set_size (self->segment, 0);
  return side_feed (&self->tar_split, line, ZSTD_e_continue, error);
}

static gboolean
chunked_frame (gpointer data, const guint8 *bytes, gsize size_bytes, GError **error)
{
  VarveChunkedWriter *self = data;
  while (size_bytes > 0)
    {
      gsize n = MIN (size_bytes, HEADERS_MAX_BYTES - self->headers->len);
      n = MIN (n, HEADERS_MAX_BYTES - self->segment->len);
      g_byte_array_append (self->headers, bytes, (guint)n);
      g_byte_array_append (self->segment, bytes, (guint)n);
      if ((self->headers->len == HEADERS_MAX_BYTES && !put_frame (self, self->headers, error))
          || (self->segment->len == HEADERS_MAX_BYTES && !put_segment (self, error)))
        return FALSE;
      bytes += n;
      size_bytes -= n;
    }
  return TRUE;
}

/* Takes @entry. */
static gboolean
put_toc_entry (VarveChunkedWriter *self, json_object *entry, GError **error)
{
  gboolean done
      = side_feed (&self->toc, self->has_entry ? "," : "{\"version\":1,\"entries\":[", ZSTD_e_continue, error)
        && side_feed (&self->toc,
                      json_object_to_json_string_ext (entry, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
                      ZSTD_e_continue, error);
  self->has_entry = TRUE;
  json_object_put (entry);
  return done;
}

static gboolean
put_split_file (VarveChunkedWriter *self, const char *name, guint64 size_bytes, guint64 crc, GError **error)
{
  if (!put_segment (self, error))
    return FALSE;
  g_autofree char *line = varve_tar_split_file (name, size_bytes, crc, self->n_lines++);
  return side_feed (&self->tar_split, line, ZSTD_e_continue, error);
}

static gboolean
chunked_entry (gpointer data, const VarveTarReadEntry *entry, GError **error)
{
  VarveChunkedWriter *self = data;
  File *file = &self->file;
  if (entry->size_bytes == 0)
    return put_split_file (self, entry->name, 0, 0, error) && put_toc_entry (self, varve_toc_entry_new (entry), error);
  file->entry = varve_toc_entry_new (entry);
  g_free (file->name);
  file->name = g_strdup (entry->name);
  file->size_bytes = entry->size_bytes;
  file->crc = file->chunk_offset = 0;
  g_array_set_size (file->chunks, 0);
  varve_chunk_cutter_begin (&file->cutter, entry->size_bytes);
  return put_frame (self, self->headers, error);
}

static gboolean
end_chunk (VarveChunkedWriter *self, GError **error)
{
  VarveTocChunk chunk = {
    .offset = self->written_bytes,
    .chunk_offset = self->file.chunk_offset,
    .size_bytes = self->chunk->len,
    .digest = varve_digest_of (self->chunk->data, self->chunk->len),
  };
  self->file.chunk_offset += chunk.size_bytes;
  g_array_append_val (self->file.chunks, chunk);
  return put_frame (self, self->chunk, error);
}

static gboolean
chunked_content (gpointer data, const guint8 *bytes, gsize size_bytes, GError **error)
{
  VarveChunkedWriter *self = data;
  File *file = &self->file;
  varve_hash_update (file->hash, bytes, size_bytes);
  file->crc = varve_crc64_update (file->crc, bytes, size_bytes);
  while (size_bytes > 0)
    {
      gboolean ends;
      gsize n = varve_chunk_cutter_next (&file->cutter, bytes, size_bytes, &ends);
      g_byte_array_append (self->chunk, bytes, (guint)n);
      if (ends && !end_chunk (self, error))
        return FALSE;
      bytes += n;
      size_bytes -= n;
    }
  return TRUE;
}

static gboolean
chunked_content_end (gpointer data, GError **error)
{
  VarveChunkedWriter *self = data;
  File *file = &self->file;
  if (self->chunk->len > 0 && !end_chunk (self, error))
    return FALSE;
  VarveDigest digest = varve_hash_finish (file->hash);
  varve_toc_entry_add_content (file->entry, &digest, file->chunks, self->written_bytes);
  if (!put_split_file (self, file->name, file->size_bytes, file->crc, error)
      || !put_toc_entry (self, g_steal_pointer (&file->entry), error))
    return FALSE;
  for (guint i = 1; i < file->chunks->len; i++)
    if (!put_toc_entry (self, varve_toc_chunk_new (file->name, &g_array_index (file->chunks, VarveTocChunk, i)), error))
      return FALSE;
  return TRUE;
}

VarveChunkedWriter *
varve_chunked_writer_new (int level, const VarveSink *out, GError **error)
{
  static const VarveTarSplitterFuncs FUNCS = { chunked_frame, chunked_entry, chunked_content, chunked_content_end };
  g_autoptr (VarveChunkedWriter) self = g_new0 (VarveChunkedWriter, 1);
  self->out = *out;
  self->splitter = varve_tar_splitter_new (&FUNCS, self);
  self->headers = g_byte_array_new ();
  self->chunk = g_byte_array_new ();
  self->segment = g_byte_array_new ();
  self->file.hash = varve_hash_new ();
  self->file.chunks = g_array_new (FALSE, FALSE, sizeof (VarveTocChunk));
  self->compressed_size = ZSTD_compressBound (MAX (HEADERS_MAX_BYTES, VARVE_CHUNK_MAX_BYTES));
  self->compressed = g_malloc (self->compressed_size);
  self->zstd = ZSTD_createCCtx ();
  if (self->zstd == NULL)
    {
      varve_set_errno (error, ENOMEM, "zstd: creating a compressor");
      return NULL;
    }
  return chunked_check (ZSTD_CCtx_setParameter (self->zstd, ZSTD_c_compressionLevel, level), error)
                 && side_start (&self->toc, level, error) && side_start (&self->tar_split, level, error)
             ? g_steal_pointer (&self)
             : NULL;
}

void
varve_chunked_writer_free (VarveChunkedWriter *self)
{
  varve_tar_splitter_free (self->splitter);
  ZSTD_freeCCtx (self->zstd);
  g_free (self->compressed);
  g_byte_array_unref (self->headers);
  g_byte_array_unref (self->chunk);
  g_byte_array_unref (self->segment);
  g_clear_pointer (&self->file.entry, json_object_put);
  g_free (self->file.name);
  varve_hash_free (self->file.hash);
  g_array_unref (self->file.chunks);
  side_clear (&self->toc);
  side_clear (&self->tar_split);
  g_free (self);
}

gboolean
varve_chunked_writer_write (VarveChunkedWriter *self, const void *bytes, gsize size_bytes, GError **error)
{
  return varve_tar_splitter_write (self->splitter, bytes, size_bytes, error);
}

static gboolean
put_skippable (VarveChunkedWriter *self, const void *bytes, gsize size_bytes, GError **error)
{
  guint8 header[SKIPPABLE_HEADER_BYTES];
  guint32 little_endian = GUINT32_TO_LE ((guint32)size_bytes);
  memcpy (header, SKIPPABLE_MAGIC, sizeof SKIPPABLE_MAGIC);
  memcpy (header + sizeof SKIPPABLE_MAGIC, &little_endian, sizeof little_endian);
  return chunked_put (self, header, sizeof header, error) && chunked_put (self, bytes, size_bytes, error);
}

static gboolean
put_side (VarveChunkedWriter *self, const SideStream *side, VarveChunkedPart *out_part, GError **error)
{
  *out_part = (VarveChunkedPart){
    .offset = self->written_bytes + SKIPPABLE_HEADER_BYTES,
    .size_bytes = side->out->len,
    .raw_bytes = side->raw_bytes,
  };
  return put_skippable (self, side->out->data, side->out->len, error);
}

/* No client reads it; it makes the blob describe itself. */
static gboolean
put_footer (VarveChunkedWriter *self, const VarveChunkedIndex *index, GError **error)
{
  const guint64 numbers[FOOTER_NUMBERS] = {
    GUINT64_TO_LE (index->toc.offset),          GUINT64_TO_LE (index->toc.size_bytes),
    GUINT64_TO_LE (index->toc.raw_bytes),       GUINT64_TO_LE (MANIFEST_TYPE),
    GUINT64_TO_LE (index->tar_split.offset),    GUINT64_TO_LE (index->tar_split.size_bytes),
    GUINT64_TO_LE (index->tar_split.raw_bytes),
  };
  guint8 footer[sizeof numbers + sizeof FOOTER_MAGIC];
  memcpy (footer, numbers, sizeof numbers);
  memcpy (footer + sizeof numbers, FOOTER_MAGIC, sizeof FOOTER_MAGIC);
  return put_skippable (self, footer, sizeof footer, error);
}

static gboolean
end_toc (VarveChunkedWriter *self, GError **error)
{
  VarveDigest digest = varve_digest_of (self->tar_split.out->data, self->tar_split.out->len);
  g_autofree char *text = varve_digest_to_string (&digest);
  g_autofree char *end
      = g_strdup_printf ("%s],\"tarSplitDigest\":\"%s\"}", self->has_entry ? "" : "{\"version\":1,\"entries\":[", text);
  return side_feed (&self->toc, end, ZSTD_e_end, error);
}

gboolean
varve_chunked_writer_finish (VarveChunkedWriter *self, VarveChunkedIndex *out_index, GError **error)
{
  VarveChunkedIndex index;
  if (!varve_tar_splitter_finish (self->splitter, error) || !put_segment (self, error)
      || !put_frame (self, self->headers, error) || !side_feed (&self->tar_split, "", ZSTD_e_end, error)
      || !end_toc (self, error))
    return FALSE;
  index.toc_digest = varve_digest_of (self->toc.out->data, self->toc.out->len);
  if (!put_side (self, &self->toc, &index.toc, error) || !put_side (self, &self->tar_split, &index.tar_split, error)
      || !put_footer (self, &index, error))
    return FALSE;
  *out_index = index;
  return TRUE;
}
