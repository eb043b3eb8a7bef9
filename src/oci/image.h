#pragma once

#include "oci/blobs.h"
#include "oci/config.h"
#include "oci/index.h"
#include "oci/manifest.h"

/* One image, opened for reading: manifest and config are loaded, their digests checked. The layers are not. */
typedef struct {
  VarveDescriptor *descriptor; /* of the manifest, as the index has it */
  GBytes *manifest_bytes;
  VarveManifest *manifest;
  GBytes *config_bytes;
  VarveConfig *config; /* as many diff IDs as the manifest has layers */
  VarveBlobs *blobs;   /* for the layers; owned */
} VarveImage;

/* The entry of a layout's index that @ref names, as below; belongs to @index. */
const VarveDescriptor *varve_image_select (const VarveIndex *index, const char *ref, GError **error);
/* Whether it is of an index rather than of a manifest. */
gboolean varve_image_is_index (const VarveDescriptor *descriptor);

/* Takes @blobs, also on failure. @ref is a ref name, or "@sha256:…" for the manifest with that digest, or "@N" for the
 * entry at that place, from 0. NULL is the only entry; where there are several, the error lists their names. Where this
 * is an index again, the image in it for linux on @architecture is taken; NULL is this machine's. */
VarveImage *varve_image_open (VarveBlobs *blobs, const char *ref, const char *architecture, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Only the first step of it: the descriptor of the manifest that is meant, of whatever kind it is. */
VarveDescriptor *varve_image_resolve (VarveBlobs *blobs, const char *ref, const char *architecture, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_image_free (VarveImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveImage, varve_image_free)
