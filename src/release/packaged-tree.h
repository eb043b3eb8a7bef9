/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ostree/repo.h"
#include "rootfs/input.h"

/* The files of an image, a commit or a folder, and its packages. */
typedef struct {
  VarveInventory *inventory;
  VarveComponents *components; /* with their packages */
  VarveSource *source;         /* owned by one of the last two */
  VarveDigest commit;          /* of a folder, or of an image without one: the commit that its tree gives */
  gint64 time;                 /* of the commit; seconds since 1970 */

  /* private */
  VarveInput *input;
  VarveRepo *repo;
} VarvePackagedTree;

typedef struct {
  const VarveImage *image; /* or */
  const char *image_name;
  const char *repo_path, *ref; /* or; without a ref, the image's commit is read there instead of its layers */
  VarveRootfsOptions rootfs;   /* its path is set: exactly one of the three */
  VarvePackagesKind packages;
  guint jobs;
} VarveReadPackagedTree;

/* Paths are as the image, the commit or the folder has them. */
VarvePackagedTree *varve_packaged_tree_read (const VarveReadPackagedTree *read, VarveObserver *observer,
                                             GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_packaged_tree_free (VarvePackagedTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePackagedTree, varve_packaged_tree_free)

/* Whether it is of an image that has the objects of its commit, not the files of a tree. */
gboolean varve_packaged_tree_is_of_commit (const VarvePackagedTree *tree);
/* Of an image of a tree: the index of the layer that a file is from; VARVE_NO_INDEX for others. */
guint32 varve_packaged_tree_layer_of (const VarvePackagedTree *tree, guint32 file);
const VarvePackageList *varve_packaged_tree_packages (const VarvePackagedTree *tree);
