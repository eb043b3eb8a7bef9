/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"
#include "oci/image.h"
#include "verify/stale.h"

/* What a host with one image downloads for another, from manifests and configs only. */

/* A component, or a part of one, in a layer. */
typedef struct {
  char *name;
  guint64 size_bytes; /* of what is in this layer: its share of the blob; 0 when unknown */
  gboolean is_added;  /* the old image lacks it */
} VarveDiffComponent;

/* A layer of the new image that some client downloads. */
typedef struct {
  guint index; /* in the new image's manifest */
  VarveDigest digest;
  guint64 size_bytes;
  gboolean is_commit;                     /* the commit layer */
  gboolean is_whiteouts;                  /* removes what is stale in other layers */
  gboolean is_new_digest, is_new_diff_id; /* not in the old image */
  GPtrArray *changed, *moved;             /* VarveDiffComponent, owned, by name */
} VarveDiffLayer;

typedef struct {
  guint64 bytes;
  guint layers;
} VarveDiffClient;

typedef struct {
  char *old_name, *new_name; /* as the user named them, or NULL */
  guint n_old_layers, n_layers;
  guint64 image_bytes;        /* all layers of the new image: the download of a new host */
  guint64 document_bytes;     /* its manifest and config, which every host downloads; not in the other sums */
  VarveDiffClient by_digest;  /* a client that keeps blobs: a recompressed layer is new */
  VarveDiffClient by_diff_id; /* a client that keeps the layers' tars */
  gboolean has_partial;       /* the next is set: see explain/partial-pull.h */
  VarveDiffClient by_parts;   /* a client that fetches parts of layers of zstd:chunked */
  guint64 commit_layer_bytes; /* the part of by_digest for the commit layer, which no packing can avoid */
  gboolean is_exact;     /* both images have ledgers: the next two are set, and the layers' components are certain */
  guint64 package_bytes; /* changed and new components, compressed as in their layers: whole, although layers that are
                            kept have what did not change of them */
  guint packages;
  gboolean has_objects; /* the next three are set; see explain/comparison.h */
  guint64 object_bytes; /* new content objects, each compressed by itself */
  guint64 object_raw_bytes, objects;
  VarveStaleTotal stale;   /* of the new image */
  guint64 new_stale_bytes; /* that became stale after the old image, as far as the ledgers tell */
  VarveDiffClient kept;    /* layers of both images of which more is stale in the new one: not downloaded again */
  GPtrArray *layers;       /* VarveDiffLayer, owned, in the order of the manifest */
} VarveDiff;

/* Without ledgers, changed components are estimated: those of a new layer that come from the old layer with most of its
 * components. The names may be NULL. */
VarveDiff *varve_diff_new (const VarveImage *old, const char *old_name, const VarveImage *new, const char *new_name,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_diff_free (VarveDiff *diff);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDiff, varve_diff_free)

const VarveDiffLayer *varve_diff_layer (const VarveDiff *diff, guint index);
/* By its index in the new image's manifest; NULL where no client downloads the layer. */
const VarveDiffLayer *varve_diff_find_layer (const VarveDiff *diff, guint index);
/* The download by digest without the commit layer, divided by package_bytes; 0 where that is 0 or unknown. */
double varve_diff_ratio (const VarveDiff *diff);
json_object *varve_diff_to_json (const VarveDiff *diff);
/* An element of "changed". */
json_object *varve_diff_layer_to_json (const VarveDiffLayer *layer);
