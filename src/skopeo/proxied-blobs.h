/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/image.h"
#include "skopeo/reference.h"

/* An image that skopeo can read, without copying it first: the manifest is loaded at once, each blob is streamed when
 * it is opened. Its index has one entry, the manifest; when the reference leads to an index, that of the image for
 * linux on
 * @architecture. */
VarveBlobs *varve_proxied_read (const VarveReference *reference, const char *architecture, GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* containers-storage: keeps layers as plain tars, whatever their media type in the manifest. Makes the layers of
 * @image, whose blobs are from the function above, name these tars: by diff ID, with their size. The manifest's bytes
 * and digest stay unchanged. */
gboolean varve_proxied_use_stored_layers (VarveImage *image, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The bytes of the manifest or index that the reference leads to; only their size is checked. */
GBytes *varve_load_raw_manifest (const VarveReference *reference, GError **error) G_GNUC_WARN_UNUSED_RESULT;
