#pragma once

#include "base/observer.h"
#include "model/finding.h"
#include "oci/image.h"

/* Whether it is an image that says nothing of a commit. */
gboolean varve_verify_is_plain (const VarveImage *image);

/* What can be said of any image: each layer's digest, size and diff ID, its tar, and that its paths are there once.
 *
 * Errors: "layer.missing", "layer.unreadable", "layer.digest" (digest, size or diff ID), "tar.duplicate-path",
 * "path.form" (".."), "path.link" (a hard link to what is not before it in the layer, where no layer below can have
 * it), those of emit/decompress.h. Notes, about what importers of bootable images mind: "path.type" (devices),
 * "path.not-utf8", "path.parent" (a folder that the layer does not have before what is in it), "image.history",
 * "image.plain". */
gboolean varve_verify_plain (const VarveImage *image, guint jobs, VarveObserver *observer, VarveFindings *findings,
                             GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
