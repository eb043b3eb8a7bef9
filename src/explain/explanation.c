/* SPDX-License-Identifier: Apache-2.0 */
/* Joins diff, noise and locations of an update, and narrows them to one component or path. */
#include "explain/explanation.h"

#include <string.h>

#include "base/error.h"

void
varve_explanation_free (VarveExplanation *explanation)
{
  g_clear_pointer (&explanation->diff, varve_diff_free);
  g_clear_pointer (&explanation->noise, varve_noise_report_free);
  g_clear_pointer (&explanation->places, g_ptr_array_unref);
  g_free (explanation);
}

static GPtrArray *
find_places_in (const VarveExplanationOptions *options, const VarveImage *image, VarveObserver *observer,
                GCancellable *cancellable, GError **error)
{
  VarveLocationOptions place = {
    .image = image,
    .name = options->name,
    .repo_path = options->repo_path,
    .owners = options->owners,
    .jobs = options->jobs,
  };
  return varve_location_find (&place, observer, cancellable, error);
}

/* Reports it when only the old image has the component or path. */
static GPtrArray *
find_places (const VarveExplanationOptions *options, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GPtrArray) places = find_places_in (options, options->new, observer, cancellable, &local_error);
  g_autoptr (GPtrArray) before = NULL;
  if (places != NULL)
    return g_steal_pointer (&places);
  if (g_error_matches (local_error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    before = find_places_in (options, options->old, observer, cancellable, NULL);
  g_propagate_error (error, g_steal_pointer (&local_error));
  if (before != NULL)
    g_prefix_error (error, "removed by the update: ");
  return NULL;
}

static gboolean
concerns (const VarveLocation *place, const VarveNoise *noise)
{
  gsize length = strlen (noise->component);
  if (place->component != NULL)
    return strncmp (place->component, noise->component, length) == 0 && strchr (":", place->component[length]) != NULL;
  for (guint i = 0; i < place->neighbours->len; i++)
    if (strcmp (place->neighbours->pdata[i], noise->component) == 0)
      return TRUE;
  return FALSE;
}

static void
narrow_noise (VarveNoiseReport *noise, const GPtrArray *places)
{
  for (guint i = noise->list->len; i > 0; i--)
    {
      gboolean is_wanted = FALSE;
      for (guint p = 0; p < places->len; p++)
        is_wanted |= concerns (places->pdata[p], noise->list->pdata[i - 1]);
      if (!is_wanted)
        g_ptr_array_remove_index (noise->list, i - 1);
    }
}

/* Without blobs, only the layers are explained. */
static gboolean
find_noise (VarveExplanation *self, const VarveExplanationOptions *options, VarveObserver *observer,
            GCancellable *cancellable, GError **error)
{
  VarveComparisonOptions objects = {
    .old = options->old,
    .new = options->new,
    .repo_path = options->repo_path,
    .owners = &options->owners,
    .jobs = options->jobs,
  };
  g_autoptr (GError) local_error = NULL;
  g_autoptr (VarveComparison) comparison = varve_comparison_new (&objects, observer, cancellable, &local_error);
  if (comparison != NULL)
    {
      varve_comparison_bound (comparison, self->diff);
      self->noise = varve_noise_find (options->old, options->new, comparison, error);
      return self->noise != NULL;
    }
  gboolean is_absent = g_error_matches (local_error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND)
                       || g_error_matches (local_error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED);
  if (options->repo_path == NULL && is_absent)
    {
      varve_observer_warn (observer, "%s: continuing without the report of files that changed without their package",
                           local_error->message);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

VarveExplanation *
varve_explanation_new (const VarveExplanationOptions *options, VarveObserver *observer, GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (VarveExplanation) self = g_new0 (VarveExplanation, 1);
  self->diff = varve_diff_new (options->old, options->old_name, options->new, options->new_name, error);
  if (self->diff == NULL)
    return NULL;
  if (options->name != NULL && (self->places = find_places (options, observer, cancellable, error)) == NULL)
    return NULL;
  if (!find_noise (self, options, observer, cancellable, error))
    return NULL;
  if (self->places != NULL && self->noise != NULL)
    narrow_noise (self->noise, self->places);
  return g_steal_pointer (&self);
}

static json_object *
places_to_json (const VarveExplanation *explanation)
{
  json_object *json = json_object_new_object (), *places = json_object_new_array ();
  varve_json_add_string (json, "old", explanation->diff->old_name);
  varve_json_add_string (json, "new", explanation->diff->new_name);
  for (guint i = 0; i < explanation->places->len; i++)
    {
      const VarveLocation *place = explanation->places->pdata[i];
      const VarveDiffLayer *layer = varve_diff_find_layer (explanation->diff, place->layer);
      json_object *item = varve_location_to_json (place);
      json_object_object_add (item, "downloaded", json_object_new_boolean (layer != NULL));
      if (layer != NULL)
        json_object_object_add (item, "update", varve_diff_layer_to_json (layer));
      json_object_array_add (places, item);
    }
  json_object_object_add (json, "places", places);
  return json;
}

json_object *
varve_explanation_to_json (const VarveExplanation *explanation)
{
  json_object *json
      = explanation->places != NULL ? places_to_json (explanation) : varve_diff_to_json (explanation->diff);
  if (explanation->noise == NULL)
    return json;
  json_object_object_add (json, "without_package", varve_noise_to_json (explanation->noise));
  json_object_object_add (json, "packages_known", json_object_new_boolean (explanation->noise->knows_packages));
  return json;
}
