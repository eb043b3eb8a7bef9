#pragma once

#include <gio/gio.h>

#include "model/source.h"
#include "ostree/dirtree.h"

/* All that @root leads to, each once, read on several threads: VarveDigest -> VarveDirtree, both owned. One that cannot
 * be read, and what only it leads to, is left out, for the caller to find out why. */
GHashTable *varve_dirtrees_load (VarveSource *source, const VarveDigest *root, guint jobs, GCancellable *cancellable);
