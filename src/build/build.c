#include "build/build.h"

#include <string.h>

#include "base/error.h"
#include "emit/content-key.h"
#include "emit/pool.h"
#include "transport/target.h"

/* History names the components of a layer one by one up to this many, as ostree-ext does. */
enum { HISTORY_NAMES_MAX = 5 };

typedef struct {
  const VarveBuildOptions *options;
  const VarveDraft *draft;
  VarveTarget *target;
  VarveConfig *config;
  VarvePoolLayer *layers; /* the commit layer first, then as in the plan */
  guint n_layers;
} Build;

static gboolean
publish_blob (gpointer data, VarveTempfile *file, const VarveLayerResult *result, GError **error)
{
  Build *build = data;
  return varve_layout_publish_blob (varve_target_layout (build->target), file, &result->digest, error);
}

static gboolean
write_layers (Build *build, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  const VarveDraft *draft = build->draft;
  build->n_layers = draft->objects->len + 1;
  build->layers = g_new0 (VarvePoolLayer, build->n_layers);
  for (guint i = 1; i < build->n_layers; i++)
    {
      GArray *objects = g_ptr_array_index (draft->objects, i - 1);
      build->layers[i].objects = (const guint32 *)(const void *)objects->data;
      build->layers[i].n_objects = objects->len;
    }
  VarvePool pool = {
    .inventory = draft->inventory,
    .source = varve_repo_source (draft->repo),
    .compress = build->options->compress,
    .jobs = MAX (build->options->draft.jobs, 1),
    .blobs_fd = varve_layout_blobs_fd (varve_target_layout (build->target)),
    .publish = publish_blob,
    .publish_data = build,
    .observer = observer,
  };
  return varve_pool_write (&pool, build->layers, build->n_layers, cancellable, error);
}

/* Commas separate the names, so none may be in one. */
static char *
join_components (const GPtrArray *names)
{
  g_autoptr (GString) joined = g_string_new (NULL);
  for (guint i = 0; i < names->len; i++)
    {
      g_string_append (joined, i > 0 ? "," : "");
      for (const char *c = names->pdata[i]; *c != '\0'; c++)
        g_string_append_c (joined, *c == ',' ? '_' : *c);
    }
  return g_string_free (g_steal_pointer (&joined), FALSE);
}

static char *
history_line (const GPtrArray *names)
{
  g_autoptr (GString) line = g_string_new (NULL);
  if (names->len > HISTORY_NAMES_MAX)
    g_string_append_printf (line, "%u components: ", names->len);
  for (guint i = 0; i < MIN (names->len, HISTORY_NAMES_MAX); i++)
    g_string_append_printf (line, "%s%s", i == 0 ? "" : names->len > HISTORY_NAMES_MAX ? ", " : " and ", (const char *)names->pdata[i]);
  if (names->len > HISTORY_NAMES_MAX)
    g_string_append (line, ", …");
  return g_string_free (g_steal_pointer (&line), FALSE);
}

static VarveDescriptor *
describe_layer (const Build *build, guint index)
{
  const VarvePoolLayer *layer = &build->layers[index];
  VarveDescriptor *descriptor = varve_descriptor_new (varve_compression_media_type (build->options->compress.compression),
                                                      &layer->result.digest, layer->result.size_bytes);
  if (index == 0)
    return descriptor;
  const VarvePlanLayer *planned = varve_plan_layer (build->draft->plan, index - 1);
  g_autoptr (GPtrArray) names = varve_plan_layer_names (build->draft->plan, planned);
  VarveDigest key = varve_content_key (build->draft->inventory, layer->objects, layer->n_objects);
  g_autofree char *components = join_components (names);
  g_autofree char *key_text = varve_digest_to_string (&key);
  g_autofree char *probability = varve_probability_to_string (planned->probability);
  varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_COMPONENTS, components);
  varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_CONTENT_KEY, key_text);
  varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_PROBABILITY, probability);
  return descriptor;
}

static void
add_history (Build *build)
{
  const VarveCommit *commit = build->draft->commit;
  g_autofree char *checksum = varve_digest_to_hex (&build->draft->inventory->commit);
  g_autofree char *export_line = g_strconcat ("ostree export of commit ", checksum, NULL);
  const char *subject = commit->subject[0] != '\0' ? commit->subject : export_line;
  varve_config_add_layer (build->config, &build->layers[0].result.diff_id, build->config->created, subject);
  for (guint i = 1; i < build->n_layers; i++)
    {
      g_autoptr (GPtrArray) names = varve_plan_layer_names (build->draft->plan, varve_plan_layer (build->draft->plan, i - 1));
      g_autofree char *line = history_line (names);
      varve_config_add_layer (build->config, &build->layers[i].result.diff_id, build->config->created, line);
    }
}

static VarveManifest *
make_manifest (Build *build, GError **error)
{
  VarveLayout *layout = varve_target_layout (build->target);
  add_history (build);
  g_autofree char *final_diff_id = varve_digest_to_string (&build->layers[build->n_layers - 1].result.diff_id);
  varve_config_set_label (build->config, "ostree.final-diffid", final_diff_id);
  g_autoptr (GBytes) config_bytes = varve_config_to_bytes (build->config);
  g_autoptr (VarveManifest) manifest = varve_manifest_new ();
  VarveDigest config_digest;
  if (!varve_layout_add_blob (layout, config_bytes, &config_digest, error))
    return NULL;
  manifest->config = varve_descriptor_new (VARVE_MEDIA_TYPE_CONFIG, &config_digest, g_bytes_get_size (config_bytes));
  for (guint i = 0; i < build->n_layers; i++)
    g_ptr_array_add (manifest->layers, describe_layer (build, i));
  manifest->annotations = varve_image_annotations_new (build->config, &build->options->config, error);
  return manifest->annotations != NULL ? g_steal_pointer (&manifest) : NULL;
}

/* What the importers of the field take at most; checked here so that no image is published that none can read. */
static gboolean
check_size (GBytes *manifest, GError **error)
{
  if (g_bytes_get_size (manifest) <= VARVE_DOCUMENT_MAX_BYTES)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "the manifest would have %" G_GSIZE_FORMAT " bytes: importers take at most %d",
               g_bytes_get_size (manifest), VARVE_DOCUMENT_MAX_BYTES);
  return FALSE;
}

static gboolean
publish (Build *build, VarveDigest *out_digest, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveManifest) manifest = make_manifest (build, error);
  g_autoptr (GBytes) bytes = manifest != NULL ? varve_manifest_to_bytes (manifest) : NULL;
  if (bytes == NULL || !check_size (bytes, error)
      || !varve_layout_add_blob (varve_target_layout (build->target), bytes, out_digest, error))
    return FALSE;
  g_autoptr (VarveDescriptor) descriptor = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, out_digest, g_bytes_get_size (bytes));
  descriptor->architecture = g_strdup (build->config->architecture);
  descriptor->os = g_strdup (build->config->os);
  descriptor->variant = g_strdup (build->config->variant);
  return varve_target_publish (build->target, descriptor, VARVE_ARCHIVE_WHOLE, cancellable, error);
}

static VarveReport *
report (const Build *build, const VarveDigest *digest)
{
  VarveReport *report = varve_report_of_draft (build->draft);
  report->digest = varve_digest_to_string (digest);
  report->architecture = g_strdup (build->config->architecture);
  report->created = g_strdup (build->config->created);
  for (guint i = 0; i < build->n_layers; i++)
    {
      VarveReportLayer *layer = g_ptr_array_index (report->layers, i);
      const VarveLayerResult *result = &build->layers[i].result;
      layer->state = VARVE_LAYER_NEW;
      layer->digest = result->digest;
      layer->diff_id = result->diff_id;
      layer->size_bytes = result->size_bytes;
      layer->raw_bytes = result->raw_bytes;
    }
  return report;
}

VarveReport *
varve_build (const VarveBuildOptions *options, const VarveReference *target, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveDraft) draft = varve_draft_new (&options->draft, observer, cancellable, error);
  if (draft == NULL)
    return NULL;
  VarveImageOrigin origin = { .commit = draft->commit, .commit_checksum = draft->inventory->commit, .ref = options->draft.ref };
  g_autoptr (VarveConfig) config = varve_image_config_new (&origin, &options->config, observer, error);
  g_autoptr (VarveTarget) opened = config != NULL ? varve_target_open (target, observer, cancellable, error) : NULL;
  if (opened == NULL)
    return NULL;
  Build build = { .options = options, .draft = draft, .target = opened, .config = config };
  VarveDigest digest;
  VarveReport *result = NULL;
  if (write_layers (&build, observer, cancellable, error) && publish (&build, &digest, cancellable, error))
    result = report (&build, &digest);
  g_free (build.layers);
  return result;
}
