/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "model/object-store.h"
#include "ostree/sepolicy.h"

/* Makes the objects of a commit from a tree; libostree's ostree-core.h has their formats. */

typedef struct {
  VarveTree *tree;
  VarveObjectStore *store; /* receives the objects; its contents are those of @tree */
  VarveSepolicy *policy;   /* labels every inode; NULL: no labels */
  guint jobs;
} VarveTreeCommit;

/* Reads each content once, for its checksum, on all jobs, and adds dirtrees and dirmetas. */
gboolean varve_tree_commit_objects (const VarveTreeCommit *self, VarveObserver *observer, VarveDigest *out_dirtree,
                                    VarveDigest *out_dirmeta, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  VarveDigest dirtree, dirmeta; /* of the root */
  guint64 timestamp;            /* seconds since 1970 */
  GVariant *metadata;           /* a{sv}; not consumed */
} VarveCommitFacts;

/* Adds the commit object, without a parent. */
VarveDigest varve_tree_commit_write (VarveObjectStore *store, const VarveCommitFacts *facts);
