#pragma once

#include "model/tree.h"
#include "ostree/sepolicy.h"

/* The SELinux policy in a tree's etc/selinux (or usr/etc/selinux): NULL without an error where there is none. The
 * library that reads it wants files and follows links, so the regular files of that folder are laid aside, and removed
 * again before this returns. */
VarveSepolicy *varve_tree_policy_load (VarveTree *tree, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
