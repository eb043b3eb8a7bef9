/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/layer-entries.h"
#include "oci/image.h"
#include "verify/plain-record.h"

/* What a layer of a plain image has, as below; NULL where it cannot be kept. */
VarveLayerEntries *varve_plain_entries (const VarvePlainRecord *record, const VarvePlainTree *tree);
/* Reads a layer of a plain image and compares what it has with a tree: type, owner, mode, attributes, content and hard
 * links of each path, not the time. An object of the tree is in it if the layer has all of its paths so; the paths of
 * other files are stale, and so are folders that the tree lacks, which end in "/". *@out_entries is NULL where the
 * layer cannot be kept: it has a device, a folder that the tree has otherwise, a path twice, a hard link into another
 * layer, an entry in a folder that neither it nor the tree has, or something that composefs-tar.h finds.
 *
 * Fails also where digest, size or diff ID are wrong. */
gboolean varve_plain_entries_read (const VarveImage *image, guint index, const VarvePlainTree *tree,
                                   VarveLayerEntries **out_entries, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
