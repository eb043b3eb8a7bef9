/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/image.h"
#include "skopeo/reference.h"

/* The name that images use for the architecture that a user names, as varve_architecture_from_machine() maps it;
 * static. USAGE for a name that images do not use. */
const char *varve_open_architecture (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Opens an image for reading; @architecture as for varve_image_open(). varve reads oci: and oci-archive: itself, all
 * else through skopeo with the reference's access. With containers-storage: the layers of the manifest are the plain
 * tars that are stored; the manifest's bytes and digest are unchanged. */
VarveImage *varve_open_image (const VarveReference *reference, const char *architecture, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Opens the blobs of an image or artifact without parsing its manifest. With oci: and oci-archive: the index is that of
 * the layout, in which varve_image_select() finds the entry by the reference's ref; otherwise it has one entry, without
 * a ref name. */
VarveBlobs *varve_open_blobs (const VarveReference *reference, const char *architecture, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* All blobs of an oci: or oci-archive:; the ref is ignored. */
VarveBlobs *varve_open_layout (const VarveReference *reference, GError **error) G_GNUC_WARN_UNUSED_RESULT;
