/* One pass over the blob: it is hashed, decompressed, hashed again and read as a tar, piece by piece. */
#include "verify/read-layers.h"

#include "base/error.h"
#include "verify/layer-paths.h"

enum { PLACE_DIGITS = 12 };

typedef struct {
  const VarveReadLayer *layer;
  VarveLayerRecord *record;
  VarveDecompressor *decompressor;
  VarveTarReader *reader;
  VarveLayerPaths *paths;
  VarveLayerObjects *objects;
  GCancellable *cancellable;
} Reading;

char *
varve_layer_place (const VarveImage *image, guint index)
{
  g_autofree char *hex = varve_digest_to_hex (&varve_manifest_layer (image->manifest, index)->digest);
  return g_strdup_printf ("layer %u (sha256:%.*s…)", index, PLACE_DIGITS, hex);
}

static gssize
read_tar (gpointer source, void *buffer, gsize size_bytes, GError **error)
{
  return varve_decompressor_read (source, buffer, size_bytes, error);
}

static gboolean
take_entry (Reading *at, const VarveTarReadEntry *entry, GError **error)
{
  g_autofree char *clean = varve_layer_paths_clean (at->paths, entry, at->reader);
  VarveObjectName name;
  if (clean == NULL)
    return TRUE;
  if (!varve_layer_paths_is_repo (entry, clean))
    varve_layer_paths_take (at->paths, entry, clean, at->reader);
  else if (varve_object_name_parse (clean, &name, NULL))
    return varve_layer_objects_take (at->objects, &name, entry, at->reader, at->cancellable, error);
  else
    return varve_layer_paths_take_repo (at->paths, entry, clean, at->reader, error);
  return TRUE;
}

static gboolean
has_failed (const Reading *at)
{
  return at->layer->sink != NULL && varve_findings_count (at->layer->findings, VARVE_SEVERITY_ERROR) > 0;
}

static gboolean
read_entries (Reading *at, GError **error)
{
  while (!has_failed (at))
    {
      const VarveTarReadEntry *entry;
      if (g_cancellable_set_error_if_cancelled (at->cancellable, error)
          || !varve_tar_reader_next (at->reader, &entry, error))
        return FALSE;
      if (entry == NULL)
        {
          varve_layer_objects_finish (at->objects);
          varve_layer_paths_finish (at->paths);
          at->record->is_complete = TRUE;
          return TRUE;
        }
      if (!take_entry (at, entry, error))
        return FALSE;
    }
  return TRUE;
}

/* Whether the layer is to blame, rather than the system or the sink. */
static gboolean
blame (const Reading *at, GError *failure)
{
  gboolean is_ours = failure->domain == VARVE_ERROR && failure->code != VARVE_ERROR_IO;
  if (at->layer->sink != NULL || !is_ours)
    return FALSE;
  varve_findings_add (at->layer->findings, VARVE_SEVERITY_ERROR,
                      g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND) ? "layer.missing"
                                                                                    : "layer.unreadable",
                      at->record->place, "%s", failure->message);
  return TRUE;
}

static void
compare_digest (const Reading *at, const char *rule, const char *what, const VarveDigest *expected,
                const VarveDigest *actual)
{
  if (varve_digest_compare (expected, actual) == 0)
    return;
  g_autofree char *wanted = varve_digest_to_string (expected), *found = varve_digest_to_string (actual);
  varve_findings_add (at->layer->findings, VARVE_SEVERITY_ERROR, rule, at->record->place, "%s %s: expected %s", what,
                      found, wanted);
}

static void
judge_sums (const Reading *at)
{
  const VarveImage *image = at->layer->image;
  const VarveDescriptor *descriptor = varve_manifest_layer (image->manifest, at->layer->index);
  const VarveDecompressed *sums = &at->record->sums;
  gboolean is_blob = at->layer->tar == NULL;
  if (is_blob && sums->size_bytes != descriptor->size_bytes)
    varve_findings_add (at->layer->findings, VARVE_SEVERITY_ERROR, "layer.size", at->record->place,
                        "the blob has %" G_GUINT64_FORMAT " bytes: expected %" G_GUINT64_FORMAT, sums->size_bytes,
                        descriptor->size_bytes);
  if (is_blob)
    compare_digest (at, "layer.digest", "the blob has the digest", &descriptor->digest, &sums->digest);
  if (at->layer->index < image->config->diff_ids->len)
    compare_digest (at, "layer.diff-id", "the tar has the digest",
                    varve_config_diff_id (image->config, at->layer->index), &sums->diff_id);
}

static GInputStream *
open_stream (const Reading *at, const VarveDescriptor *descriptor, GError **error)
{
  if (at->layer->tar != NULL)
    return g_object_ref (at->layer->tar);
  if (at->layer->blob != NULL)
    return g_object_ref (at->layer->blob);
  return varve_blobs_open (at->layer->image->blobs, descriptor, at->cancellable, error);
}

static gboolean
open_layer (Reading *at, GError **error)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (at->layer->image->manifest, at->layer->index);
  g_autoptr (GInputStream) stream = open_stream (at, descriptor, error);
  if (stream == NULL)
    return FALSE;
  const char *media_type = at->layer->tar != NULL ? VARVE_MEDIA_TYPE_LAYER : descriptor->media_type;
  at->decompressor = varve_decompressor_new (media_type, stream, at->layer->findings, at->record->place, error);
  if (at->decompressor == NULL)
    return FALSE;
  varve_decompressor_set_cancellable (at->decompressor, at->cancellable);
  return TRUE;
}

static gboolean
read_tar_layer (Reading *at, GError **error)
{
  g_autoptr (VarveTarReader) reader
      = varve_tar_reader_new (read_tar, at->decompressor, at->layer->findings, at->record->place);
  g_autoptr (VarveLayerPaths) paths = varve_layer_paths_new (at->record, at->layer->findings);
  g_autoptr (VarveLayerObjects) objects
      = varve_layer_objects_new (at->layer->role, at->record, at->layer->findings, at->layer->sink);
  at->reader = reader;
  at->paths = paths;
  at->objects = objects;
  return read_entries (at, error);
}

/* TRUE where the layer is to blame: that is a finding then. Takes @failure. */
static gboolean
end_with (const Reading *at, GError *failure, GError **error)
{
  if (blame (at, failure))
    {
      g_error_free (failure);
      return TRUE;
    }
  g_propagate_prefixed_error (error, failure, "%s: ", at->record->place);
  return FALSE;
}

/* The sums are wanted even of a tar that cannot be read; the reason why they cannot be had is then known already. */
static gboolean
read_all (Reading *at, GError **error)
{
  GError *failure = NULL;
  if (!open_layer (at, &failure))
    return end_with (at, failure, error);
  if (at->layer->role == VARVE_LAYER_DERIVED)
    at->record->is_complete = TRUE;
  else if (!read_tar_layer (at, &failure) && !end_with (at, failure, error))
    return FALSE;
  if (has_failed (at))
    return TRUE;
  gboolean is_readable = at->record->is_complete;
  failure = NULL;
  if (varve_decompressor_finish (at->decompressor, &at->record->sums, &failure))
    {
      at->record->has_sums = TRUE;
      judge_sums (at);
      return TRUE;
    }
  at->record->is_complete = FALSE;
  if (is_readable)
    return end_with (at, failure, error);
  g_error_free (failure);
  return TRUE;
}

VarveLayerRecord *
varve_read_layer (const VarveReadLayer *layer, GCancellable *cancellable, GError **error)
{
  g_autofree char *place = varve_layer_place (layer->image, layer->index);
  g_autoptr (VarveLayerRecord) record = varve_layer_record_new (place);
  Reading at = { .layer = layer, .record = record, .cancellable = cancellable };
  gboolean ok = read_all (&at, error);
  g_clear_pointer (&at.decompressor, varve_decompressor_free);
  varve_observer_advance (layer->observer, varve_manifest_layer (layer->image->manifest, layer->index)->size_bytes);
  return ok ? g_steal_pointer (&record) : NULL;
}
