#include "build/explanation.h"

#include "base/error.h"

void
varve_explanation_free (VarveExplanation *explanation)
{
  g_clear_pointer (&explanation->diff, varve_diff_free);
  g_clear_pointer (&explanation->noise, varve_noise_report_free);
  g_free (explanation);
}

/* Without blobs the layers are explained all the same. */
static gboolean
find_noise (VarveExplanation *self, const VarveExplanationOptions *options, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  VarveComparisonOptions objects = { .old = options->old, .new = options->new, .repo_path = options->repo_path, .jobs = options->jobs };
  g_autoptr (GError) local_error = NULL;
  g_autoptr (VarveComparison) comparison = varve_comparison_new (&objects, observer, cancellable, &local_error);
  if (comparison != NULL)
    {
      varve_comparison_bound (comparison, self->diff);
      self->noise = varve_noise_find (options->old, options->new, comparison, &options->owners, observer, cancellable, error);
      return self->noise != NULL;
    }
  gboolean is_absent = g_error_matches (local_error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND)
                       || g_error_matches (local_error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED);
  if (options->repo_path == NULL && is_absent)
    {
      varve_observer_warn (observer, "%s: not telling what changed without its package", local_error->message);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

VarveExplanation *
varve_explanation_new (const VarveExplanationOptions *options, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveExplanation) self = g_new0 (VarveExplanation, 1);
  self->diff = varve_diff_new (options->old, options->old_name, options->new, options->new_name, error);
  if (self->diff == NULL || !find_noise (self, options, observer, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

json_object *
varve_explanation_to_json (const VarveExplanation *explanation)
{
  json_object *json = varve_diff_to_json (explanation->diff);
  if (explanation->noise == NULL)
    return json;
  json_object_object_add (json, "without_package", varve_noise_to_json (explanation->noise));
  json_object_object_add (json, "packages_known", json_object_new_boolean (explanation->noise->knows_packages));
  return json;
}
