/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/ledger.h"
#include "model/finding.h"
#include "oci/image.h"
#include "verify/plain-record.h"

/* Compares what a container shows of a plain image with a tree, and the content keys of its layers and its ledger
 * (NULL for none) with their entries.
 * @records: the VarvePlainRecord of each layer, all complete.
 *
 * Errors: "layer.apply" (an entry that cannot be applied), "path.missing", "path.unknown", "path.type", "path.header"
 * (owner, mode or attributes), "path.content", "path.hard-link", "layer.content-key", "layer.ledger". Note: "path.time"
 * (not the time that another file requires; other times are not compared). */
void varve_plain_compare (const VarveImage *image, GPtrArray *records, const VarvePlainTree *tree,
                          const VarveLedger *ledger, VarveFindings *findings);
