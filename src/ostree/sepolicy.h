#pragma once

#include <gio/gio.h>

/* The labels that a tree's own SELinux policy gives to its files. */
typedef struct _VarveSepolicy VarveSepolicy;

/* From the folder that has etc/selinux or usr/etc/selinux; NULL without an error where there is no policy in it. One
 * policy at a time: the library behind it keeps its place for the whole process. */
VarveSepolicy *varve_sepolicy_load (int rootfd, GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_sepolicy_free (VarveSepolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSepolicy, varve_sepolicy_free)

const char *varve_sepolicy_name (const VarveSepolicy *policy);
/* For a path as in a commit ("usr/etc/passwd"). NULL in *out_label where the policy has none for it. Not thread-safe.
 */
gboolean varve_sepolicy_label (VarveSepolicy *policy, const char *path, guint32 mode, char **out_label,
                               GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
