/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ostree/repo.h"

/* Whether a commit asks for a root that is an overlay: composefs, or a transient root (ostree-prepare-root(1)). The
 * importer of bootc and rpm-ostree then takes files outside of /usr from layers on top of the commit. Source:
 * ostree-ext, ostree_prepareroot.rs, overlayfs_root_enabled(). CORRUPT where the file cannot be parsed. */
gboolean varve_prepare_root_overlays (VarveRepo *repo, const VarveDigest *commit, gboolean *out_overlays,
                                      GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same for the text of the file. */
gboolean varve_prepare_root_parse (const char *text, gsize size_bytes, gboolean *out_overlays, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
