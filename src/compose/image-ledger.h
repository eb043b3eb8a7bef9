#pragma once

#include "chunker/ledger.h"
#include "oci/manifest.h"

/* What a manifest tells of the components in its layers: its ledger, and for an image of another tool the names on its
 * layers alone. A ledger that speaks of layers which are not there is CORRUPT. */
VarveLedger *varve_image_ledger_read (const VarveManifest *manifest, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether it is a ledger, with digests, sizes and a past; else nothing but component and layer is set. */
gboolean varve_image_ledger_is_exact (const VarveLedger *ledger);

/* As atoms are named: "COMPONENT" or "COMPONENT:SUBTREE"; the caller frees it. */
char *varve_ledger_entry_name (const VarveLedgerEntry *entry);
