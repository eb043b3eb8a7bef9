#pragma once

#include "chunker/ledger.h"

/* The ledger as bytes, small before they are compressed and the same for the same ledger. Format 2, all numbers
 * unsigned LEB128 unless said:
 *
 *   "VL", 0x02; the number of builds, then their times: the newest (zigzag), then each one's distance to the one before
 * (zigzag); the number of entries, then for each, ascending: bytes that its component shares with the one before (all
 * that it can), length of the rest, the rest; 0, or 1 and length and bytes of its subtree; 8 bytes of digest,
 * big-endian; raw bytes; size; 0 where it is only watched, or layer + 1 and probability + 1, or 0 where that is not
 * known; steps it has been there; that many bits of `changed`, the newest in bit 0 of the first byte.
 *
 * Format 1 has no probabilities. */

#define VARVE_LEDGER_ENTRIES_MAX 65536u
/* All names together, which share what they begin with: 256 bytes for each of the most entries. */
#define VARVE_LEDGER_NAMES_MAX_BYTES (16u << 20)

GBytes *varve_ledger_to_bytes (const VarveLedger *ledger);
/* What is not exactly such bytes is CORRUPT, a newer format UNSUPPORTED, more than the limits LIMIT. */
VarveLedger *varve_ledger_from_bytes (GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
