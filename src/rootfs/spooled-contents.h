/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/extent-file.h"
#include "emit/foreign-tar.h"
#include "model/tree.h"

/* Contents in a spool; each inode has its place there. */
VarveTreeContents *varve_spooled_contents_new (GError **error) G_GNUC_WARN_UNUSED_RESULT;
VarveExtentFile *varve_spooled_contents_spool (VarveTreeContents *contents);
/* A VarveLayerContentFunc with the contents as its data. */
gboolean varve_spooled_contents_take (gpointer contents, VarveForeignTar *tar, VarveTreeInode *inode,
                                      GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
