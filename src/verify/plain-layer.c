/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a layer with libarchive, as importers of ordinary images do, under a limit on its uncompressed size. */
#include "verify/plain-layer.h"

#include "base/error.h"
#include "verify/chunked-check.h"
#include "verify/read-layers.h"

/* Real systems grow by three to four when decompressed; gzip's maximum is 1032. */
enum { GROWTH_MAX = 256 };
static const guint64 GROWTH_FREE_BYTES = 1 << 30;

typedef struct {
  const VarvePlainLayer *layer;
  VarveDecompressor *decompressor;
  VarveChunkedCheck *chunked; /* NULL for none */
  GCancellable *cancellable;
  guint64 raw_bytes, file_bytes, max_bytes;
} Reading;

static gboolean
plain_fail_size (const Reading *reading, const char *what, GError **error)
{
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
               "%s more than %" G_GUINT64_FORMAT
               " bytes uncompressed, %d times its blob: refused as a decompression bomb",
               what, reading->max_bytes, GROWTH_MAX);
  return FALSE;
}

static gssize
plain_read_raw (gpointer source, void *buffer, gsize size_bytes, GError **error)
{
  Reading *reading = source;
  gssize n = varve_decompressor_read (reading->decompressor, buffer, size_bytes, error);
  if (n <= 0)
    return n;
  reading->raw_bytes += (guint64)n;
  if (reading->chunked != NULL)
    varve_chunked_check_feed (reading->chunked, buffer, (gsize)n);
  if (reading->layer->composefs != NULL)
    varve_composefs_tar_feed (reading->layer->composefs, buffer, (gsize)n);
  if (reading->raw_bytes <= reading->max_bytes)
    return n;
  plain_fail_size (reading, "the layer has", error);
  return -1;
}

/* Holes of sparse files are not in the tar. */
static gboolean
plain_check_file (Reading *reading, const VarveForeignEntry *entry, GError **error)
{
  if (entry->size_bytes <= reading->max_bytes - reading->file_bytes)
    {
      reading->file_bytes += entry->size_bytes;
      return TRUE;
    }
  g_autofree char *escaped = varve_escape (entry->name);
  g_autofree char *what = g_strdup_printf ("with '%s' the files of the layer have", escaped);
  return plain_fail_size (reading, what, error);
}

static gboolean
plain_read_entries (Reading *reading, GError **error)
{
  g_autoptr (VarveForeignTar) tar = varve_foreign_tar_new (plain_read_raw, reading, error);
  if (tar == NULL)
    return FALSE;
  for (;;)
    {
      const VarveForeignEntry *entry;
      if (g_cancellable_set_error_if_cancelled (reading->cancellable, error)
          || !varve_foreign_tar_next (tar, &entry, error))
        return FALSE;
      if (entry == NULL)
        return TRUE;
      if (!plain_check_file (reading, entry, error) || !reading->layer->func (reading->layer->data, entry, tar, error))
        return FALSE;
    }
}

/* Bytes after the end of the archive count for the digests and for the limit. */
static gboolean
plain_read_rest (Reading *reading, GError **error)
{
  guint8 buffer[4096];
  gssize n;
  do
    n = plain_read_raw (reading, buffer, sizeof buffer, error);
  while (n > 0);
  return n == 0;
}

static GInputStream *
plain_open (const VarvePlainLayer *layer, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  if (layer->tar != NULL)
    return g_object_ref (layer->tar);
  if (layer->blob != NULL)
    return g_object_ref (layer->blob);
  return varve_blobs_open (layer->image->blobs, descriptor, cancellable, error);
}

gboolean
varve_plain_layer_read (const VarvePlainLayer *layer, VarveDecompressed *out_sums, GCancellable *cancellable,
                        GError **error)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (layer->image->manifest, layer->index);
  const char *media_type = layer->tar != NULL ? VARVE_MEDIA_TYPE_LAYER : descriptor->media_type;
  g_autoptr (GInputStream) blob = plain_open (layer, descriptor, cancellable, error);
  if (blob == NULL)
    return FALSE;
  g_autofree char *place = varve_layer_place (layer->image, layer->index);
  g_autoptr (VarveDecompressor) decompressor = varve_decompressor_new (media_type, blob, layer->findings, place, error);
  if (decompressor == NULL)
    return FALSE;
  varve_decompressor_set_cancellable (decompressor, cancellable);
  varve_decompressor_allow_members (decompressor);
  g_autoptr (VarveChunkedCheck) chunked
      = layer->checks_chunks && layer->tar == NULL
            ? varve_chunked_check_new (descriptor, decompressor, layer->findings, place)
            : NULL;
  Reading reading = {
    .layer = layer,
    .decompressor = decompressor,
    .chunked = chunked,
    .cancellable = cancellable,
    .max_bytes = MAX (GROWTH_FREE_BYTES, MIN (descriptor->size_bytes, G_MAXINT64 / GROWTH_MAX) * GROWTH_MAX),
  };
  if (!plain_read_entries (&reading, error) || !plain_read_rest (&reading, error)
      || !varve_decompressor_finish (decompressor, out_sums, error))
    return FALSE;
  if (chunked != NULL)
    varve_chunked_check_finish (chunked);
  return TRUE;
}

static gboolean
plain_check_digest (const char *what, const VarveDigest *expected, const VarveDigest *actual, GError **error)
{
  if (varve_digest_compare (expected, actual) == 0)
    return TRUE;
  g_autofree char *wanted = varve_digest_to_string (expected), *found = varve_digest_to_string (actual);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%s has digest %s, expected %s", what, found, wanted);
  return FALSE;
}

gboolean
varve_plain_layer_check (const VarvePlainLayer *layer, const VarveDecompressed *sums, GError **error)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (layer->image->manifest, layer->index);
  const VarveDigest *diff_id = varve_config_diff_id (layer->image->config, layer->index);
  gboolean is_blob = layer->tar == NULL;
  if (is_blob && sums->size_bytes != descriptor->size_bytes)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                   "the blob has %" G_GUINT64_FORMAT " bytes, expected %" G_GUINT64_FORMAT, sums->size_bytes,
                   descriptor->size_bytes);
      return FALSE;
    }
  return (!is_blob || plain_check_digest ("the blob", &descriptor->digest, &sums->digest, error))
         && plain_check_digest ("the tar", diff_id, &sums->diff_id, error);
}
