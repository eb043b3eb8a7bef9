#pragma once

#include "explain/contents.h"
#include "explain/diff.h"
#include "rootfs/owned-tree.h"

/* Two images and what is in them, object by object: from their blobs, or from a repository that has both commits. */
typedef struct {
  VarveContents *old, *new; /* without what is in layers that both images have, unless they are from a repository */
  VarveRepo *repo;          /* NULL where blobs were read; the trees are empty then */
  VarveOwnedTree old_tree, new_tree;
} VarveComparison;

typedef struct {
  const VarveImage *old, *new;
  const char *repo_path; /* a repository that has the commits which the images name; NULL: their blobs are read */
  const VarveOwnersOptions *owners; /* how components are found in the commits; NULL: they are not */
  guint jobs;
} VarveComparisonOptions;

/* New objects are compressed. Errors as varve_contents_of_image() has them; a commit that the repository lacks is
 * NOT_FOUND. */
VarveComparison *varve_comparison_new (const VarveComparisonOptions *options, VarveObserver *observer,
                                       GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_comparison_free (VarveComparison *comparison);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveComparison, varve_comparison_free)

/* Sets the bound of objects. */
void varve_comparison_bound (const VarveComparison *comparison, VarveDiff *diff);
