/* SPDX-License-Identifier: Apache-2.0 */
/* The deployments of a host, and which of them an upgrade starts from. */
#include "ostree/sysroot.h"

#include <ostree.h>

#include "base/error.h"

enum { LOCK_POLL_US = 200000 };

struct _VarveSysroot {
  OstreeSysroot *ostree;
  GPtrArray *deployments;
};

static void
free_deployment (gpointer data)
{
  VarveDeployment *deployment = data;
  g_free (deployment->image_reference);
  g_free (deployment);
}

static gboolean
add_deployment (VarveSysroot *sysroot, OstreeDeployment *deployment, GError **error)
{
  VarveDigest commit;
  GKeyFile *origin = ostree_deployment_get_origin (deployment);
  if (!varve_digest_from_hex (ostree_deployment_get_csum (deployment), &commit, error))
    return FALSE;
  VarveDeployment *ours = g_new0 (VarveDeployment, 1);
  *ours = (VarveDeployment){
    .commit = commit,
    .is_booted = deployment == ostree_sysroot_get_booted_deployment (sysroot->ostree),
    .is_staged = ostree_deployment_is_staged (deployment),
    .image_reference
    = origin != NULL ? g_key_file_get_string (origin, "origin", "container-image-reference", NULL) : NULL,
  };
  g_ptr_array_add (sysroot->deployments, ours);
  return TRUE;
}

static gboolean
load_deployments (VarveSysroot *sysroot, GCancellable *cancellable, GError **error)
{
  if (!ostree_sysroot_load (sysroot->ostree, cancellable, error))
    return FALSE;
  g_autoptr (GPtrArray) deployments = ostree_sysroot_get_deployments (sysroot->ostree);
  for (guint i = 0; i < deployments->len; i++)
    if (!add_deployment (sysroot, deployments->pdata[i], error))
      return FALSE;
  return TRUE;
}

VarveSysroot *
varve_sysroot_open (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (VarveSysroot) sysroot = g_new0 (VarveSysroot, 1);
  sysroot->ostree = ostree_sysroot_new (file);
  sysroot->deployments = g_ptr_array_new_with_free_func (free_deployment);
  if (load_deployments (sysroot, cancellable, error))
    return g_steal_pointer (&sysroot);
  g_autofree char *escaped = varve_escape (path);
  g_prefix_error (error, "sysroot '%s': ", escaped);
  return NULL;
}

void
varve_sysroot_free (VarveSysroot *sysroot)
{
  g_clear_object (&sysroot->ostree);
  g_clear_pointer (&sysroot->deployments, g_ptr_array_unref);
  g_free (sysroot);
}

GPtrArray *
varve_sysroot_deployments (VarveSysroot *sysroot)
{
  return sysroot->deployments;
}

const VarveDeployment *
varve_sysroot_next (VarveSysroot *sysroot)
{
  const VarveDeployment *booted = NULL;
  for (guint i = 0; i < sysroot->deployments->len; i++)
    {
      const VarveDeployment *deployment = sysroot->deployments->pdata[i];
      if (deployment->is_staged)
        return deployment;
      if (deployment->is_booted)
        booted = deployment;
    }
  if (booted == NULL && sysroot->deployments->len > 0)
    return sysroot->deployments->pdata[0];
  return booted;
}

gboolean
varve_sysroot_lock (VarveSysroot *sysroot, GCancellable *cancellable, GError **error)
{
  gboolean is_acquired = FALSE;
  while (!g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      if (!ostree_sysroot_try_lock (sysroot->ostree, &is_acquired, error))
        return FALSE;
      if (is_acquired)
        return TRUE;
      g_usleep (LOCK_POLL_US);
    }
  return FALSE;
}

void
varve_sysroot_unlock (VarveSysroot *sysroot)
{
  ostree_sysroot_unlock (sysroot->ostree);
}
