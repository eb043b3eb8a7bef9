/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"
#include "model/layer-entries.h"
#include "oci/image.h"
#include "verify/stale.h"

/* What of an image is stale at a path or in a layer, and since when, by its ledger. */

typedef struct {
  guint layer; /* counting the commit layer */
  VarveDigest digest;
  VarveStale found;   /* these, and the sum of their contents */
  GPtrArray *objects; /* VarveStaleObject, owned, by their first paths */
} VarveStalePlace;

/* VarveStalePlace, owned, by layer; empty where nothing is stale or the ledger does not know. @name is the path of a
 * file or folder, in the tree or not, or the number of a layer. */
GPtrArray *varve_stale_places_find (const VarveImage *image, const char *name, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
json_object *varve_stale_place_to_json (const VarveStalePlace *place);
