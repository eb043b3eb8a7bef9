/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "model/source.h"
#include "ostree/dirtree.h"

/* All dirtrees reachable from @root, each once, read on several threads: VarveDigest -> VarveDirtree, both owned. One
 * that cannot be read is left out, with those that only it reaches; the caller loads it again for the error. */
GHashTable *varve_dirtrees_load (VarveSource *source, const VarveDigest *root, guint jobs, GCancellable *cancellable);
