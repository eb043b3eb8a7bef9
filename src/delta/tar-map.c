/* SPDX-License-Identifier: Apache-2.0 */
#include "delta/tar-map.h"

#include "base/error.h"
#include "base/fasthash.h"
#include "delta/tardiff.h"

#define TAR_MAX_BYTES (64ull << 30)

VarveTarMap *
varve_tar_map_new (VarveExtent tar)
{
  VarveTarMap *map = g_new0 (VarveTarMap, 1);
  map->entries = g_array_new (FALSE, FALSE, sizeof (VarveTarMapEntry));
  map->strings = g_string_chunk_new (1 << 16);
  map->tar = tar;
  return map;
}

typedef struct {
  const VarveTarMapOptions *options;
  VarveTarMap *map;
  VarveDecompressor *decompressor;
  VarveExtentFileWriter *writer;
  VarveFasthash *hash;
} Reading;

void
varve_tar_map_free (VarveTarMap *map)
{
  g_array_unref (map->entries);
  g_string_chunk_free (map->strings);
  g_free (map);
}

static gssize
reading_read (gpointer source, void *buffer, gsize size_bytes, GError **error)
{
  Reading *reading = source;
  gssize n = varve_decompressor_read (reading->decompressor, buffer, size_bytes, error);
  if (n > 0 && !varve_extent_file_writer_write (reading->writer, buffer, (gsize)n, error))
    return -1;
  if (n > 0)
    varve_observer_advance (reading->options->observer, (guint64)n);
  return n;
}

static gboolean
reading_hash_content (Reading *reading, VarveTarReader *reader, guint64 *out_hash, GError **error)
{
  const guint8 *data;
  gsize n;
  do
    {
      if (!varve_tar_reader_chunk (reader, &data, &n, error))
        return FALSE;
      varve_fasthash_update (reading->hash, data, n);
    }
  while (n > 0);
  *out_hash = varve_fasthash_finish (reading->hash);
  return TRUE;
}

static const char *
map_keep_name (VarveTarMap *map, const char *name)
{
  g_autofree char *clean = varve_tardiff_clean_name (name);
  return clean != NULL ? g_string_chunk_insert (map->strings, clean) : "";
}

static gboolean
reading_take_entry (Reading *reading, VarveTarReader *reader, const VarveTarReadEntry *entry, GError **error)
{
  VarveTarMapEntry kept = {
    .type = (char)(entry->is_sparse ? VARVE_TAR_SPARSE : entry->type),
    .name = map_keep_name (reading->map, entry->name),
    .link_name = entry->type == VARVE_TAR_HARD_LINK ? map_keep_name (reading->map, entry->link_name) : "",
    .content_at = varve_tar_reader_offset (reader),
    .size_bytes = entry->size_bytes,
    .mode = entry->mode,
  };
  if (kept.type == VARVE_TAR_FILE && reading->options->kind == VARVE_TAR_MAP_HASHED
      && !reading_hash_content (reading, reader, &kept.hash, error))
    return FALSE;
  g_array_append_val (reading->map->entries, kept);
  return TRUE;
}

static gboolean
reading_take_entries (Reading *reading, VarveTarReader *reader, GError **error)
{
  const VarveTarReadEntry *entry;
  do
    if (!varve_tar_reader_next (reader, &entry, error)
        || (entry != NULL && !reading_take_entry (reading, reader, entry, error)))
      return FALSE;
  while (entry != NULL);
  return TRUE;
}

static gboolean
reading_take_layer (Reading *reading, GError **error)
{
  g_autoptr (VarveTarReader) reader = varve_tar_reader_new (reading_read, reading, NULL, "layer");
  return reading_take_entries (reading, reader, error)
         && varve_extent_file_writer_finish (reading->writer, &reading->map->tar, error)
         && varve_decompressor_finish (reading->decompressor, &reading->map->sums, error);
}

static gboolean
map_check_sums (const VarveTarMap *map, const VarveDescriptor *descriptor, const VarveDigest *diff_id, GError **error)
{
  gboolean blob_is_right = map->sums.size_bytes == descriptor->size_bytes
                           && varve_digest_compare (&map->sums.digest, &descriptor->digest) == 0;
  if (blob_is_right && varve_digest_compare (&map->sums.diff_id, diff_id) == 0)
    return TRUE;
  g_autofree char *found = varve_digest_to_string (blob_is_right ? &map->sums.diff_id : &map->sums.digest);
  g_autofree char *expected = varve_digest_to_string (blob_is_right ? diff_id : &descriptor->digest);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the %s is %s, expected %s",
               blob_is_right ? "diff ID" : "digest", found, expected);
  return FALSE;
}

VarveTarMap *
varve_tar_map_read (const VarveImage *image, guint layer, const VarveTarMapOptions *options, GCancellable *cancellable,
                    GError **error)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (image->manifest, layer);
  g_autofree char *digest = varve_digest_to_string (&descriptor->digest);
  g_autoptr (GInputStream) blob = varve_blobs_open (image->blobs, descriptor, cancellable, error);
  g_autoptr (VarveDecompressor) decompressor
      = blob != NULL ? varve_decompressor_new (descriptor->media_type, blob, NULL, "layer", error) : NULL;
  if (decompressor == NULL)
    {
      g_prefix_error (error, "layer %u (%s): ", layer, digest);
      return NULL;
    }
  varve_decompressor_set_cancellable (decompressor, cancellable);
  g_autoptr (VarveTarMap) map = varve_tar_map_new ((VarveExtent){ 0 });
  g_autoptr (VarveExtentFileWriter) writer = varve_extent_file_writer_new (options->spool, TAR_MAX_BYTES);
  g_autoptr (VarveFasthash) hash = varve_fasthash_new ();
  Reading reading = { .options = options, .map = map, .decompressor = decompressor, .writer = writer, .hash = hash };
  if (reading_take_layer (&reading, error)
      && map_check_sums (map, descriptor, varve_config_diff_id (image->config, layer), error))
    return g_steal_pointer (&map);
  g_prefix_error (error, "layer %u (%s): ", layer, digest);
  return NULL;
}

VarveTarMap *
varve_tar_map_of_headers (VarveTarReadFunc read, gpointer source, VarveExtent tar, GError **error)
{
  static const VarveTarMapOptions PLAIN = { .kind = VARVE_TAR_MAP_PLAIN };
  g_autoptr (VarveTarMap) map = varve_tar_map_new (tar);
  g_autoptr (VarveTarReader) reader = varve_tar_reader_new (read, source, NULL, "layer");
  Reading reading = { .options = &PLAIN, .map = map };
  return reading_take_entries (&reading, reader, error) ? g_steal_pointer (&map) : NULL;
}
