/* SPDX-License-Identifier: Apache-2.0 */
/* Collects the facts of a plan, a build or an existing image, and writes their JSON. */
#include "compose/report.h"

#include <string.h>

#include "base/error.h"
#include "compose/annotations.h"
#include "compose/image-ledger.h"
#include "emit/pool.h"
#include "model/image-keys.h"
#include "verify/dropped-xattrs.h"

static void
report_layer_free (gpointer data)
{
  VarveReportLayer *layer = data;
  g_free (layer->key);
  g_ptr_array_unref (layer->components);
  g_ptr_array_unref (layer->stale_paths);
  g_free (layer);
}

static void
report_input_free (gpointer data)
{
  VarveReportInput *input = data;
  g_free (input->name);
  g_free (input->digest);
  g_free (input);
}

static VarveReport *
report_new (void)
{
  VarveReport *report = g_new0 (VarveReport, 1);
  report->layers = g_ptr_array_new_with_free_func (report_layer_free);
  report->inputs = g_ptr_array_new_with_free_func (report_input_free);
  report->remembered_steps = -1;
  return report;
}

void
varve_report_free (VarveReport *report)
{
  g_free (report->image);
  g_free (report->digest);
  g_free (report->commit);
  g_free (report->architecture);
  g_free (report->created);
  g_free (report->version);
  g_ptr_array_unref (report->layers);
  g_ptr_array_unref (report->inputs);
  g_clear_pointer (&report->labels, json_object_put);
  g_clear_pointer (&report->skipped, json_object_put);
  g_clear_pointer (&report->dropped, json_object_put);
  g_free (report);
}

static VarveReportLayer *
report_add_layer (VarveReport *report, VarveLayerState state)
{
  VarveReportLayer *layer = g_new0 (VarveReportLayer, 1);
  layer->state = state;
  layer->probability = -1;
  layer->stale_since = VARVE_STALE_SINCE_UNKNOWN;
  layer->components = g_ptr_array_new_with_free_func (g_free);
  layer->stale_paths = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (report->layers, layer);
  return layer;
}

const VarveReportLayer *
varve_report_layer (const VarveReport *report, guint index)
{
  g_return_val_if_fail (index < report->layers->len, NULL);
  return g_ptr_array_index (report->layers, index);
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
add_stale_objects (VarveReportLayer *layer, const GPtrArray *stale)
{
  layer->stale_since = varve_stale_objects_since (stale);
  for (guint i = 0; stale != NULL && i < stale->len; i++)
    for (char **path = ((VarveStaleObject *)stale->pdata[i])->paths; *path != NULL; path++)
      g_ptr_array_add (layer->stale_paths, g_strconcat ("/", *path, NULL));
  g_ptr_array_sort (layer->stale_paths, compare_paths);
}

static void
add_planned_stale (VarveReportLayer *layer, const VarveDraftLayer *planned)
{
  layer->stale_objects = planned->stale != NULL ? planned->stale->len : 0;
  layer->stale_bytes = planned->stale_bytes;
  add_stale_objects (layer, planned->stale);
}

static void
add_planned_layer (VarveReport *report, const VarveDraft *draft, guint index)
{
  const VarveDraftLayer *planned = varve_draft_layer (draft, index);
  VarveReportLayer *layer = report_add_layer (report, VARVE_LAYER_PLANNED);
  const VarveDescriptor *reused = varve_draft_reused (draft, index, &layer->diff_id);
  layer->key = g_strdup (planned->key);
  layer->is_commit = planned->kind == VARVE_DRAFT_FIRST && draft->format == VARVE_FORMAT_OSTREE;
  if (reused != NULL)
    {
      layer->state = VARVE_LAYER_REUSED;
      layer->digest = reused->digest;
      layer->size_bytes = reused->size_bytes;
    }
  layer->is_whiteouts = planned->kind == VARVE_DRAFT_WHITEOUTS;
  if (planned->kind != VARVE_DRAFT_OBJECTS)
    return;
  add_planned_stale (layer, planned);
  const VarvePlanLayer *in_plan = varve_plan_layer (draft->plan, index - 1);
  layer->raw_bytes = varve_pool_layer_bytes (
      draft->format, draft->inventory, (const guint32 *)(const void *)planned->objects->data, planned->objects->len);
  layer->expected_bytes = in_plan->size_bytes;
  layer->probability = in_plan->probability;
  g_autoptr (GPtrArray) names = varve_plan_layer_names (draft->plan, in_plan);
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (layer->components, g_strdup (names->pdata[i]));
}

static json_object *
skipped_to_json (const VarveSkipped *skipped)
{
  json_object *json = json_object_new_object ();
  for (guint i = 0; i < VARVE_SKIPPED_KINDS; i++)
    {
      if (skipped->kinds[i].count == 0)
        continue;
      json_object *kind = json_object_new_object (), *paths = json_object_new_array ();
      varve_json_add_size (kind, "count", skipped->kinds[i].count);
      for (guint j = 0; j < skipped->kinds[i].paths->len; j++)
        {
          g_autofree char *escaped = varve_escape (skipped->kinds[i].paths->pdata[j]);
          json_object_array_add (paths, json_object_new_string (escaped));
        }
      json_object_object_add (kind, "paths", paths);
      json_object_object_add (json, varve_skipped_kind_to_string (i), kind);
    }
  return json;
}

static json_object *
dropped_to_json (const GPtrArray *dropped)
{
  json_object *json = json_object_new_array ();
  for (guint i = 0; i < dropped->len; i++)
    {
      const VarveDroppedXattr *xattr = dropped->pdata[i];
      g_autofree char *name = varve_escape (xattr->name), *path = varve_escape (xattr->path);
      json_object *entry = json_object_new_object ();
      varve_json_add_string (entry, "name", name);
      varve_json_add_size (entry, "count", xattr->n_paths);
      varve_json_add_string (entry, "path", path);
      json_object_array_add (json, entry);
    }
  return json;
}

static void
add_input (VarveReport *report, const char *role, const char *name, const VarveDigest *digest)
{
  VarveReportInput *input = g_new0 (VarveReportInput, 1);
  input->role = role;
  input->name = g_strdup (name);
  input->digest = digest != NULL ? varve_digest_to_hex (digest) : NULL;
  g_ptr_array_add (report->inputs, input);
}

static void
add_former (VarveReport *report, const char *role, const VarvePrevious *former)
{
  if (former != NULL)
    add_input (report, role, former->name, former->image != NULL ? &former->image->descriptor->digest : NULL);
}

static void
add_inputs (VarveReport *report, const VarveDraft *draft)
{
  add_input (report, draft->input_role, draft->input_name, &draft->input_digest);
  add_former (report, "previous", draft->previous);
  add_former (report, "base", draft->base);
  for (guint i = 0; i < draft->shares->len; i++)
    add_former (report, "share", draft->shares->pdata[i]);
}

VarveReport *
varve_report_of_draft (const VarveDraft *draft)
{
  VarveReport *report = report_new ();
  add_inputs (report, draft);
  if (draft->format == VARVE_FORMAT_OSTREE)
    report->commit = varve_digest_to_hex (&draft->inventory->commit);
  report->version = g_strdup (varve_commit_find_string (draft->commit, VARVE_KEY_VERSION));
  report->remembered_steps = (gint)varve_ledger_n_steps (draft->ledger);
  report->live_bytes = varve_ledger_raw_bytes (draft->ledger);
  for (guint i = 0; i < draft->layers->len; i++)
    add_planned_layer (report, draft, i);
  if (draft->input != NULL)
    report->skipped = skipped_to_json (&draft->input->skipped);
  if (draft->dropped != NULL && draft->dropped->len > 0)
    report->dropped = dropped_to_json (draft->dropped);
  return report;
}

/* The ledger may be NULL, and may not know the paths. */
static void
add_declared_stale (VarveReportLayer *layer, const VarveImage *image, const VarveLedger *ledger, guint index)
{
  VarveStale stale;
  if (!varve_stale_declared (varve_manifest_layer (image->manifest, index), &stale, NULL))
    return;
  layer->stale_objects = stale.n_objects;
  layer->stale_bytes = stale.size_bytes;
  const VarveLedgerLayer *known
      = ledger != NULL && index > 0 && stale.n_objects > 0 ? varve_ledger_layer (ledger, index - 1) : NULL;
  if (known != NULL)
    add_stale_objects (layer, known->stale);
}

static void
add_image_layer (VarveReport *report, const VarveImage *image, const VarveLedger *ledger, guint index)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (image->manifest, index);
  VarveReportLayer *layer = report_add_layer (report, VARVE_LAYER_PRESENT);
  layer->digest = descriptor->digest;
  layer->diff_id = *varve_config_diff_id (image->config, index);
  layer->size_bytes = descriptor->size_bytes;
  layer->key = g_strdup (varve_descriptor_annotation (descriptor, VARVE_ANNOTATION_CONTENT_KEY));
  const char *names = varve_descriptor_annotation (descriptor, VARVE_ANNOTATION_COMPONENTS);
  const char *probability = varve_descriptor_annotation (descriptor, VARVE_ANNOTATION_PROBABILITY);
  layer->is_commit
      = index == 0 && names == NULL && varve_config_label (image->config, VARVE_LABEL_FINAL_DIFF_ID) != NULL;
  layer->is_whiteouts = varve_stale_is_whiteouts (image->manifest, index);
  add_declared_stale (layer, image, ledger, index);
  if (probability != NULL)
    layer->probability = varve_probability_from_string (probability);
  g_auto (GStrv) split = g_strsplit (names != NULL ? names : "", ",", -1);
  for (char **name = split; *name != NULL; name++)
    g_ptr_array_add (layer->components, g_strdup (*name));
}

VarveReport *
varve_report_of_image (const VarveImage *image, const char *name)
{
  VarveReport *report = report_new ();
  report->image = g_strdup (name);
  report->digest = varve_digest_to_string (&image->descriptor->digest);
  report->commit = g_strdup (varve_config_label (image->config, VARVE_LABEL_COMMIT));
  report->architecture = g_strdup (image->config->architecture);
  report->created = g_strdup (image->config->created);
  report->version = g_strdup (varve_config_label (image->config, VARVE_LABEL_IMAGE_VERSION));
  json_object *labels = json_object_object_get (image->config->config, "Labels");
  report->labels = labels != NULL ? json_object_get (labels) : json_object_new_object ();
  g_autoptr (VarveLedger) ledger = varve_image_ledger_read (image->manifest, NULL);
  report->live_bytes = ledger != NULL ? varve_ledger_raw_bytes (ledger) : 0;
  for (guint i = 0; i < image->manifest->layers->len; i++)
    add_image_layer (report, image, ledger, i);
  return report;
}

guint64
varve_report_size_bytes (const VarveReport *report)
{
  guint64 bytes = 0;
  for (guint i = 0; i < report->layers->len; i++)
    bytes += varve_report_layer (report, i)->size_bytes;
  return bytes;
}

guint64
varve_report_state_bytes (const VarveReport *report, VarveLayerState state)
{
  guint64 bytes = 0;
  for (guint i = 0; i < report->layers->len; i++)
    if (varve_report_layer (report, i)->state == state)
      bytes += varve_report_layer (report, i)->size_bytes;
  return bytes;
}

guint
varve_report_state_layers (const VarveReport *report, VarveLayerState state)
{
  guint n_layers = 0;
  for (guint i = 0; i < report->layers->len; i++)
    n_layers += varve_report_layer (report, i)->state == state;
  return n_layers;
}

VarveStaleTotal
varve_report_stale (const VarveReport *report)
{
  VarveStaleTotal total = { .live_bytes = report->live_bytes, .since = VARVE_STALE_SINCE_UNKNOWN };
  for (guint i = 0; i < report->layers->len; i++)
    {
      const VarveReportLayer *layer = varve_report_layer (report, i);
      total.n_objects += layer->stale_objects;
      total.size_bytes += layer->stale_bytes;
      total.n_layers += layer->stale_objects > 0;
      total.since = MIN (total.since, layer->stale_since);
    }
  return total;
}

static gboolean
is_kept (const VarveReportLayer *layer)
{
  return layer->state == VARVE_LAYER_REUSED && layer->stale_objects > 0;
}

guint64
varve_report_kept_bytes (const VarveReport *report)
{
  guint64 bytes = 0;
  for (guint i = 0; i < report->layers->len; i++)
    bytes += is_kept (varve_report_layer (report, i)) ? varve_report_layer (report, i)->size_bytes : 0;
  return bytes;
}

guint
varve_report_kept_layers (const VarveReport *report)
{
  guint n_layers = 0;
  for (guint i = 0; i < report->layers->len; i++)
    n_layers += is_kept (varve_report_layer (report, i));
  return n_layers;
}

static void
add_written_to_json (json_object *json, const VarveReportLayer *layer)
{
  g_autofree char *digest = varve_digest_to_string (&layer->digest);
  g_autofree char *diff_id = varve_digest_to_string (&layer->diff_id);
  varve_json_add_string (json, "digest", digest);
  varve_json_add_string (json, "diff_id", diff_id);
  varve_json_add_size (json, "size_bytes", layer->size_bytes);
}

static void
add_layer_stale_to_json (json_object *json, const VarveReportLayer *layer)
{
  varve_json_add_size (json, "stale_objects", layer->stale_objects);
  varve_json_add_size (json, "stale_bytes", layer->stale_bytes);
  varve_stale_since_to_json (json, layer->stale_since);
  if (layer->stale_paths->len == 0)
    return;
  json_object *paths = json_object_new_array ();
  for (guint i = 0; i < layer->stale_paths->len; i++)
    {
      g_autofree char *escaped = varve_escape (layer->stale_paths->pdata[i]);
      json_object_array_add (paths, json_object_new_string (escaped));
    }
  json_object_object_add (json, "stale_paths", paths);
}

static json_object *
layer_to_json (const VarveReportLayer *layer)
{
  static const char *const STATES[] = { "new", "new", "reused", NULL };
  json_object *json = json_object_new_object ();
  if (layer->state != VARVE_LAYER_PLANNED)
    add_written_to_json (json, layer);
  if (layer->expected_bytes > 0)
    varve_json_add_size (json, "expected_bytes", layer->expected_bytes);
  if (layer->raw_bytes > 0)
    varve_json_add_size (json, "raw_bytes", layer->raw_bytes);
  varve_json_add_string (json, "state", STATES[layer->state]);
  varve_json_add_string (json, "key", layer->key);
  json_object *components = json_object_new_array ();
  for (guint i = 0; i < layer->components->len; i++)
    json_object_array_add (components, json_object_new_string (layer->components->pdata[i]));
  json_object_object_add (json, "components", components);
  if (layer->probability >= 0)
    {
      g_autofree char *text = varve_probability_to_string ((guint32)layer->probability);
      json_object_object_add (json, "change_probability",
                              json_object_new_double_s ((double)layer->probability / VARVE_PROBABILITY_ONE, text));
    }
  if (layer->is_whiteouts)
    json_object_object_add (json, "whiteouts", json_object_new_boolean (TRUE));
  add_layer_stale_to_json (json, layer);
  return json;
}

static void
add_stale_to_json (json_object *json, const VarveReport *report)
{
  VarveStaleTotal stale = varve_report_stale (report);
  varve_json_add_size (json, "stale_objects", stale.n_objects);
  varve_json_add_size (json, "stale_bytes", stale.size_bytes);
  varve_json_add_fraction (json, "stale_share", varve_stale_share (&stale));
  varve_stale_since_to_json (json, stale.since);
  if (report->remembered_steps < 0)
    return;
  varve_json_add_size (json, "kept_stale_layers", varve_report_kept_layers (report));
  varve_json_add_size (json, "kept_stale_bytes", varve_report_kept_bytes (report));
}

json_object *
varve_report_to_json (const VarveReport *report)
{
  json_object *json = json_object_new_object ();
  gboolean is_planned = report->digest == NULL;
  varve_json_add_string (json, "image", report->image);
  varve_json_add_string (json, "digest", report->digest);
  varve_json_add_string (json, "commit", report->commit);
  varve_json_add_string (json, "version", report->version);
  varve_json_add_string (json, "architecture", report->architecture);
  varve_json_add_string (json, "created", report->created);
  if (!is_planned)
    {
      varve_json_add_size (json, "size_bytes", varve_report_size_bytes (report));
      varve_json_add_size (json, "new_bytes", varve_report_state_bytes (report, VARVE_LAYER_NEW));
      varve_json_add_size (json, "reused_bytes", varve_report_state_bytes (report, VARVE_LAYER_REUSED));
    }
  add_stale_to_json (json, report);
  json_object *layers = json_object_new_array ();
  for (guint i = 0; i < report->layers->len; i++)
    json_object_array_add (layers, layer_to_json (varve_report_layer (report, i)));
  json_object_object_add (json, "layers", layers);
  if (report->labels != NULL)
    json_object_object_add (json, "labels", json_object_get (report->labels));
  if (report->skipped != NULL)
    json_object_object_add (json, "skipped", json_object_get (report->skipped));
  if (report->dropped != NULL)
    json_object_object_add (json, "dropped_attributes", json_object_get (report->dropped));
  return json;
}
