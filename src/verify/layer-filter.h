/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/sink.h"
#include "verify/plain-layer.h"

/* Ordinary layers, those that are not of an OSTree commit, as the importer of bootc and rpm-ostree takes them: it
 * filters their tar before libostree writes it. Source: ostree-ext, tar/write.rs, filter_tar(). */

typedef enum {
  VARVE_LAYER_FILTER_ALL_TOPLEVELS = 1 << 0, /* not only usr, etc, var and the empty run, tmp, proc, sys and dev */
  VARVE_LAYER_FILTER_KEEP_VAR = 1 << 1,      /* otherwise var becomes usr/share/factory/var */
} VarveLayerFilterFlags;

/* Where a file of a layer gets to, "" for the root. *@out_path, which the caller frees, is NULL where the file is left
 * out. CORRUPT where the name has ".." or is not UTF-8. */
gboolean varve_layer_filter_path (const char *name, VarveLayerFilterFlags flags, char **out_path, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Writes the filtered tar. Checks the diff ID, and size and digest of a blob. Ignores @layer's own func.
 *
 * CORRUPT for what importers refuse, or what would do harm there: a path that leads out of the tree, a device, a
 * whiteout of "." or "..", names that are not UTF-8. LIMIT for extended attributes and symlinks that Linux cannot
 * store. UNSUPPORTED for what importers treat in different ways: SELinux labels in the tar, files of the repository in
 * it. */
gboolean varve_layer_filter_write (const VarvePlainLayer *layer, VarveLayerFilterFlags flags, VarveSink *sink,
                                   GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
