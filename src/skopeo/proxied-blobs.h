#pragma once

#include "oci/image.h"
#include "skopeo/reference.h"

/* An image that skopeo can get at, read without copying it: the manifest at once, each blob when it is opened,
 * streamed. There is one entry in its index, the manifest; where the reference leads to an index, that is the image for
 * linux on
 * @architecture. */
VarveBlobs *varve_proxied_read (const VarveReference *reference, const char *architecture, GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* containers-storage: keeps layers as plain tars, whatever the manifest says that they were. This makes @image, whose
 * blobs are from the function above, name them as they are: by diff ID, with their size. The manifest's bytes and
 * digest stay those of the image. */
gboolean varve_proxied_use_stored_layers (VarveImage *image, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The bytes that the reference leads to, whether manifest or index; nothing but their size is checked. */
GBytes *varve_load_raw_manifest (const VarveReference *reference, GError **error) G_GNUC_WARN_UNUSED_RESULT;
