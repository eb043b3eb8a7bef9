/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/create-options.h"
#include "oci/image.h"
#include "skopeo/reference.h"

/* What a host without a network needs to get an image, in one folder: docs/publishing.md. */

/* The name of the image in the folder's index; a delta has this name, "-delta-from-" and digits. */
#define VARVE_BUNDLE_IMAGE "image"

typedef enum {
  VARVE_BUNDLE_DELTAS, /* layers as far as deltas contain them */
  VARVE_BUNDLE_LAYERS, /* all layers too, for any other host */
} VarveBundleKind;

typedef struct {
  VarveBundleKind kind;
  const char *architecture; /* to take from an index; as for varve_open_image() */
  VarveDeltaCreateOptions create;
} VarveBundleOptions;

typedef enum {
  VARVE_BUNDLED_IMAGE,     /* its manifest and config */
  VARVE_BUNDLED_DELTA,     /* made now */
  VARVE_BUNDLED_PUBLISHED, /* a delta that was found beside the image */
  VARVE_BUNDLED_ATTACHED,  /* what else was found beside the image: a signature, an SBOM */
} VarveBundledKind;

/* "image", "delta", "published-delta", "attached". */
const char *varve_bundled_kind_to_string (VarveBundledKind kind);

/* An entry of the folder's index. */
typedef struct {
  VarveBundledKind kind;
  char *name;          /* in the index */
  char *artifact_type; /* of what is attached; may be NULL */
  VarveDigest digest;  /* of its manifest */
} VarveBundled;

typedef struct {
  GPtrArray *entries;   /* VarveBundled, the image last */
  guint n_layers;       /* of the image, that are in the folder as blobs */
  guint64 layers_bytes; /* of these */
  guint64 total_bytes;  /* of all blobs in the folder that its index leads to */
} VarveBundleResult;

/* @froms are VarveReference of images that hosts have; without any, all layers are put into the folder. @folder is a
 * layout, which is created or added to; the image is added to its index last. A delta that is published beside the
 * image is taken as it is. What is attached to the image and cannot be read is a warning. */
gboolean varve_bundle (const VarveReference *image, const char *folder, GPtrArray *froms,
                       const VarveBundleOptions *options, VarveBundleResult *out_result, GCancellable *cancellable,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_bundle_result_clear (VarveBundleResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveBundleResult, varve_bundle_result_clear)
