/* SPDX-License-Identifier: Apache-2.0 */
/* Compares the images of a series pairwise, by manifests alone, and writes the report as JSON. */
#include "bench/image-row.h"

#include <string.h>

#include "compose/image-ledger.h"
#include "model/image-keys.h"

enum { CAUSES_MAX = 8, NAMES_MAX = 4 };
static const guint LAGS[VARVE_IMAGE_ROW_LAGS] = { 1, 3, 6 };

static void
entry_free (gpointer data)
{
  VarveImageRowEntry *entry = data;
  g_free (entry->name);
  g_free (entry->label);
  varve_image_free (entry->image);
  g_free (entry);
}

static void
step_free (gpointer data)
{
  VarveImageStep *step = data;
  g_clear_pointer (&step->diff, varve_diff_free);
  g_free (step);
}

VarveImageRow *
varve_image_row_new (void)
{
  VarveImageRow *row = g_new0 (VarveImageRow, 1);
  row->images = g_ptr_array_new_with_free_func (entry_free);
  row->steps = g_ptr_array_new_with_free_func (step_free);
  return row;
}

void
varve_image_row_free (VarveImageRow *row)
{
  g_ptr_array_unref (row->steps);
  g_ptr_array_unref (row->images);
  g_free (row);
}

const VarveImageRowEntry *
varve_image_row_entry (const VarveImageRow *row, guint index)
{
  return g_ptr_array_index (row->images, index);
}

const VarveImageStep *
varve_image_row_step (const VarveImageRow *row, guint index)
{
  return g_ptr_array_index (row->steps, index);
}

void
varve_image_row_add (VarveImageRow *row, const char *name, VarveImage *image)
{
  VarveImageRowEntry *entry = g_new0 (VarveImageRowEntry, 1);
  *entry = (VarveImageRowEntry){ .name = g_strdup (name), .image = image };
  g_ptr_array_add (row->images, entry);
}

/* Labels are the names without their common prefix, which is cut at its last '/' or ':'. */
static void
label_images (VarveImageRow *row)
{
  const char *first = varve_image_row_entry (row, 0)->name;
  gsize common = strlen (first);
  for (guint i = 1; i < row->images->len; i++)
    {
      gsize n = 0;
      while (n < common && varve_image_row_entry (row, i)->name[n] == first[n])
        n++;
      common = n;
    }
  while (common > 0 && first[common - 1] != '/' && first[common - 1] != ':')
    common--;
  for (guint i = 0; i < row->images->len; i++)
    {
      VarveImageRowEntry *entry = row->images->pdata[i];
      gboolean is_whole = row->images->len == 1 || entry->name[common] == '\0';
      entry->label = g_strdup (is_whole ? entry->name : entry->name + common);
    }
}

static VarveImageStep *
compare_images (const VarveImageRow *row, guint from, guint to, GError **error)
{
  const VarveImageRowEntry *old = varve_image_row_entry (row, from), *new = varve_image_row_entry (row, to);
  VarveDiff *diff = varve_diff_new (old->image, old->name, new->image, new->name, error);
  if (diff == NULL)
    return NULL;
  VarveImageStep *step = g_new0 (VarveImageStep, 1);
  *step = (VarveImageStep){ .from = from, .to = to, .diff = diff };
  for (guint i = 0; i < diff->layers->len; i++)
    {
      const GPtrArray *moved = varve_diff_layer (diff, i)->moved;
      for (guint m = 0; m < moved->len; m++)
        step->moved_bytes += ((VarveDiffComponent *)moved->pdata[m])->size_bytes;
    }
  return step;
}

static gboolean
measure_lag (VarveImageRow *row, VarveImageLag *lag, GError **error)
{
  guint64 digest_bytes = 0, diff_id_bytes = 0, bound_bytes = 0, commit_bytes = 0;
  lag->has_bound = TRUE;
  for (guint to = lag->lag; to < row->images->len; to++)
    {
      VarveImageStep *step = compare_images (row, to - lag->lag, to, error);
      if (step == NULL)
        return FALSE;
      const VarveDiff *diff = step->diff;
      digest_bytes += diff->by_digest.bytes;
      diff_id_bytes += diff->by_diff_id.bytes;
      bound_bytes += diff->package_bytes;
      commit_bytes += diff->commit_layer_bytes;
      lag->has_bound &= diff->is_exact;
      lag->max_bytes = MAX (lag->max_bytes, diff->by_digest.bytes);
      lag->updates++;
      if (lag->lag == 1)
        g_ptr_array_add (row->steps, step);
      else
        step_free (step);
    }
  lag->has_bound &= lag->updates > 0;
  lag->digest_bytes = digest_bytes / MAX (lag->updates, 1);
  lag->diff_id_bytes = diff_id_bytes / MAX (lag->updates, 1);
  lag->bound_bytes = lag->has_bound ? bound_bytes / lag->updates : 0;
  lag->ratio = lag->has_bound && bound_bytes > 0 ? (double)(digest_bytes - commit_bytes) / (double)bound_bytes : 0;
  return TRUE;
}

/* What a new installation costs. */
static gboolean
measure_whole (VarveImageRow *row, VarveImageRowEntry *entry, GError **error)
{
  const VarveManifest *manifest = entry->image->manifest;
  g_autoptr (VarveLedger) ledger = varve_image_ledger_read (manifest, error);
  if (ledger == NULL)
    return FALSE;
  for (guint i = 0; i < manifest->layers->len; i++)
    entry->size_bytes += varve_manifest_layer (manifest, i)->size_bytes;
  entry->stale = varve_stale_total (manifest, ledger);
  row->stale.n_objects += entry->stale.n_objects;
  row->stale.size_bytes += entry->stale.size_bytes;
  row->stale.live_bytes += entry->stale.live_bytes;
  row->stale.n_layers += entry->stale.n_layers;
  return TRUE;
}

gboolean
varve_image_row_measure (VarveImageRow *row, GError **error)
{
  guint64 bytes = 0;
  label_images (row);
  for (guint i = 0; i < VARVE_IMAGE_ROW_LAGS; i++)
    {
      row->lags[i].lag = LAGS[i];
      if (!measure_lag (row, &row->lags[i], error))
        return FALSE;
    }
  for (guint i = 0; i < row->images->len; i++)
    {
      VarveImageRowEntry *entry = row->images->pdata[i];
      if (!measure_whole (row, entry, error))
        return FALSE;
      bytes += entry->size_bytes;
    }
  row->full_bytes = bytes / row->images->len;
  return TRUE;
}

static void
add_ratio (json_object *json, double ratio)
{
  g_autofree char *text = g_strdup_printf ("%.4f", ratio);
  if (ratio > 0)
    json_object_object_add (json, "ratio", json_object_new_double_s (ratio, text));
}

static json_object *
layer_to_json (const VarveDescriptor *descriptor)
{
  json_object *json = json_object_new_object (), *names = json_object_new_array ();
  const char *components = varve_descriptor_annotation (descriptor, VARVE_ANNOTATION_COMPONENTS);
  g_autofree char *digest = varve_digest_to_string (&descriptor->digest);
  g_auto (GStrv) split = g_strsplit (components != NULL ? components : "", ",", -1);
  varve_json_add_string (json, "digest", digest);
  varve_json_add_size (json, "size_bytes", descriptor->size_bytes);
  varve_json_add_size (json, "n_components", g_strv_length (split));
  for (guint i = 0; split[i] != NULL && i < NAMES_MAX; i++)
    json_object_array_add (names, json_object_new_string (split[i]));
  json_object_object_add (json, "components", names);
  return json;
}

static void
add_stale (json_object *json, const VarveStaleTotal *stale, guint n_images)
{
  varve_json_add_size (json, "stale_bytes", stale->size_bytes / n_images);
  varve_json_add_fraction (json, "stale_share", varve_stale_share (stale));
}

static json_object *
image_to_json (const VarveImageRowEntry *entry)
{
  json_object *json = json_object_new_object (), *layers = json_object_new_array ();
  const VarveImage *image = entry->image;
  g_autofree char *digest = varve_digest_to_string (&image->descriptor->digest);
  varve_json_add_string (json, "image", entry->name);
  varve_json_add_string (json, "label", entry->label);
  varve_json_add_string (json, "digest", digest);
  varve_json_add_string (json, "version", varve_config_label (image->config, VARVE_LABEL_IMAGE_VERSION));
  varve_json_add_string (json, "created", image->config->created);
  varve_json_add_size (json, "size_bytes", entry->size_bytes);
  add_stale (json, &entry->stale, 1);
  for (guint i = 0; i < image->manifest->layers->len; i++)
    json_object_array_add (layers, layer_to_json (varve_manifest_layer (image->manifest, i)));
  json_object_object_add (json, "layers", layers);
  return json;
}

static int
compare_components (gconstpointer a, gconstpointer b)
{
  const VarveDiffComponent *left = *(VarveDiffComponent *const *)a, *right = *(VarveDiffComponent *const *)b;
  if (left->size_bytes != right->size_bytes)
    return left->size_bytes > right->size_bytes ? -1 : 1;
  return strcmp (left->name, right->name);
}

/* The changed components, the largest first. */
static json_object *
causes_to_json (const VarveDiff *diff)
{
  json_object *json = json_object_new_array ();
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  for (guint i = 0; i < diff->layers->len; i++)
    g_ptr_array_extend (all, varve_diff_layer (diff, i)->changed, NULL, NULL);
  g_ptr_array_sort (all, compare_components);
  for (guint i = 0; i < MIN (all->len, CAUSES_MAX); i++)
    {
      const VarveDiffComponent *component = all->pdata[i];
      json_object *object = json_object_new_object ();
      varve_json_add_string (object, "component", component->name);
      varve_json_add_size (object, "size_bytes", component->size_bytes);
      json_object_array_add (json, object);
    }
  return json;
}

static json_object *
step_to_json (const VarveImageRow *row, const VarveImageStep *step)
{
  json_object *json = json_object_new_object ();
  const VarveDiff *diff = step->diff;
  varve_json_add_string (json, "from", varve_image_row_entry (row, step->from)->label);
  varve_json_add_string (json, "to", varve_image_row_entry (row, step->to)->label);
  varve_json_add_size (json, "digest_bytes", diff->by_digest.bytes);
  varve_json_add_size (json, "diff_id_bytes", diff->by_diff_id.bytes);
  varve_json_add_size (json, "commit_layer_bytes", diff->commit_layer_bytes);
  varve_json_add_size (json, "new_layers", diff->by_digest.layers);
  varve_json_add_size (json, "layers", diff->n_layers);
  varve_json_add_size (json, "image_bytes", diff->image_bytes);
  add_stale (json, &diff->stale, 1);
  if (diff->is_exact)
    {
      varve_json_add_size (json, "bound_bytes", diff->package_bytes);
      varve_json_add_size (json, "moved_bytes", step->moved_bytes);
    }
  add_ratio (json, varve_diff_ratio (diff));
  json_object_object_add (json, "causes", causes_to_json (diff));
  return json;
}

static json_object *
lag_to_json (const VarveImageLag *lag)
{
  json_object *json = json_object_new_object ();
  varve_json_add_size (json, "updates", lag->updates);
  varve_json_add_size (json, "digest_bytes", lag->digest_bytes);
  varve_json_add_size (json, "diff_id_bytes", lag->diff_id_bytes);
  varve_json_add_size (json, "max_bytes", lag->max_bytes);
  if (lag->has_bound)
    varve_json_add_size (json, "bound_bytes", lag->bound_bytes);
  add_ratio (json, lag->ratio);
  return json;
}

json_object *
varve_image_row_to_json (const VarveImageRow *row)
{
  json_object *json = json_object_new_object (), *lags = json_object_new_object ();
  json_object *images = json_object_new_array (), *steps = json_object_new_array ();
  for (guint i = 0; i < VARVE_IMAGE_ROW_LAGS; i++)
    {
      g_autofree char *key = g_strdup_printf ("%u", row->lags[i].lag);
      if (row->lags[i].updates > 0)
        json_object_object_add (lags, key, lag_to_json (&row->lags[i]));
    }
  for (guint i = 0; i < row->steps->len; i++)
    json_object_array_add (steps, step_to_json (row, varve_image_row_step (row, i)));
  for (guint i = 0; i < row->images->len; i++)
    json_object_array_add (images, image_to_json (varve_image_row_entry (row, i)));
  varve_json_add_size (json, "full_bytes", row->full_bytes);
  add_stale (json, &row->stale, row->images->len);
  json_object_object_add (json, "lags", lags);
  json_object_object_add (json, "steps", steps);
  json_object_object_add (json, "images", images);
  return json;
}
