/* SPDX-License-Identifier: Apache-2.0 */
#include "ostree/signature.h"

#include "base/error.h"
#include "ostree/repo-handle.h"

gboolean
varve_signature_check (VarveRepo *repo, const char *remote, GBytes *commit, GBytes *detached, GError **error)
{
  g_autofree char *escaped = varve_escape (remote), *results = NULL;
  g_autoptr (GError) failure = NULL;
  g_autoptr (GBytes) none = g_bytes_new_static ("", 0); /* an empty a{sv} */
  if (ostree_repo_signature_verify_commit_data (varve_repo_handle (repo), remote, commit,
                                                detached != NULL ? detached : none, 0, &results, &failure))
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the commit has no signature that the remote '%s' requires: %s",
               escaped, failure->message);
  return FALSE;
}
