/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/finding.h"
#include "oci/descriptor.h"
#include "verify/layer-record.h"

/* Stale objects: those of a layer that an image keeps although its commit does not need all of it. The manifest says
 * how many they are (varve.stale-objects, varve.stale-bytes), so that a layer cannot bring along anything else unseen.
 */

typedef struct {
  guint64 n_objects, size_bytes;
} VarveStale;

/* What the manifest declares for a layer; none where it declares nothing. CORRUPT where an annotation is no number. */
gboolean varve_stale_declared (const VarveDescriptor *layer, VarveStale *out_stale, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Whether anything is declared, also what is no number: varve_stale_check() reports that. */
gboolean varve_stale_is_declared (const VarveDescriptor *layer);
/* Compares the objects of @record that are not in @live, a set of VarveDigest, with what is declared. Error
 * "layer.stale". */
void varve_stale_check (const VarveLayerRecord *record, const VarveDescriptor *layer, GHashTable *live,
                        VarveFindings *findings);
