/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/ledger.h"
#include "oci/manifest.h"

/* The ledger in a manifest. For an image of another tool, a ledger made from the component names of its layers. CORRUPT
 * where a ledger refers to a missing layer. */
VarveLedger *varve_image_ledger_read (const VarveManifest *manifest, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the image has a ledger, with digests, sizes and history; else only component and layer are set. */
gboolean varve_image_ledger_is_exact (const VarveLedger *ledger);

/* The name of its atom: "COMPONENT" or "COMPONENT:SUBTREE"; the caller frees it. */
char *varve_ledger_entry_name (const VarveLedgerEntry *entry);
