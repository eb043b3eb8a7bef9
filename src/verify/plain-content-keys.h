/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/ledger.h"
#include "model/finding.h"
#include "oci/image.h"
#include "verify/plain-record.h"

/* Compares each annotation varve.content-key with the entries of its layer, also with those that later layers hide: a
 * later build reuses the layer by that key alone; and what the ledger claims of the layers (NULL for none), see
 * verify/ledger-claims.h. @records as for varve_plain_compare(). Errors "layer.content-key", "layer.ledger". */
void varve_plain_content_keys_check (const VarveImage *image, GPtrArray *records, const VarvePlainTree *tree,
                                     const VarveLedger *ledger, VarveFindings *findings);
