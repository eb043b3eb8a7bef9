/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json-keys.h"

/* The keys of image-spec 1.1, and of Docker's documents where they have more. */

/* One table for manifests and indexes: neither may have the other's lists in another case. */
extern const VarveJsonKey VARVE_DOCUMENT_KEYS[];
extern const VarveJsonKey VARVE_CONFIG_KEYS[];
/* The member "config" of a config. */
extern const VarveJsonKey VARVE_CONFIG_RUN_KEYS[];
extern const VarveJsonKey VARVE_LAYOUT_KEYS[];
