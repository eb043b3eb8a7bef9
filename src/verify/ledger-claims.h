/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/ledger.h"
#include "model/finding.h"
#include "oci/image.h"

/* What the ledger of an image claims of its layers. A build with --previous believes it, so that it need not read them:
 * the key of another content would put files into an image that its commit lacks, or leave some out; a stale path that
 * is not listed would be shown. */

/* What a layer has. */
typedef struct {
  VarveDigest key;  /* the content key of the objects that are shown from it */
  GPtrArray *stale; /* VarveStaleObject: the others, owned; NULL: a layer that no build keeps, so nothing is known */
} VarveLayerFacts;

typedef enum {
  VARVE_STALE_EXACT, /* each object with its paths, size and mark */
  VARVE_STALE_PATHS, /* only the set of paths, for a plain image: a tar does not tell which files were one object of an
                        earlier tree, nor the labels of that object */
} VarveStaleComparison;

void varve_layer_facts_clear (VarveLayerFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveLayerFacts, varve_layer_facts_clear)

/* NULL for an image without a ledger, or with an error "image.ledger": one that cannot be read, or refers to a layer
 * that the image lacks. */
VarveLedger *varve_ledger_claims_read (const VarveImage *image, VarveFindings *findings);
/* The layer of the image that is layer 0 of its ledger. */
guint varve_ledger_claims_first (const VarveImage *image);
/* Compares what the ledger has of layer @index, from varve_ledger_claims_first() on, with the layer. Error
 * "layer.ledger". */
void varve_ledger_claims_check (const VarveImage *image, const VarveLedger *ledger, guint index,
                                const VarveLayerFacts *facts, VarveStaleComparison comparison, VarveFindings *findings);
