/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/blobs.h"
#include "oci/config.h"
#include "oci/index.h"
#include "oci/manifest.h"

/* An image opened for reading: manifest and config are loaded and their digests checked; layers are not. */
typedef struct {
  VarveDescriptor *descriptor; /* of the manifest, from the index */
  GBytes *manifest_bytes;
  VarveManifest *manifest;
  GBytes *config_bytes;
  VarveConfig *config; /* as many diff IDs as the manifest has layers */
  VarveBlobs *blobs;   /* for the layers; owned */
} VarveImage;

/* The entry that @ref names, see varve_image_open(); belongs to @index. */
const VarveDescriptor *varve_image_select (const VarveIndex *index, const char *ref, GError **error);
/* Whether the descriptor is of an index. */
gboolean varve_image_is_index (const VarveDescriptor *descriptor);

/* Takes @blobs, also on failure. @ref is a ref name, "@sha256:…" for the manifest with that digest, or "@N" for the
 * entry at that position, from 0. NULL selects the only entry; if there are several, the error lists their names. If
 * the entry is an index, its image for linux on @architecture is opened; NULL is this machine's,
 * or that of the only image. Attestations of buildx are no images. */
VarveImage *varve_image_open (VarveBlobs *blobs, const char *ref, const char *architecture, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Only the selection: the descriptor of the manifest, which may be of an artifact. */
VarveDescriptor *varve_image_resolve (VarveBlobs *blobs, const char *ref, const char *architecture, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_image_free (VarveImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveImage, varve_image_free)
