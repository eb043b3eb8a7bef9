#pragma once

#include "base/observer.h"
#include "model/inventory.h"
#include "model/source.h"
#include "oci/image.h"

/* Which objects an image or a commit has, and which paths lead to them; so much of it as was asked for. */

typedef struct {
  VarveDigest checksum;
  guint64 size_bytes;       /* of the content */
  guint64 compressed_bytes; /* by itself; 0 when it was not compressed */
} VarveContentObject;

typedef struct {
  const VarveContentObject *object; /* NULL for an empty file of a layer, which stands there without its object */
  guint layer;                      /* of the image, the commit layer counted */
} VarveContentPath;

typedef struct {
  GHashTable *objects; /* VarveDigest -> VarveContentObject, owned */
  GHashTable *paths;   /* as in the commit, "usr/etc/passwd" -> VarveContentPath, both owned */
} VarveContents;

void varve_contents_free (VarveContents *contents);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveContents, varve_contents_free)

/* zstd's level for objects by themselves, as OSTree repositories and zstd:chunked have them. */
#define VARVE_CONTENTS_LEVEL 3

typedef struct {
  const VarveImage *image;
  const VarveImage *except;   /* layers that have the same tar there are not read; may be NULL */
  const VarveContents *known; /* objects that are not in it are compressed; NULL: none is */
  guint jobs;
  VarveObserver *observer;
} VarveReadContents;

/* Of an image of an OSTree commit: else UNSUPPORTED. A blob that is not there is NOT_FOUND, one that is damaged
 * CORRUPT. */
VarveContents *varve_contents_of_image (const VarveReadContents *read, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  const VarveInventory *inventory;
  const VarveContents *known; /* as above */
  VarveSource *source;        /* of its objects; not needed where none is compressed */
  guint jobs;
  VarveObserver *observer;
} VarveCommitContents;

VarveContents *varve_contents_of_commit (const VarveCommitContents *read, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

const VarveContentObject *varve_contents_find_object (const VarveContents *contents, const VarveDigest *checksum);
/* NULL when nothing is known of the path. */
const VarveContentPath *varve_contents_find_path (const VarveContents *contents, const char *path);
