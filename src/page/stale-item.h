/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"

/* An item of a section's lead: the share of a new installation that is stale, by "stale_share" and "stale_bytes" of
 * @document. Nothing if nothing is stale. */
void varve_stale_item (GString *out, json_object *document);
