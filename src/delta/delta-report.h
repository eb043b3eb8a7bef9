#pragma once

#include "base/json.h"
#include "delta/artifact.h"

/* What a delta is made of: the same data for tables and JSON (documented in varve-delta(1)). */

typedef enum {
  VARVE_DELTA_CLIENT_TARDIFF, /* one that knows only tardf1 */
  VARVE_DELTA_CLIENT_VARVE,   /* one that takes the smallest entry */
} VarveDeltaClient;

/* The entry that such a client takes for a layer; NULL for one that is reused. */
const VarveDeltaEntry *varve_delta_choose (const VarveDelta *delta, guint layer, VarveDeltaClient client);
/* All that such a client downloads: the artifact's manifest, the target's manifest and config, and one entry for each
 * layer. */
guint64 varve_delta_download_bytes (const VarveDelta *delta, VarveDeltaClient client);
/* CPU seconds that applying costs in encoders, as the delta foretells. */
double varve_delta_encode_seconds (const VarveDelta *delta);
/* The memory that these take at once, at most. */
guint64 varve_delta_encode_bytes (const VarveDelta *delta);

json_object *varve_delta_to_json (const VarveDelta *delta, const char *name);
