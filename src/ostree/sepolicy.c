/* SPDX-License-Identifier: Apache-2.0 */
#include "ostree/sepolicy.h"

#include <ostree.h>

#include "ostree/repo-handle.h"
#include "ostree/sepolicy-handle.h"

struct _VarveSepolicy {
  OstreeSePolicy *ostree;
};

static VarveSepolicy *
policy_new (OstreeSePolicy *ostree)
{
  if (ostree_sepolicy_get_name (ostree) == NULL)
    return NULL;
  VarveSepolicy *policy = g_new0 (VarveSepolicy, 1);
  policy->ostree = g_object_ref (ostree);
  return policy;
}

VarveSepolicy *
varve_sepolicy_load (int rootfd, GCancellable *cancellable, GError **error)
{
  g_autoptr (OstreeSePolicy) ostree = ostree_sepolicy_new_at (rootfd, cancellable, error);
  if (ostree == NULL)
    {
      g_prefix_error (error, "reading the SELinux policy of the tree: ");
      return NULL;
    }
  return policy_new (ostree);
}

gboolean
varve_sepolicy_load_commit (VarveRepo *repo, const VarveDigest *commit, VarveSepolicy **out_policy,
                            GCancellable *cancellable, GError **error)
{
  g_autofree char *hex = varve_digest_to_hex (commit);
  g_autoptr (OstreeSePolicy) ostree
      = ostree_sepolicy_new_from_commit (varve_repo_handle (repo), hex, cancellable, error);
  if (ostree == NULL)
    {
      g_prefix_error (error, "reading the SELinux policy of commit %s: ", hex);
      return FALSE;
    }
  *out_policy = policy_new (ostree);
  return TRUE;
}

OstreeSePolicy *
varve_sepolicy_handle (VarveSepolicy *policy)
{
  return policy->ostree;
}

void
varve_sepolicy_free (VarveSepolicy *policy)
{
  g_object_unref (policy->ostree);
  g_free (policy);
}

const char *
varve_sepolicy_name (const VarveSepolicy *policy)
{
  return ostree_sepolicy_get_name (policy->ostree);
}

gboolean
varve_sepolicy_label (VarveSepolicy *policy, const char *path, guint32 mode, char **out_label,
                      GCancellable *cancellable, GError **error)
{
  gboolean is_etc = g_str_has_prefix (path, "usr/etc/") || g_str_equal (path, "usr/etc");
  g_autofree char *shown = g_strconcat ("/", is_etc ? path + strlen ("usr/") : path, NULL);
  return ostree_sepolicy_get_label (policy->ostree, shown, mode, out_label, cancellable, error);
}
