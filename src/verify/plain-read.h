/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/skipped-entries.h"
#include "model/tree.h"
#include "oci/image.h"
#include "verify/composefs-tar.h"
#include "verify/plain-record.h"

/* Reads whole layers into records, and makes the tree that a container shows of them. */

/* The record of layer @index, compared with @tree, which must live as long. CORRUPT where a path leads out of the tree,
 * or digest, size or diff ID are wrong; NOT_FOUND where the blob is not there. @composefs gets the tar's bytes, and may
 * be NULL. */
VarvePlainRecord *varve_plain_read (const VarveImage *image, guint index, const VarvePlainTree *tree,
                                    VarveComposefsTar *composefs, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Called for an entry that cannot be applied; the others are. */
typedef void (*VarvePlainFault) (gpointer data, const char *message);

/* Applies the entries of layer @index to @shown, as verify/layer-apply.h does. Layers come in order. Regular files
 * get the checksums of the record. */
void varve_plain_read_apply (const VarvePlainRecord *record, guint index, VarveTree *shown, VarveSkipped *skipped,
                             VarvePlainFault fault, gpointer data);
