/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"
#include "base/observer.h"
#include "oci/image.h"
#include "packages/owners.h"
#include "verify/stale.h"

/* Where a component or path is in an image, and why. */

typedef struct {
  char *path;        /* with a leading slash, symlinks in it followed; NULL for a component */
  const char *times; /* of a file: explain/compared-times.h; NULL: nothing compares them */
  guint n_files;     /* of a folder that this layer and component have; 0 for a file */
  guint64 file_bytes;
  char *component; /* or a part of one; NULL when only the layer is known */
  guint layer;     /* counting the commit layer */
  VarveDigest digest;
  guint64 layer_bytes;      /* of its blob */
  gint64 layer_probability; /* of changing, when it was written; in units of VARVE_PROBABILITY_ONE, -1 when unknown */
  VarveStale stale;         /* what the layer has that the image does not need */
  GPtrArray *neighbours;    /* names of the other components in the layer, owned */
  GArray *other_layers;     /* guint: where the component has its other files, counting the commit layer; ascending */
  gboolean has_history;     /* the image's ledger has the component: the rest is set */
  guint64 size_bytes;       /* of what is in this layer: its share of the blob */
  gint64 probability;       /* of changing before the next build; -1 when unknown */
  guint n_steps;            /* build-to-build steps since it was added */
  GArray *changes;          /* gint64, seconds since 1970: the builds that changed it, newest first */
  guint quiet_steps;        /* newest steps in which nothing in its layer changed; 0 if anything in it is stale */
  GPtrArray *reasons;       /* sentences, owned */
} VarveLocation;

typedef struct {
  const VarveImage *image;
  const char *name;      /* a component, a part "COMPONENT:SUBTREE", the number of a layer, a binary package with a
                            folder in /usr/share/doc, or a path of a file or folder */
  const char *repo_path; /* finds the component of a path; NULL: the layers are read, which finds only the layer where
                            it has several components */
  VarveOwnersOptions owners;
  guint jobs;
} VarveLocationOptions;

/* VarveLocation, owned: one for each part of a component and each of its layers, the one with the most files of a part
 * first; one for each component (or layer) that has files of a folder. NOT_FOUND for an unknown component or path. */
GPtrArray *varve_location_find (const VarveLocationOptions *options, VarveObserver *observer, GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_object *varve_location_to_json (const VarveLocation *place);
