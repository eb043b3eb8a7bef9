/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"
#include "delta/artifact.h"

/* The contents and costs of a delta, for tables and JSON (documented in varve-delta(1)). */

typedef enum {
  VARVE_DELTA_CLIENT_TARDIFF, /* a client that reads only tar-diff entries */
  VARVE_DELTA_CLIENT_VARVE,   /* a client that takes the smallest entry */
} VarveDeltaClient;

/* The entry that such a client takes for a layer; NULL for a reused layer. */
const VarveDeltaEntry *varve_delta_choose (const VarveDelta *delta, guint layer, VarveDeltaClient client);
/* What such a client downloads: the artifact's manifest, the target's manifest and config, and one entry for each layer
 * that is not reused. */
guint64 varve_delta_download_bytes (const VarveDelta *delta, VarveDeltaClient client);
/* The CPU time of the encoders, as the delta declares it. */
double varve_delta_encode_seconds (const VarveDelta *delta);
/* The memory of the encoders, as the delta declares it: the maximum over its layers. */
guint64 varve_delta_encode_bytes (const VarveDelta *delta);

json_object *varve_delta_to_json (const VarveDelta *delta, const char *name);
