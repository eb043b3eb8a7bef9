/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "ostree/repo.h"

/* The labels that a tree's own SELinux policy gives to its files. */
typedef struct _VarveSepolicy VarveSepolicy;

/* From the folder that contains etc/selinux or usr/etc/selinux; NULL without an error if it has no policy. One policy
 * at a time: libselinux keeps its root for the whole process. */
VarveSepolicy *varve_sepolicy_load (int rootfd, GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* From a commit, as hosts do for layers on top of it. *@out_policy is NULL if it has no policy. */
gboolean varve_sepolicy_load_commit (VarveRepo *repo, const VarveDigest *commit, VarveSepolicy **out_policy,
                                     GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_sepolicy_free (VarveSepolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSepolicy, varve_sepolicy_free)

const char *varve_sepolicy_name (const VarveSepolicy *policy);
/* For a path in a commit ("usr/etc/passwd"). *@out_label is NULL if the policy has no label for it. Not thread-safe. */
gboolean varve_sepolicy_label (VarveSepolicy *policy, const char *path, guint32 mode, char **out_label,
                               GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
