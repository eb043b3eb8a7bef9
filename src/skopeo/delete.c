/* SPDX-License-Identifier: Apache-2.0 */
#include "skopeo/delete.h"

#include "skopeo/skopeo.h"

gboolean
varve_delete_manifest (const VarveReference *reference, GError **error)
{
  g_autoptr (VarveSkopeo) skopeo = varve_skopeo_new (reference->access, error);
  if (skopeo == NULL)
    return FALSE;
  varve_skopeo_add (skopeo, "delete");
  if (!varve_skopeo_add_access (skopeo, reference, "", error))
    return FALSE;
  varve_skopeo_add_reference (skopeo, reference);
  g_autoptr (GBytes) output = varve_skopeo_run (skopeo, error);
  return output != NULL;
}
