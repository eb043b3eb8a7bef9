/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "model/inventory.h"
#include "model/source.h"
#include "oci/image.h"

/* The objects of an image or a commit, and the paths to them. Of an image, also objects that are stale: no path shows
 * them. */

typedef struct {
  VarveDigest checksum;
  guint64 size_bytes;       /* of the content */
  guint64 compressed_bytes; /* by itself; 0 when not measured */
} VarveContentObject;

typedef struct {
  const VarveContentObject *object; /* NULL for an empty file of a layer, which has no link to an object */
  guint layer;                      /* of the image, counting the commit layer */
} VarveContentPath;

typedef struct {
  GHashTable *objects; /* VarveDigest -> VarveContentObject, owned */
  GHashTable *paths;   /* as in the commit, "usr/etc/passwd" -> VarveContentPath, both owned */
} VarveContents;

void varve_contents_free (VarveContents *contents);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveContents, varve_contents_free)

/* zstd's level to measure single objects with. */
#define VARVE_CONTENTS_LEVEL 3

typedef struct {
  const VarveImage *image;
  const VarveImage *except;   /* skips layers whose tar this image has, too; may be NULL */
  const VarveContents *known; /* compressed sizes are measured for objects that it lacks; NULL: for none */
  guint jobs;
  VarveObserver *observer;
} VarveReadContents;

/* UNSUPPORTED for an image without an OSTree commit, NOT_FOUND for a missing blob, CORRUPT for a damaged one. */
VarveContents *varve_contents_of_image (const VarveReadContents *read, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  const VarveInventory *inventory;
  const VarveContents *known; /* as above */
  VarveSource *source;        /* of its objects; needed only with @known */
  guint jobs;
  VarveObserver *observer;
} VarveCommitContents;

VarveContents *varve_contents_of_commit (const VarveCommitContents *read, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

const VarveContentObject *varve_contents_find_object (const VarveContents *contents, const VarveDigest *checksum);
/* NULL for an unknown path. */
const VarveContentPath *varve_contents_find_path (const VarveContents *contents, const char *path);
