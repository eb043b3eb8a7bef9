#pragma once

#include "chunker/ledger.h"
#include "model/image-keys.h"
#include "oci/manifest.h"

/* What an image tells of itself beside what image-spec and ostree have: annotations of its layers and of its manifest.
 */

/* So long is the annotation at most: a manifest may have 4 MiB with some clients, and is loaded at every update. */
#define VARVE_LEDGER_TEXT_MAX_BYTES (256u * 1024)

/* Forgets the oldest builds of @ledger until the text is short enough, then what is only watched; LIMIT where not even
 * the rest fits: from about ten thousand components on. */
char *varve_ledger_to_text (VarveLedger *ledger, GError **error) G_GNUC_WARN_UNUSED_RESULT;
VarveLedger *varve_ledger_from_text (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "0.0312" and back; -1 for what is not that. */
char *varve_probability_to_string (guint32 probability);
gint64 varve_probability_from_string (const char *text);

/* Names joined by commas; a comma in one becomes "_". */
char *varve_components_join (const GPtrArray *names);
