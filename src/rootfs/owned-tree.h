/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "model/inventory.h"
#include "ostree/repo.h"
#include "ostree/walk.h"
#include "packages/owners.h"

/* The files of a commit, and the component that owns each of them. */
typedef struct {
  VarveInventory *inventory;
  VarveComponents *components; /* NULL where no owners are asked for */
} VarveOwnedTree;

void varve_owned_tree_clear (VarveOwnedTree *tree);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveOwnedTree, varve_owned_tree_clear)

typedef struct {
  VarveRepo *repo;     /* of the commit; NULL: the commit is in @source */
  VarveSource *source; /* ignored with @repo */
  VarveDigest commit;
  VarveWalkPurpose purpose;         /* of a commit in a repository: VARVE_WALK_FOR_HOST */
  const VarveOwnersOptions *owners; /* NULL: owners are not read */
  guint jobs;
  VarveObserver *observer;
} VarveReadOwnedTree;

/* Walks the commit, then reads the package databases in it. A commit does not record hard links; the inventory has none
 * of them: see varve_inventory_link_as_deployed(). */
gboolean varve_owned_tree_read (const VarveReadOwnedTree *read, VarveOwnedTree *out_tree, GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
