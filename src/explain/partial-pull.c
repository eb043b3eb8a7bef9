/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/partial-pull.h"

#include "base/error.h"
#include "emit/chunked-read.h"

enum {
  RANGES_MAX = 1024,       /* of a request: maxNumberMissingChunks */
  MERGED_GAP_BYTES = 1024, /* autoMergePartsThreshold */
  RANGE_HEADER_BYTES
  = 180, /* of each part of a reply of several: boundary, type and range, as Go's servers write them */
};

/* A chunk, or several adjacent ones of a file, of those that the client lacks. */
typedef struct {
  guint64 offset, size_bytes; /* in the blob */
  guint file;
  gboolean is_local; /* a hole, or in another layer */
} Part;

typedef struct {
  GCancellable *cancellable;
  GHashTable *known; /* set of VarveDigest: contents and chunks that the old image has */
  GArray *parts;     /* Part, of one layer */
} Pull;

/* The table of contents of a layer. */
static json_object *
pull_read_toc (const Pull *pull, const VarveImage *image, guint layer, VarveChunkedIndex *index, GError **error)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (image->manifest, layer);
  const char *tar_split;
  if (!varve_chunked_index_read (descriptor, index, error))
    return NULL;
  if (index->toc.size_bytes > VARVE_CHUNKED_TOC_MAX_BYTES)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                           "the table of contents is larger than clients accept");
      return NULL;
    }
  g_autoptr (GInputStream) stream = varve_blobs_open (image->blobs, descriptor, pull->cancellable, error);
  g_autofree guint8 *bytes = g_malloc (index->toc.size_bytes + 1);
  guint64 left = index->toc.offset;
  gsize n = 0;
  gssize skipped = stream != NULL ? 1 : -1;
  while (skipped > 0 && left > 0)
    {
      skipped = g_input_stream_skip (stream, (gsize)MIN (left, G_MAXINT), pull->cancellable, error);
      left -= (guint64)MAX (skipped, 0);
    }
  if (skipped < 0
      || !g_input_stream_read_all (stream, bytes, (gsize)index->toc.size_bytes, &n, pull->cancellable, error))
    return NULL;
  g_autoptr (GBytes) compressed = g_bytes_new_take (g_steal_pointer (&bytes), n);
  return varve_toc_read (compressed, index, &tar_split, error);
}

static void
pull_add_known (Pull *pull, const VarveDigest *digest)
{
  g_hash_table_add (pull->known, g_memdup2 (digest, sizeof *digest));
}

static gboolean
read_known (Pull *pull, const VarveImage *image, guint layer, GError **error)
{
  VarveChunkedIndex index;
  if (!varve_chunked_index_is_declared (varve_manifest_layer (image->manifest, layer)))
    return TRUE;
  g_autoptr (json_object) toc = pull_read_toc (pull, image, layer, &index, error);
  json_object *entries = toc != NULL ? varve_toc_entries (toc) : NULL;
  for (gsize i = 0; entries != NULL && i < json_object_array_length (entries); i++)
    {
      VarveTocEntry entry;
      if (!varve_toc_entry_parse (json_object_array_get_idx (entries, i), &entry, error))
        return FALSE;
      if (entry.has_digest)
        pull_add_known (pull, &entry.digest);
      if (entry.has_chunk_digest)
        pull_add_known (pull, &entry.chunk_digest);
    }
  return toc != NULL;
}

/* The entries in reverse: like the client, ends a chunk where the next one or the next file begins, if the entry does
 * not say it. Missing files' chunks become parts, in order. */
static gboolean
find_parts (Pull *pull, json_object *entries, const VarveChunkedIndex *index, GError **error)
{
  gsize n = json_object_array_length (entries);
  g_autofree guint64 *ends = g_new0 (guint64, n + 1);
  guint64 next = index->toc.offset;
  VarveTocEntry entry;
  gboolean is_missing = FALSE;
  for (gsize i = n; i-- > 0;)
    {
      if (!varve_toc_entry_parse (json_object_array_get_idx (entries, i), &entry, error))
        return FALSE;
      gboolean is_whole = !entry.is_chunk && !entry.has_chunk_digest && entry.end_offset != 0;
      ends[i] = is_whole ? entry.end_offset : next;
      next = entry.offset != 0 ? entry.offset : next;
    }
  g_array_set_size (pull->parts, 0);
  for (gsize i = 0; i < n; i++)
    {
      if (!varve_toc_entry_parse (json_object_array_get_idx (entries, i), &entry, error))
        return FALSE;
      if (!entry.is_chunk)
        is_missing = entry.has_digest && !g_hash_table_contains (pull->known, &entry.digest);
      if (!is_missing || entry.offset == 0 || ends[i] < entry.offset)
        continue;
      Part part = { .offset = entry.offset, .size_bytes = ends[i] - entry.offset, .file = (guint)i };
      if (entry.is_chunk && pull->parts->len > 0)
        part.file = g_array_index (pull->parts, Part, pull->parts->len - 1).file;
      part.is_local
          = entry.is_hole || (entry.has_chunk_digest && g_hash_table_contains (pull->known, &entry.chunk_digest));
      g_array_append_val (pull->parts, part);
    }
  return TRUE;
}

static int
compare_gaps (gconstpointer a, gconstpointer b)
{
  guint64 left = *(const guint64 *)a, right = *(const guint64 *)b;
  return (left > right) - (left < right);
}

/* Bytes of the ranges that are asked for, merged as the client does. The sum of the fetched chunks and of the gaps that
 * are merged: which gaps these are follows from their sizes alone. */
static guint64
count_ranges (const Pull *pull)
{
  g_autoptr (GArray) gaps = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint64 bytes = 0, end = 0;
  guint n_ranges = 0;
  for (guint i = 0; i < pull->parts->len; i++)
    {
      const Part *part = &g_array_index (pull->parts, Part, i);
      if (part->is_local)
        continue;
      guint64 gap = part->offset > end ? part->offset - end : 0; /* the order is outside data */
      bytes += part->size_bytes;
      if (n_ranges > 0 && gap == 0 && i > 0 && g_array_index (pull->parts, Part, i - 1).file == part->file)
        n_ranges--; /* the same range */
      else if (n_ranges > 0)
        g_array_append_val (gaps, gap);
      n_ranges++;
      end = MAX (end, part->offset + part->size_bytes);
    }
  g_array_sort (gaps, compare_gaps);
  gint64 to_merge = (gint64)n_ranges - RANGES_MAX;
  for (guint i = 0; i < gaps->len; i++)
    {
      guint64 gap = g_array_index (gaps, guint64, i);
      if (to_merge < 0 && gap > MERGED_GAP_BYTES)
        continue;
      bytes += gap;
      n_ranges--;
      to_merge--;
    }
  return bytes + (n_ranges > 1 ? (guint64)n_ranges * RANGE_HEADER_BYTES : 0);
}

static gboolean
add_layer (Pull *pull, const VarveImage *image, guint layer, VarveDiffClient *client, GError **error)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (image->manifest, layer);
  VarveChunkedIndex index;
  client->layers++;
  if (!varve_chunked_index_is_declared (descriptor))
    {
      client->bytes += descriptor->size_bytes;
      return TRUE;
    }
  g_autoptr (json_object) toc = pull_read_toc (pull, image, layer, &index, error);
  if (toc == NULL || !find_parts (pull, varve_toc_entries (toc), &index, error))
    return FALSE;
  guint64 bytes = index.toc.size_bytes + index.tar_split.size_bytes + 2 * RANGE_HEADER_BYTES + count_ranges (pull);
  client->bytes += bytes;
  return TRUE;
}

gboolean
varve_partial_pull_add (const VarveImage *old, const VarveImage *new, VarveDiff *diff, GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (GHashTable) known
      = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (Part));
  Pull pull = { .cancellable = cancellable, .known = known, .parts = parts };
  VarveDiffClient client = { 0 };
  gboolean has_partial = FALSE;
  for (guint i = 0; i < diff->layers->len; i++)
    {
      const VarveDiffLayer *layer = varve_diff_layer (diff, i);
      has_partial = has_partial
                    || (layer->is_new_diff_id
                        && varve_chunked_index_is_declared (varve_manifest_layer (new->manifest, layer->index)));
    }
  for (guint i = 0; has_partial && i < old->manifest->layers->len; i++)
    if (!read_known (&pull, old, i, error))
      return FALSE;
  for (guint i = 0; has_partial && i < diff->layers->len; i++)
    if (varve_diff_layer (diff, i)->is_new_diff_id
        && !add_layer (&pull, new, varve_diff_layer (diff, i)->index, &client, error))
      return FALSE;
  diff->has_partial = has_partial;
  diff->by_parts = client;
  return TRUE;
}
