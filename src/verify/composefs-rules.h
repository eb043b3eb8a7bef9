/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "emit/foreign-tar.h"
#include "model/finding.h"
#include "oci/image.h"

/* What bootc's composefs backend refuses in the layers of a plain image taken together: composefs-oci's process_entry()
 * and composefs-boot's transform_for_boot(), versions 0.9. They replay the tars in order, into a tree of their own.
 *
 * Errors: "composefs.parent" (no folder for an entry), "composefs.link" (a hard link to nothing, to a folder, or into
 * another layer, which bootc's ostree backend refuses), "composefs.folder" (no /usr, /boot or /sysroot),
 * "composefs.boot" (a UKI or boot entry that is not a regular file), "composefs.limit" (more than @max_nodes entries,
 * where the check ends). Notes: "composefs.metadata" (a folder has another
 * owner or mode than in an earlier layer), "composefs.attributes" (attributes that it drops). */

/* Whether the image says that it is bootable: hosts take no other. */
gboolean varve_composefs_rules_apply (const VarveImage *image);

/* The entries of a layer, without contents. */
typedef struct _VarveComposefsLayer VarveComposefsLayer;
VarveComposefsLayer *varve_composefs_layer_new (void);
void varve_composefs_layer_free (VarveComposefsLayer *layer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveComposefsLayer, varve_composefs_layer_free)
/* @path: the clean name. */
void varve_composefs_layer_add (VarveComposefsLayer *layer, const char *path, const VarveForeignEntry *entry);

/* @layers: VarveComposefsLayer of each layer of the image. @max_nodes: of the tree, VARVE_TREE_NODES_MAX but in tests.
 */
void varve_composefs_rules_check (const VarveImage *image, GPtrArray *layers, guint max_nodes, VarveFindings *findings);
