/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses who copies: fetch.c into a layout or archive, push.c out of one, skopeo alone otherwise. */
#include "transport/copy-image.h"

#include "skopeo/skopeo.h"

static gboolean
copy_by_skopeo (const VarveReference *source, const VarveReference *target, const VarveFetchOptions *options,
                GError **error)
{
  g_autoptr (VarveSkopeo) skopeo = varve_skopeo_new (target->access, error);
  if (skopeo == NULL)
    return FALSE;
  if (options->architecture != NULL
      && (!varve_skopeo_add_option (skopeo, "override-os", "linux", error)
          || !varve_skopeo_add_option (skopeo, "override-arch", options->architecture, error)))
    return FALSE;
  varve_skopeo_add (skopeo, "copy");
  varve_skopeo_add (skopeo, "--preserve-digests");
  if (options->kind == VARVE_FETCH_ALL)
    varve_skopeo_add (skopeo, "--all");
  if (!varve_skopeo_add_access (skopeo, source, "src-", error)
      || !varve_skopeo_add_access (skopeo, target, "dest-", error))
    return FALSE;
  varve_skopeo_add_reference (skopeo, source);
  varve_skopeo_add_reference (skopeo, target);
  varve_observer_begin (options->observer, "copying", 0);
  g_autoptr (GBytes) output = varve_skopeo_run (skopeo, error);
  if (output == NULL)
    g_prefix_error (error, "'%s' to '%s': ", source->text, target->text);
  return output != NULL;
}

gboolean
varve_copy_image (const VarveReference *source, const VarveReference *target, const VarveCopyOptions *options,
                  VarveCopyResult *out_result, GError **error)
{
  if (varve_reference_is_oci (target))
    {
      out_result->how = VARVE_COPIED_FETCHED;
      return varve_fetch (source, target, &options->fetch, &out_result->fetch, error);
    }
  if (varve_reference_is_oci (source))
    {
      out_result->how = VARVE_COPIED_PUSHED;
      return varve_push (source, target, &options->push, &out_result->push, options->fetch.cancellable, error);
    }
  out_result->how = VARVE_COPIED_BY_SKOPEO;
  return copy_by_skopeo (source, target, &options->fetch, error);
}
