#pragma once

#include "oci/image.h"
#include "skopeo/reference.h"

/* The image that is meant, opened for reading; @architecture as for varve_image_open(). oci: and oci-archive: are read
 * in the program, all else through skopeo, as the reference's access says. Of containers-storage: the layers in the
 * manifest are plain tars, as they are kept there; its bytes and digest are the image's. */
VarveImage *varve_open_image (const VarveReference *reference, const char *architecture, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The same without looking at what it is, for artifacts too. The index of what is returned is a layout's own where the
 * reference is an oci: or oci-archive:, so varve_image_select() finds the entry by the reference's ref; elsewhere it
 * has one entry, without a name. */
VarveBlobs *varve_open_blobs (const VarveReference *reference, const char *architecture, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* All blobs of an oci: or oci-archive:; its ref is not looked at. */
VarveBlobs *varve_open_layout (const VarveReference *reference, GError **error) G_GNUC_WARN_UNUSED_RESULT;
