#pragma once

#include "base/json.h"
#include "oci/image.h"

/* What a host that has one image downloads for another, as far as manifests and configs tell. */

/* A component, or a part of one, in a layer. */
typedef struct {
  char *name;
  guint64 size_bytes; /* its share of the layer's blob; 0 when it is not known */
  gboolean is_added;  /* the old image does not have it */
} VarveDiffComponent;

/* A layer of the new image that some client downloads. */
typedef struct {
  guint index; /* in the new image's manifest */
  VarveDigest digest;
  guint64 size_bytes;
  gboolean is_commit;                     /* the commit layer */
  gboolean is_new_digest, is_new_diff_id; /* what the old image does not have */
  GPtrArray *changed, *moved;             /* VarveDiffComponent, owned, by name */
} VarveDiffLayer;

typedef struct {
  guint64 bytes;
  guint layers;
} VarveDiffClient;

typedef struct {
  char *old_name, *new_name; /* as the user named them, or NULL */
  guint n_old_layers, n_layers;
  guint64 image_bytes;        /* all layers of the new image: what a host without any downloads */
  guint64 document_bytes;     /* its manifest and config, which every host downloads; in no other sum */
  VarveDiffClient by_digest;  /* keeps blobs: a layer compressed anew is a new one */
  VarveDiffClient by_diff_id; /* keeps what was in them */
  guint64 commit_layer_bytes; /* of by_digest: the commit layer, which no packing can avoid */
  gboolean is_exact;          /* both images have ledgers: the next two are known, and layers' components are certain */
  guint64 package_bytes;      /* components that changed or are new, compressed as they are in their layers */
  guint packages;
  gboolean has_objects; /* the next three are known; see build/comparison.h */
  guint64 object_bytes; /* content objects that are new, each compressed by itself */
  guint64 object_raw_bytes, objects;
  GPtrArray *layers; /* VarveDiffLayer, owned, in the order of the manifest */
} VarveDiff;

/* Without ledgers it is known which components came, but not which changed: then those of a new layer count as changed
 * that were in the layer before it with most of them. The names may be NULL. */
VarveDiff *varve_diff_new (const VarveImage *old, const char *old_name, const VarveImage *new, const char *new_name,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_diff_free (VarveDiff *diff);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDiff, varve_diff_free)

const VarveDiffLayer *varve_diff_layer (const VarveDiff *diff, guint index);
/* By its place in the new image's manifest; NULL where no client downloads it. */
const VarveDiffLayer *varve_diff_find_layer (const VarveDiff *diff, guint index);
/* What the client by digest downloads beside the commit layer, to package_bytes; 0 when that is not known or nothing.
 */
double varve_diff_ratio (const VarveDiff *diff);
json_object *varve_diff_to_json (const VarveDiff *diff);
/* One of those in "changed". */
json_object *varve_diff_layer_to_json (const VarveDiffLayer *layer);
