/* SPDX-License-Identifier: Apache-2.0 */
#include "ostree/sepolicy.h"

#include <ostree.h>

struct _VarveSepolicy {
  OstreeSePolicy *ostree;
};

VarveSepolicy *
varve_sepolicy_load (int rootfd, GCancellable *cancellable, GError **error)
{
  g_autoptr (OstreeSePolicy) ostree = ostree_sepolicy_new_at (rootfd, cancellable, error);
  if (ostree == NULL)
    {
      g_prefix_error (error, "reading the SELinux policy of the tree: ");
      return NULL;
    }
  if (ostree_sepolicy_get_name (ostree) == NULL)
    return NULL;
  VarveSepolicy *policy = g_new0 (VarveSepolicy, 1);
  policy->ostree = g_steal_pointer (&ostree);
  return policy;
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
