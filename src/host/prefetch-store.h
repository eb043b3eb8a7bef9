/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "host/image-store.h"
#include "host/prefetch-types.h"

/* Gets the layers of an image that @store lacks, into a temporary layout that the store then takes. Ignores
 * options->repo_path, policy_commit and guard. The layout's image has the layers of @image, but a config of its own:
 * for bootc, an image whose config it has is one that it can stage at once, even when it is only asked to check.
 *
 * UNSUPPORTED where a signature of the commit is required (options->remote). A layer is stored only when its digest or
 * diff ID is checked. */
VarvePrefetch *varve_prefetch_into_store (const VarveImage *image, const VarvePrefetchOptions *options,
                                          const VarveImageStore *store, VarveObserver *observer,
                                          GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
