#pragma once

#include "oci/image.h"
#include "transport/reference.h"

/* The layout that the reference is in, for reading; its ref is not looked at. */
VarveBlobs *varve_open_blobs (const VarveReference *reference, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The image itself; @architecture as for varve_image_open(). */
VarveImage *varve_open_image (const VarveReference *reference, const char *architecture,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
