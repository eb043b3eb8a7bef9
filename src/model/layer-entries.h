/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/digest.h"
#include "model/inventory.h"

/* What a published layer has, compared with a tree. Paths are as in a commit: "usr/etc/passwd". */

/* An object that the tree does not have, or has with other paths. */
typedef struct {
  char **paths;       /* where the layer shows it; NULL-terminated, may be empty. A folder of a plain image, which is an
                         object of its own, ends in "/" */
  guint64 size_bytes; /* of the content */
  guint32 mark;       /* varve_stale_object_mark() of its checksum */
  gint64 since;       /* time of the first built commit that does not need it, in seconds since 1970 */
} VarveStaleObject;

#define VARVE_STALE_SINCE_UNKNOWN G_MAXINT64

typedef struct {
  GArray *objects;  /* guint32: the objects of the tree that it has with exactly their paths, ascending */
  GPtrArray *stale; /* VarveStaleObject, owned: the others */
} VarveLayerEntries;

/* The first 4 bytes: enough to notice that an object may be needed again, not to identify it. */
guint32 varve_stale_object_mark (const VarveDigest *checksum);
/* Takes @paths, without NULL at the end. `since` is unknown. */
VarveStaleObject *varve_stale_object_new (GPtrArray *paths, guint64 size_bytes, guint32 mark);
/* An object that the tree has, but that is not shown from the layer. */
VarveStaleObject *varve_stale_object_of (const VarveInventory *inventory, guint32 object);
VarveStaleObject *varve_stale_object_copy (const VarveStaleObject *stale);
/* The earliest `since` of an array of VarveStaleObject, which may be NULL; unknown of none. */
gint64 varve_stale_objects_since (const GPtrArray *stale);
void varve_stale_object_free (VarveStaleObject *stale);

VarveLayerEntries *varve_layer_entries_new (void);
/* Puts the objects in order. */
void varve_layer_entries_sort (VarveLayerEntries *entries);
void varve_layer_entries_free (VarveLayerEntries *entries);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveLayerEntries, varve_layer_entries_free)
