/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the blob: it is hashed, decompressed, hashed again and read as a tar, piece by piece. */
#include "verify/read-layers.h"

#include "base/error.h"
#include "verify/chunked-check.h"
#include "verify/layer-paths.h"
#include "verify/stale.h"

enum { PLACE_DIGITS = 12 };

typedef struct {
  const VarveReadLayer *layer;
  VarveLayerRecord *record;
  VarveDecompressor *decompressor;
  VarveChunkedCheck *chunked; /* NULL for none */
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
  const Reading *reading = source;
  gssize n = varve_decompressor_read (reading->decompressor, buffer, size_bytes, error);
  if (n > 0 && reading->chunked != NULL)
    varve_chunked_check_feed (reading->chunked, buffer, (gsize)n);
  return n;
}

static gboolean
take_entry (Reading *reading, const VarveTarReadEntry *entry, GError **error)
{
  g_autofree char *clean = varve_layer_paths_clean (reading->paths, entry, reading->reader);
  VarveObjectName name;
  if (clean == NULL)
    return TRUE;
  if (!varve_layer_paths_is_repo (entry, clean))
    varve_layer_paths_take (reading->paths, entry, clean, reading->reader);
  else if (varve_object_name_parse (clean, &name, NULL))
    return varve_layer_objects_take (reading->objects, &name, entry, reading->reader, reading->cancellable, error);
  else
    return varve_layer_paths_take_repo (reading->paths, entry, clean, reading->reader, error);
  return TRUE;
}

static gboolean
has_failed (const Reading *reading)
{
  return reading->layer->sink != NULL && varve_findings_count (reading->layer->findings, VARVE_SEVERITY_ERROR) > 0;
}

static gboolean
read_entries (Reading *reading, GError **error)
{
  while (!has_failed (reading))
    {
      const VarveTarReadEntry *entry;
      if (g_cancellable_set_error_if_cancelled (reading->cancellable, error)
          || !varve_tar_reader_next (reading->reader, &entry, error))
        return FALSE;
      if (entry == NULL)
        {
          varve_layer_objects_finish (reading->objects);
          varve_layer_paths_finish (reading->paths);
          reading->record->is_complete = TRUE;
          return TRUE;
        }
      if (!take_entry (reading, entry, error))
        return FALSE;
    }
  return TRUE;
}

/* Whether the layer is to blame, rather than the system or the sink. */
static gboolean
is_fault_of_layer (const Reading *reading, GError *failure)
{
  gboolean is_ours = failure->domain == VARVE_ERROR && failure->code != VARVE_ERROR_IO;
  if (reading->layer->sink != NULL || !is_ours)
    return FALSE;
  varve_findings_add (reading->layer->findings, VARVE_SEVERITY_ERROR,
                      g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND) ? "layer.missing"
                                                                                    : "layer.unreadable",
                      reading->record->place, "%s", failure->message);
  return TRUE;
}

static void
compare_digest (const Reading *reading, const char *rule, const char *what, const VarveDigest *expected,
                const VarveDigest *actual)
{
  if (varve_digest_compare (expected, actual) == 0)
    return;
  g_autofree char *wanted = varve_digest_to_string (expected), *found = varve_digest_to_string (actual);
  varve_findings_add (reading->layer->findings, VARVE_SEVERITY_ERROR, rule, reading->record->place,
                      "%s has digest %s, expected %s", what, found, wanted);
}

static void
judge_sums (const Reading *reading)
{
  const VarveImage *image = reading->layer->image;
  const VarveDescriptor *descriptor = varve_manifest_layer (image->manifest, reading->layer->index);
  const VarveDecompressed *sums = &reading->record->sums;
  gboolean is_blob = reading->layer->tar == NULL;
  if (is_blob && sums->size_bytes != descriptor->size_bytes)
    varve_findings_add (reading->layer->findings, VARVE_SEVERITY_ERROR, "layer.size", reading->record->place,
                        "the blob has %" G_GUINT64_FORMAT " bytes, expected %" G_GUINT64_FORMAT, sums->size_bytes,
                        descriptor->size_bytes);
  if (is_blob)
    compare_digest (reading, "layer.digest", "the blob", &descriptor->digest, &sums->digest);
  if (reading->layer->index < image->config->diff_ids->len)
    compare_digest (reading, "layer.diff-id", "the tar", varve_config_diff_id (image->config, reading->layer->index),
                    &sums->diff_id);
}

static GInputStream *
open_stream (const Reading *reading, const VarveDescriptor *descriptor, GError **error)
{
  if (reading->layer->tar != NULL)
    return g_object_ref (reading->layer->tar);
  if (reading->layer->blob != NULL)
    return g_object_ref (reading->layer->blob);
  return varve_blobs_open (reading->layer->image->blobs, descriptor, reading->cancellable, error);
}

static gboolean
open_layer (Reading *reading, GError **error)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (reading->layer->image->manifest, reading->layer->index);
  g_autoptr (GInputStream) stream = open_stream (reading, descriptor, error);
  if (stream == NULL)
    return FALSE;
  const char *media_type = reading->layer->tar != NULL ? VARVE_MEDIA_TYPE_LAYER : descriptor->media_type;
  reading->decompressor
      = varve_decompressor_new (media_type, stream, reading->layer->findings, reading->record->place, error);
  if (reading->decompressor == NULL)
    return FALSE;
  varve_decompressor_set_cancellable (reading->decompressor, reading->cancellable);
  if (reading->layer->checks_chunks && reading->layer->tar == NULL)
    reading->chunked
        = varve_chunked_check_new (descriptor, reading->decompressor, reading->layer->findings, reading->record->place);
  return TRUE;
}

static gboolean
read_tar_layer (Reading *reading, GError **error)
{
  g_autoptr (VarveTarReader) reader
      = varve_tar_reader_new (read_tar, reading, reading->layer->findings, reading->record->place);
  g_autoptr (VarveLayerPaths) paths = varve_layer_paths_new (reading->record, reading->layer->findings);
  g_autoptr (VarveLayerObjects) objects
      = varve_layer_objects_new (reading->layer->role, reading->record, reading->layer->findings, reading->layer->sink);
  reading->reader = reader;
  reading->paths = paths;
  reading->objects = objects;
  return read_entries (reading, error);
}

/* TRUE for a fault of the layer, which becomes a finding. Takes @failure. */
static gboolean
reading_fail (const Reading *reading, GError *failure, GError **error)
{
  if (is_fault_of_layer (reading, failure))
    {
      g_error_free (failure);
      return TRUE;
    }
  g_propagate_prefixed_error (error, failure, "%s: ", reading->record->place);
  return FALSE;
}

/* The digests are checked even where the tar cannot be read; an error in computing them is then already reported. */
static gboolean
read_all (Reading *reading, GError **error)
{
  GError *failure = NULL;
  if (!open_layer (reading, &failure))
    return reading_fail (reading, failure, error);
  if (reading->layer->role == VARVE_LAYER_DERIVED)
    reading->record->is_complete = TRUE;
  else if (!read_tar_layer (reading, &failure) && !reading_fail (reading, failure, error))
    return FALSE;
  if (has_failed (reading))
    return TRUE;
  gboolean is_readable = reading->record->is_complete;
  failure = NULL;
  if (varve_decompressor_finish (reading->decompressor, &reading->record->sums, &failure))
    {
      reading->record->has_sums = TRUE;
      if (is_readable && reading->chunked != NULL)
        varve_chunked_check_finish (reading->chunked);
      judge_sums (reading);
      return TRUE;
    }
  reading->record->is_complete = FALSE;
  if (is_readable)
    return reading_fail (reading, failure, error);
  g_error_free (failure);
  return TRUE;
}

VarveLayerRecord *
varve_read_layer (const VarveReadLayer *layer, GCancellable *cancellable, GError **error)
{
  g_autofree char *place = varve_layer_place (layer->image, layer->index);
  g_autoptr (VarveLayerRecord) record = varve_layer_record_new (place);
  record->may_be_stale = varve_stale_is_declared (varve_manifest_layer (layer->image->manifest, layer->index));
  Reading reading = { .layer = layer, .record = record, .cancellable = cancellable };
  gboolean ok = read_all (&reading, error);
  g_clear_pointer (&reading.decompressor, varve_decompressor_free);
  g_clear_pointer (&reading.chunked, varve_chunked_check_free);
  varve_observer_advance (layer->observer, varve_manifest_layer (layer->image->manifest, layer->index)->size_bytes);
  return ok ? g_steal_pointer (&record) : NULL;
}
