/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/ledger.h"
#include "model/image-keys.h"
#include "oci/manifest.h"

/* The annotations of layers and of the manifest that varve adds to those of image-spec and ostree. */

/* The maximum of the annotation. Some clients limit a manifest to 4 MiB, and every update downloads it. */
#define VARVE_LEDGER_TEXT_MAX_BYTES (256u << 10)

/* Removes the oldest builds from @ledger until the text is short enough, then what is known of single objects, and the
 * watched directories at last. LIMIT where the
 * rest is too long, which takes about ten thousand components. */
char *varve_ledger_to_text (VarveLedger *ledger, GError **error) G_GNUC_WARN_UNUSED_RESULT;
VarveLedger *varve_ledger_from_text (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "0.0312" and back; -1 for any other text. */
char *varve_probability_to_string (guint32 probability);
gint64 varve_probability_from_string (const char *text);

/* Joins names with commas; a comma in a name becomes "_". */
char *varve_components_join (const GPtrArray *names);
