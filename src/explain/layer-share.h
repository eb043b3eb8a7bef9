/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/ledger.h"
#include "oci/manifest.h"

/* The bytes of a component that are in one layer's blob, where it is in several. */

/* Of @entry in @layer, the commit layer not counted. Exact where the rest of the layer is known: the layer has no other
 * component that is in several layers, and nothing stale. Else estimated by the number of objects. */
guint64 varve_layer_share (const VarveLedger *ledger, const VarveManifest *manifest, const VarveLedgerEntry *entry,
                           guint32 layer);
