#pragma once

#include "base/observer.h"
#include "model/inventory.h"
#include "ostree/repo.h"

/* The inventory of a commit. Only its dirtrees and dirmetas are read, each checked against its checksum; then the
 * header of each content object, on @jobs threads, for its size, owner and attributes. No content is read.
 *
 * Refused, naming object and path: what is missing or corrupt, names and attributes that OSTree does not allow,
 * symlinks whose mode no importer could restore, and paths that an image cannot hold (both /etc and /usr/etc, or a
 * repository of its own below /sysroot/ostree). */
VarveInventory *varve_walk (VarveRepo *repo, const VarveDigest *commit, guint jobs, VarveObserver *observer,
                            GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
typedef enum {
  VARVE_WALK_FOR_HOST,      /* refuses what an image of OSTree cannot hold */
  VARVE_WALK_FOR_CONTAINER, /* another image can: both /etc and /usr/etc, anything at /sysroot and /var */
} VarveWalkPurpose;

/* The same of a commit that is in no repository. */
VarveInventory *varve_walk_source (VarveSource *source, const VarveDigest *commit, VarveWalkPurpose purpose, guint jobs,
                                   VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
