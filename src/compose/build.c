/* SPDX-License-Identifier: Apache-2.0 */
/* From a draft to a published image: reuses or writes the layers, then writes config, manifest and index. */
#include "compose/build.h"

#include <string.h>

#include "base/error.h"
#include "base/parallel.h"
#include "compose/annotations.h"
#include "compose/reused-layer.h"
#include "emit/ledger-text.h"
#include "emit/pool.h"
#include "model/image-keys.h"
#include "transport/target.h"

/* Up to this many components are named in a layer's history, as ostree-ext does. */
enum { HISTORY_NAMES_MAX = 5 };

/* A layer of the image: reused, or written by the pool. */
typedef struct {
  const VarveDescriptor *reused; /* of the previous image; NULL for a new layer */
  VarveLayerResult result;
} Layer;

typedef struct {
  const VarveBuildOptions *options;
  const VarveDraft *draft;
  VarveTarget *target;
  VarveConfig *config;
  VarveObserver *observer;
  GArray *layers; /* Layer: the commit layer first, then as in the plan */
} Build;

static Layer *
layer_at (const Build *build, guint index)
{
  return &g_array_index (build->layers, Layer, index);
}

static gboolean
publish_blob (gpointer data, VarveTempfile *file, const VarveLayerResult *result, GError **error)
{
  Build *build = data;
  return varve_layout_publish_blob (varve_target_layout (build->target), file, &result->digest, result->size_bytes,
                                    error);
}

static gboolean
write_new (Build *build, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  const VarveDraft *draft = build->draft;
  g_autofree VarvePoolLayer *layers = g_new0 (VarvePoolLayer, build->layers->len);
  guint n_layers = 0;
  for (guint i = 0; i < build->layers->len; i++)
    {
      if (layer_at (build, i)->reused != NULL)
        continue;
      const VarveDraftLayer *planned = varve_draft_layer (draft, i);
      GArray *objects = planned->objects;
      VarvePoolLayer *layer = &layers[n_layers++];
      layer->whiteouts = planned->kind == VARVE_DRAFT_WHITEOUTS ? draft->whiteouts : NULL;
      layer->objects = objects != NULL ? (const guint32 *)(const void *)objects->data : NULL;
      layer->n_objects = objects != NULL ? objects->len : 0;
    }
  VarvePool pool = {
    .inventory = draft->inventory,
    .source = draft->source,
    .format = draft->format,
    .compress = build->options->compress,
    .jobs = MAX (build->options->draft.jobs, 1),
    .blobs_fd = varve_layout_blobs_fd (varve_target_layout (build->target)),
    .publish = publish_blob,
    .publish_data = build,
    .observer = observer,
  };
  if (!varve_pool_write (&pool, layers, n_layers, cancellable, error))
    return FALSE;
  for (guint i = 0, n = 0; i < build->layers->len; i++)
    if (layer_at (build, i)->reused == NULL)
      layer_at (build, i)->result = layers[n++].result;
  return TRUE;
}

/* Whether no blob of a reused layer is needed here: the build then trusts the image that it comes from. */
static gboolean
leaves_blob_out (const Build *build, const VarvePrevious *former)
{
  return build->options->is_thin || varve_target_has_layers_of (build->target, former->name);
}

static gboolean
reuse_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Build *build = data;
  Layer *layer = layer_at (build, (guint)index);
  const VarvePrevious *former = varve_draft_layer (build->draft, (guint)index)->former;
  if (layer->reused == NULL)
    return TRUE;
  gboolean done = varve_reused_layer_check (layer->reused, &layer->result.diff_id, error)
                  && (leaves_blob_out (build, former)
                      || varve_reused_layer_get (varve_target_layout (build->target), former, layer->reused,
                                                 &layer->result.diff_id, cancellable, error));
  if (!done)
    g_prefix_error (error, "reusing layer %" G_GSIZE_FORMAT ": ", index);
  varve_observer_advance (build->observer, layer->result.size_bytes);
  return done;
}

static gboolean
reuse_layers (Build *build, GCancellable *cancellable, GError **error)
{
  guint64 total_bytes = 0;
  g_array_set_size (build->layers, build->draft->layers->len);
  for (guint i = 0; i < build->layers->len; i++)
    {
      Layer *layer = layer_at (build, i);
      layer->reused = varve_draft_reused (build->draft, i, &layer->result.diff_id);
      if (layer->reused == NULL)
        continue;
      layer->result.digest = layer->reused->digest;
      layer->result.size_bytes = layer->reused->size_bytes;
      total_bytes += layer->result.size_bytes;
    }
  varve_observer_begin (build->observer, "reusing layers", total_bytes);
  return varve_parallel_for (build->options->draft.jobs, build->layers->len, reuse_layer, build, cancellable, error);
}

static char *
history_line (const GPtrArray *names)
{
  g_autoptr (GString) line = g_string_new (NULL);
  gboolean is_long = names->len > HISTORY_NAMES_MAX;
  const char *separator = is_long ? ", " : " and ";
  if (is_long)
    g_string_append_printf (line, "%u components: ", names->len);
  for (guint i = 0; i < MIN (names->len, HISTORY_NAMES_MAX); i++)
    g_string_append_printf (line, "%s%s", i > 0 ? separator : "", (const char *)names->pdata[i]);
  if (is_long)
    g_string_append (line, ", …");
  return g_string_free (g_steal_pointer (&line), FALSE);
}

/* How much of a kept layer is stale; the annotations of an earlier image may say something else. */
static void
describe_stale (VarveDescriptor *descriptor, const VarveDraftLayer *layer)
{
  guint n_objects = layer->stale != NULL ? layer->stale->len : 0;
  g_autofree char *objects = g_strdup_printf ("%u", n_objects);
  g_autofree char *bytes = g_strdup_printf ("%" G_GUINT64_FORMAT, layer->stale_bytes);
  varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_STALE_OBJECTS, n_objects > 0 ? objects : NULL);
  varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_STALE_BYTES, n_objects > 0 ? bytes : NULL);
}

/* The components are those of what is live in it. */
static void
describe_contents (VarveDescriptor *descriptor, const VarvePlan *plan, const VarvePlanLayer *planned)
{
  g_autoptr (GPtrArray) names = varve_plan_layer_names (plan, planned);
  g_autofree char *components = varve_components_join (names);
  g_autofree char *probability = varve_probability_to_string (planned->probability);
  varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_COMPONENTS, components);
  if (varve_descriptor_annotation (descriptor, VARVE_ANNOTATION_PROBABILITY) == NULL)
    varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_PROBABILITY, probability);
}

/* The media type of a reused layer stays. A layer by another tool gets the annotations of ours, but for a content key.
 */
static VarveDescriptor *
describe_layer (const Build *build, guint index)
{
  const Layer *layer = layer_at (build, index);
  const VarveDraftLayer *planned = varve_draft_layer (build->draft, index);
  g_autoptr (VarveDescriptor) descriptor = NULL;
  if (layer->reused != NULL)
    descriptor = varve_descriptor_copy (layer->reused);
  else
    descriptor = varve_layer_result_describe (&layer->result, build->options->compress.compression);
  g_autofree char *diff_id = varve_digest_to_string (&layer->result.diff_id);
  varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_DIFF_ID, diff_id);
  varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_CONTENT_KEY, planned->key);
  if (planned->kind == VARVE_DRAFT_OBJECTS)
    describe_contents (descriptor, build->draft->plan, varve_plan_layer (build->draft->plan, index - 1));
  else if (planned->kind == VARVE_DRAFT_WHITEOUTS)
    varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_COMPONENTS, "");
  describe_stale (descriptor, planned);
  return g_steal_pointer (&descriptor);
}

/* What its history entry says; for the first layer it says something else. */
static char *
history_of_layer (const Build *build, guint index)
{
  if (varve_draft_layer (build->draft, index)->kind == VARVE_DRAFT_WHITEOUTS)
    return g_strdup ("whiteouts of what is stale in other layers");
  g_autoptr (GPtrArray) names
      = varve_plan_layer_names (build->draft->plan, varve_plan_layer (build->draft->plan, index - 1));
  return history_line (names);
}

static void
add_history (Build *build)
{
  const VarveCommit *commit = build->draft->commit;
  g_autofree char *checksum = varve_digest_to_hex (&build->draft->inventory->commit);
  g_autofree char *export_line = g_strconcat ("ostree export of commit ", checksum, NULL);
  const char *subject = commit->subject[0] != '\0' ? commit->subject : export_line;
  if (build->draft->format == VARVE_FORMAT_PLAIN)
    subject = "folders";
  varve_config_add_layer (build->config, &layer_at (build, 0)->result.diff_id, build->config->created, subject);
  for (guint i = 1; i < build->layers->len; i++)
    {
      g_autofree char *line = history_of_layer (build, i);
      varve_config_add_layer (build->config, &layer_at (build, i)->result.diff_id, build->config->created, line);
    }
}

/* For the next build. An image whose ledger is too large is published without it. */
static gboolean
add_ledger (const Build *build, VarveManifest *manifest, GError **error)
{
  VarveLedger *ledger = build->draft->ledger;
  for (guint i = 1; i <= build->draft->plan->layers->len; i++)
    if (layer_at (build, i)->reused == NULL)
      varve_ledger_measure (ledger, build->draft->plan, varve_plan_layer (build->draft->plan, i - 1),
                            layer_at (build, i)->result.size_bytes);
  g_autoptr (GError) local_error = NULL;
  g_autofree char *text = varve_ledger_to_text (ledger, &local_error);
  if (text != NULL)
    {
      varve_manifest_annotate (manifest, VARVE_ANNOTATION_LEDGER, text);
      return TRUE;
    }
  if (!g_error_matches (local_error, VARVE_ERROR, VARVE_ERROR_LIMIT))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  varve_observer_warn (build->observer, "%s: the image has no ledger, so the next build has no change history",
                       local_error->message);
  return TRUE;
}

/* A saved manifest has no config, so the time is in the manifest too. */
static void
add_history_of_images (const Build *build, VarveManifest *manifest)
{
  if (varve_string_map_get (manifest->annotations, VARVE_ANNOTATION_CREATED) == NULL)
    varve_manifest_annotate (manifest, VARVE_ANNOTATION_CREATED, build->config->created);
  if (build->draft->previous == NULL)
    return;
  g_autofree char *commit = varve_digest_to_hex (&build->draft->inventory->commit);
  g_autoptr (GPtrArray) list = varve_previous_predecessors (build->draft->previous, commit);
  g_autofree char *text = varve_predecessors_to_text (list);
  if (list->len > 0)
    varve_manifest_annotate (manifest, VARVE_ANNOTATION_PREDECESSORS, text);
}

static VarveManifest *
make_manifest (Build *build, GError **error)
{
  VarveLayout *layout = varve_target_layout (build->target);
  add_history (build);
  g_autofree char *final_diff_id = varve_digest_to_string (&layer_at (build, build->layers->len - 1)->result.diff_id);
  if (build->draft->format == VARVE_FORMAT_OSTREE)
    varve_config_set_label (build->config, VARVE_LABEL_FINAL_DIFF_ID, final_diff_id);
  g_autoptr (GBytes) config_bytes = varve_config_to_bytes (build->config);
  g_autoptr (VarveManifest) manifest = varve_manifest_new ();
  VarveDigest config_digest;
  if (!varve_layout_add_blob (layout, config_bytes, &config_digest, error))
    return NULL;
  manifest->config = varve_descriptor_new (VARVE_MEDIA_TYPE_CONFIG, &config_digest, g_bytes_get_size (config_bytes));
  for (guint i = 0; i < build->layers->len; i++)
    g_ptr_array_add (manifest->layers, describe_layer (build, i));
  manifest->annotations = varve_image_annotations_new (build->config, &build->options->config, error);
  if (manifest->annotations == NULL || !add_ledger (build, manifest, error))
    return NULL;
  add_history_of_images (build, manifest);
  if (build->draft->format == VARVE_FORMAT_PLAIN)
    {
      g_autofree char *commit = varve_digest_to_hex (&build->draft->inventory->commit);
      varve_manifest_annotate (manifest, VARVE_ANNOTATION_COMMIT, commit);
    }
  return g_steal_pointer (&manifest);
}

/* Importers refuse larger manifests, so none is published. */
static gboolean
check_size (GBytes *manifest, GError **error)
{
  if (g_bytes_get_size (manifest) <= VARVE_DOCUMENT_MAX_BYTES)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
               "the manifest has %" G_GSIZE_FORMAT " bytes: importers accept at most %d; use fewer labels or layers",
               g_bytes_get_size (manifest), VARVE_DOCUMENT_MAX_BYTES);
  return FALSE;
}

static gboolean
publish_image (Build *build, VarveDigest *out_digest, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveManifest) manifest = make_manifest (build, error);
  g_autoptr (GBytes) bytes = manifest != NULL ? varve_manifest_to_bytes (manifest) : NULL;
  if (bytes == NULL || !check_size (bytes, error)
      || !varve_layout_add_blob (varve_target_layout (build->target), bytes, out_digest, error))
    return FALSE;
  g_autoptr (VarveDescriptor) descriptor
      = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, out_digest, g_bytes_get_size (bytes));
  descriptor->architecture = g_strdup (build->config->architecture);
  descriptor->os = g_strdup (build->config->os);
  descriptor->variant = g_strdup (build->config->variant);
  return varve_target_publish (build->target, descriptor,
                               build->options->is_thin ? VARVE_ARCHIVE_THIN : VARVE_ARCHIVE_WHOLE, cancellable, error);
}

static VarveReport *
make_report (const Build *build, const VarveDigest *digest)
{
  VarveReport *report = varve_report_of_draft (build->draft);
  report->digest = varve_digest_to_string (digest);
  report->architecture = g_strdup (build->config->architecture);
  report->created = g_strdup (build->config->created);
  for (guint i = 0; i < build->layers->len; i++)
    {
      VarveReportLayer *layer = g_ptr_array_index (report->layers, i);
      const Layer *written = layer_at (build, i);
      layer->state = written->reused != NULL ? VARVE_LAYER_REUSED : VARVE_LAYER_NEW;
      layer->digest = written->result.digest;
      layer->diff_id = written->result.diff_id;
      layer->size_bytes = written->result.size_bytes;
      if (written->reused == NULL)
        layer->raw_bytes = written->result.raw_bytes;
    }
  return report;
}

VarveReport *
varve_build (const VarveBuildOptions *options, const VarveReference *target, VarveObserver *observer,
             GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveDraft) draft = varve_draft_new (&options->draft, observer, cancellable, error);
  if (draft == NULL)
    return NULL;
  VarveImageOrigin origin = {
    .commit = draft->commit,
    .commit_checksum = draft->inventory->commit,
    .ref = options->draft.ref,
    .is_plain = draft->format == VARVE_FORMAT_PLAIN,
    .base = draft->input != NULL ? draft->input->config : NULL,
  };
  g_autoptr (VarveConfig) config = varve_image_config_new (&origin, &options->config, observer, error);
  g_autoptr (VarveTarget) opened = config != NULL ? varve_target_open (target, observer, cancellable, error) : NULL;
  if (opened == NULL)
    return NULL;
  g_autoptr (GArray) layers = g_array_new (FALSE, TRUE, sizeof (Layer));
  Build build = {
    .options = options, .draft = draft, .target = opened, .config = config, .observer = observer, .layers = layers
  };
  if (options->prunes)
    varve_layout_prune_when_published (varve_target_layout (opened));
  VarveDigest digest;
  if (!reuse_layers (&build, cancellable, error) || !write_new (&build, observer, cancellable, error)
      || !publish_image (&build, &digest, cancellable, error))
    return NULL;
  return make_report (&build, &digest);
}
