/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"
#include "oci/image.h"
#include "verify/stale.h"

/* What of an image is stale at a path or in a layer, by its ledger. The ledger does not say since when. */

typedef struct {
  guint layer; /* counting the commit layer */
  VarveDigest digest;
  VarveStale found; /* objects with any of the paths, and their contents */
  GPtrArray *paths; /* with a leading slash, sorted, owned */
} VarveStalePlace;

/* VarveStalePlace, owned, by layer; empty where nothing is stale or the ledger does not know. @name is the path of a
 * file or folder, in the tree or not, or the number of a layer. */
GPtrArray *varve_stale_places_find (const VarveImage *image, const char *name, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
json_object *varve_stale_place_to_json (const VarveStalePlace *place);
