/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "model/inventory.h"
#include "ostree/repo.h"

/* The inventory of a commit. Reads its dirtrees and dirmetas, each checked against its checksum, and the header of each
 * content object, on @jobs threads, for size, owner and attributes. No content is read.
 *
 * Errors name the object and the path: missing or corrupt objects, names and attributes that OSTree does not allow,
 * symlinks whose mode no importer can restore, and paths that an image cannot have (both /etc and /usr/etc, or a
 * repository at /sysroot/ostree). */
VarveInventory *varve_walk (VarveRepo *repo, const VarveDigest *commit, guint jobs, VarveObserver *observer,
                            GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
typedef enum {
  VARVE_WALK_FOR_HOST,      /* checks for paths that an image of a commit cannot have */
  VARVE_WALK_FOR_CONTAINER, /* does not: a plain image may have both /etc and /usr/etc, anything at /sysroot and /var */
} VarveWalkPurpose;

typedef struct {
  VarveWalkPurpose purpose;
  guint jobs;
  VarveObserver *observer; /* may be NULL */
} VarveWalkOptions;

/* The same for a commit that is not in a repository. */
VarveInventory *varve_walk_source (VarveSource *source, const VarveDigest *commit, const VarveWalkOptions *options,
                                   GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
