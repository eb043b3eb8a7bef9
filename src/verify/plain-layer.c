#include "verify/plain-layer.h"

#include "base/error.h"

/* Real systems grow three- to fourfold; gzip reaches 1032. */
enum { GROWTH_MAX = 256 };
static const guint64 GROWTH_FREE_BYTES = 1 << 30;

typedef struct {
  const VarvePlainLayer *layer;
  VarveDecompressor *decompressor;
  GCancellable *cancellable;
  guint64 raw_bytes, max_bytes;
} Reading;

static gssize
read_raw (gpointer source, void *buffer, gsize size_bytes, GError **error)
{
  Reading *at = source;
  gssize n = varve_decompressor_read (at->decompressor, buffer, size_bytes, error);
  if (n <= 0)
    return n;
  at->raw_bytes += (guint64)n;
  if (at->raw_bytes <= at->max_bytes)
    return n;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
               "the layer grows beyond %" G_GUINT64_FORMAT
               " bytes, %d times what it is compressed: that is no system, but a bomb",
               at->max_bytes, GROWTH_MAX);
  return -1;
}

static gboolean
read_entries (Reading *at, GError **error)
{
  g_autoptr (VarveForeignTar) tar = varve_foreign_tar_new (read_raw, at, error);
  if (tar == NULL)
    return FALSE;
  for (;;)
    {
      const VarveForeignEntry *entry;
      if (g_cancellable_set_error_if_cancelled (at->cancellable, error) || !varve_foreign_tar_next (tar, &entry, error))
        return FALSE;
      if (entry == NULL)
        return TRUE;
      if (!at->layer->func (at->layer->data, entry, tar, error))
        return FALSE;
    }
}

/* What is after the archive's end counts for the sums, and for the limit. */
static gboolean
read_rest (Reading *at, GError **error)
{
  guint8 buffer[4096];
  gssize n;
  do
    n = read_raw (at, buffer, sizeof buffer, error);
  while (n > 0);
  return n == 0;
}

gboolean
varve_plain_layer_read (const VarvePlainLayer *layer, VarveDecompressed *out_sums, GCancellable *cancellable,
                        GError **error)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (layer->image->manifest, layer->index);
  g_autoptr (GInputStream) blob = varve_blobs_open (layer->image->blobs, descriptor, cancellable, error);
  if (blob == NULL)
    return FALSE;
  g_autoptr (VarveDecompressor) decompressor
      = varve_decompressor_new (descriptor->media_type, blob, layer->findings, "", error);
  if (decompressor == NULL)
    return FALSE;
  varve_decompressor_set_cancellable (decompressor, cancellable);
  Reading at = {
    .layer = layer,
    .decompressor = decompressor,
    .cancellable = cancellable,
    .max_bytes = MAX (GROWTH_FREE_BYTES, MIN (descriptor->size_bytes, G_MAXINT64 / GROWTH_MAX) * GROWTH_MAX),
  };
  return read_entries (&at, error) && read_rest (&at, error)
         && varve_decompressor_finish (decompressor, out_sums, error);
}

static gboolean
check_digest (const char *what, const VarveDigest *expected, const VarveDigest *actual, GError **error)
{
  if (varve_digest_compare (expected, actual) == 0)
    return TRUE;
  g_autofree char *wanted = varve_digest_to_string (expected), *found = varve_digest_to_string (actual);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%s has the digest %s: expected %s", what, found, wanted);
  return FALSE;
}

gboolean
varve_plain_layer_check (const VarveImage *image, guint index, const VarveDecompressed *sums, GError **error)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (image->manifest, index);
  if (sums->size_bytes == descriptor->size_bytes)
    return check_digest ("the blob", &descriptor->digest, &sums->digest, error)
           && check_digest ("the tar", varve_config_diff_id (image->config, index), &sums->diff_id, error);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
               "the blob has %" G_GUINT64_FORMAT " bytes: expected %" G_GUINT64_FORMAT, sums->size_bytes,
               descriptor->size_bytes);
  return FALSE;
}
