/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/finding.h"
#include "oci/image.h"
#include "verify/plain-record.h"

/* Compares each annotation varve.content-key with the entries of its layer, also with those that later layers hide: a
 * later build reuses the layer by that key alone. @records as for varve_plain_compare(). Error "layer.content-key". */
void varve_plain_content_keys_check (const VarveImage *image, GPtrArray *records, const VarvePlainTree *tree,
                                     VarveFindings *findings);
