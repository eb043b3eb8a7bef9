/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "explain/contents.h"
#include "explain/diff.h"
#include "rootfs/owned-tree.h"

/* The contents of two images, object by object: from their blobs, or from a repository with both commits. */
typedef struct {
  VarveContents *old, *new; /* from blobs: without the layers that both images have */
  VarveRepo *repo;          /* NULL where blobs were read; the trees are empty then */
  VarveOwnedTree old_tree, new_tree;
  GHashTable *hidden; /* of blobs, set of strings: what of the old image is stale in layers that both images have */
} VarveComparison;

typedef struct {
  const VarveImage *old, *new;
  const char *repo_path;            /* a repository with the commits of both images; NULL: the blobs are read */
  const VarveOwnersOptions *owners; /* how components are found in the commits; NULL: they are not */
  guint jobs;
} VarveComparisonOptions;

/* Compresses new objects to measure them. Errors as of varve_contents_of_image() and varve_image_commit_resolve(). */
VarveComparison *varve_comparison_new (const VarveComparisonOptions *options, VarveObserver *observer,
                                       GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_comparison_free (VarveComparison *comparison);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveComparison, varve_comparison_free)

/* Sets the per-object lower bound of @diff. */
void varve_comparison_bound (const VarveComparison *comparison, VarveDiff *diff);
