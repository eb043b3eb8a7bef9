/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/image-keys.h"
#include "oci/blobs.h"
#include "oci/config.h"
#include "oci/image.h"
#include "oci/manifest.h"

/* A delta between two images as an OCI artifact: oci-delta version 1 (github.com/containers/oci-delta, README), with
 * additional entries that other appliers skip: docs/delta-format.md. */

#define VARVE_DELTA_ARTIFACT_TYPE "application/vnd.io.github.containers.oci-delta.v1"
#define VARVE_DELTA_TARDIFF_TYPE "application/vnd.tar-diff"
#define VARVE_DELTA_VARVE_TYPE "application/vnd.varve.delta.v1"

typedef enum {
  VARVE_DELTA_ENTRY_TARDIFF, /* tardf1 */
  VARVE_DELTA_ENTRY_VARVE,   /* varve's own format */
  VARVE_DELTA_ENTRY_LAYER,   /* the layer itself */
} VarveDeltaEntryKind;

/* "tar-diff", "varve", "layer". */
const char *varve_delta_entry_kind_to_string (VarveDeltaEntryKind kind);

typedef struct {
  VarveDeltaEntryKind kind;
  guint layer;                       /* of the target image */
  const VarveDescriptor *descriptor; /* of the blob; belongs to the artifact's manifest */
} VarveDeltaEntry;

typedef struct {
  VarveBlobs *blobs;
  VarveDescriptor *descriptor; /* of the artifact's manifest */
  VarveManifest *manifest;
  VarveDescriptor *target_descriptor;
  GBytes *target_bytes;
  VarveManifest *target; /* the manifest of the new image */
  GBytes *config_bytes;
  VarveConfig *config; /* as many diff IDs as the target has layers */
  VarveDigest source_config;
  GArray *entries;    /* VarveDeltaEntry; a layer may have two, and has none where it is reused */
  GHashTable *reused; /* set of VarveDigest: diff IDs that the delta says are in the source */
} VarveDelta;

/* Takes @blobs, also on failure. Checks all digests and counts; skips entries of unknown content. */
VarveDelta *varve_delta_open (VarveBlobs *blobs, const char *ref, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_delta_free (VarveDelta *delta);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDelta, varve_delta_free)

/* The entry of this kind for a layer, or NULL. */
const VarveDeltaEntry *varve_delta_find (const VarveDelta *delta, guint layer, VarveDeltaEntryKind kind);

/* Whether the delta leads from one image to the other. */
gboolean varve_delta_is_between (const VarveDelta *delta, const VarveImage *source, const VarveImage *target);
/* Reads all blobs of the delta and checks their digests. */
gboolean varve_delta_check_blobs (const VarveDelta *delta, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The two images of a new artifact. */
typedef struct {
  const char *source; /* the digest of its manifest, as text; NULL where it is not known */
  VarveDigest source_config;
  const char *source_commit;     /* NULL where it has none */
  const VarveDescriptor *target; /* of its manifest */
  const VarveManifest *target_manifest;
  const VarveConfig *target_config;
  const gboolean *reused; /* for each layer of the target: whether the source has the same diff ID */
} VarveDeltaEnds;

/* The manifest of a new artifact, with entries for the target's manifest and config, and none for layers yet. */
VarveManifest *varve_delta_manifest_new (const VarveDeltaEnds *ends);
/* Adds an entry for @layer of the target. The result belongs to @manifest. */
VarveDescriptor *varve_delta_manifest_add (VarveManifest *manifest, VarveDeltaEntryKind kind,
                                           const VarveDescriptor *layer, const char *media_type,
                                           const VarveDigest *digest, guint64 size_bytes);
/* Annotates the finished manifest with what the delta costs a client of varve, which takes the smallest entry of each
 * layer: bytes to download, CPU seconds and memory. A list of referrers repeats these. */
void varve_delta_manifest_annotate_costs (VarveManifest *manifest);
