/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "oci/image.h"

/* Which layer of a plain image shows each path, as a container sees it. */

typedef struct {
  guint layer;
  gboolean is_folder;
  char *target;       /* of a symlink; else NULL */
  guint64 size_bytes; /* of a file's content; 0 for a hard link */
} VarvePlainPlace;

/* Path without a leading slash -> VarvePlainPlace, both owned. */
GHashTable *varve_plain_places_new (void);
/* Reads all layers; fails where one is not as the manifest
 * and the config say. */
GHashTable *varve_plain_places_read (const VarveImage *image, guint jobs, VarveObserver *observer,
                                     GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The path with the symlinks in its folders followed, inside the image; NULL for a loop, for a path that leads out, and
 * for one that becomes longer than 4096 bytes. A part that is not in the image is taken as it is. */
char *varve_plain_places_resolve (GHashTable *places, const char *path);
