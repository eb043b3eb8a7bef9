/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/ledger.h"

/* The ledger as the text of an annotation: a version, then the base64 of its compressed bytes. */

/* The maximum of the annotation. Some clients limit a manifest to 4 MiB, and every update downloads it. */
#define VARVE_LEDGER_TEXT_MAX_BYTES (256u << 10)

/* Removes the oldest builds from @ledger until the text is short enough, then what is known of single objects, and the
 * watched directories at last. LIMIT where the
 * rest is too long, which takes about ten thousand components. */
char *varve_ledger_to_text (VarveLedger *ledger, GError **error) G_GNUC_WARN_UNUSED_RESULT;
VarveLedger *varve_ledger_from_text (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
