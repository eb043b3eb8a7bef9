/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "host/prefetch-types.h"

/* Fetches the layers of an image into a host's repository before its upgrade, which then has nothing to download. */

/* Pins the image (ostree/pin.h), then adds each layer when it is complete and every object is checked; the commit layer
 * when the repository has all of the commit, and then the layers on top of it. A plain image only has such layers. With
 * @remote, writes no object that is not in the commit. Layers of an earlier run are not fetched again.
 *
 * CORRUPT for an image that breaks a rule of the format, or whose commit is not signed by a key of @remote; UNSUPPORTED
 * for a plain image with @remote. A layer that fails is not added. */
VarvePrefetch *varve_prefetch_image (const VarveImage *image, const VarvePrefetchOptions *options,
                                     VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Removes the pin, so that the next pruning of bootc or rpm-ostree removes the layers that are not in use. */
gboolean varve_prefetch_clear (const char *repo_path, gboolean *out_had_pin, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
