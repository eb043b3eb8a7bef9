/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"
#include "chunker/ledger.h"
#include "model/finding.h"
#include "oci/manifest.h"
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
/* Whether a layer has nothing but whiteouts of what is stale in others. */
gboolean varve_stale_is_whiteouts (const VarveManifest *manifest, guint layer);

/* Of an image. */
typedef struct {
  guint64 n_objects, size_bytes;
  guint64 live_bytes; /* of what the image needs, in tars; 0 when unknown */
  guint n_layers;     /* with stale objects */
  gint64 since;       /* of the object that has been stale for longest: seconds since 1970, or
                         VARVE_STALE_SINCE_UNKNOWN */
} VarveStaleTotal;

/* As declared; what is no number does not count. Without @ledger, live_bytes and since are unknown.
 */
VarveStaleTotal varve_stale_total (const VarveManifest *manifest, const VarveLedger *ledger);
/* Of all bytes, from 0 to 1; 0 when unknown. */
double varve_stale_share (const VarveStaleTotal *total);

/* Adds "stale_since", in the form of RFC 3339, unless it is unknown. */
void varve_stale_since_to_json (json_object *json, gint64 since);

/* Compares the objects of @record that are not in @live, a set of VarveDigest, with what is declared. Error
 * "layer.stale". */
void varve_stale_check (const VarveLayerRecord *record, const VarveDescriptor *layer, GHashTable *live,
                        VarveFindings *findings);
