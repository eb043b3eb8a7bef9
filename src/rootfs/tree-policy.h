/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/tree.h"
#include "ostree/sepolicy.h"

/* The SELinux policy in a tree's usr/etc/selinux or etc/selinux: NULL without an error for a tree without one.
 * libselinux reads files and follows links, so the regular files of that folder are copied to a temporary folder, which
 * is removed before this returns. */
VarveSepolicy *varve_tree_policy_load (VarveTree *tree, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
