/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/ledger.h"

/* The ledger as bytes, small even before compression, and always the same for the same ledger. Format 3; numbers are
 * unsigned LEB128 unless noted:
 *
 *   "VL", 0x03
 *   number of builds; their times (zigzag): the newest, then the difference of each to the previous one
 *   number of entries; then for each entry, ascending:
 *     length of the longest prefix that its component shares with the previous one; length of the rest; the rest
 *     0, or 1 and length and bytes of its subtree
 *     8 bytes of digest, big-endian
 *     raw bytes; size
 *     0 if only watched, or layer + 1 followed by
 *       probability + 1 (0: unknown)
 *       number of runs, 0 if all objects are in that layer; then for each run: layer, number of objects (0: unknown)
 *     number of steps; that many bits of `changed`, the newest in bit 0 of the first byte
 *
 *   number of layers, the commit layer not counted; then for each layer:
 *     1 if its stale objects are known, plus 2 if it has a key; the key, 32 bytes
 *     if they are known: their number; then for each one:
 *       4 bytes of its checksum; since when, as the difference to the stale object before it in the ledger, or to the
 * newest build (zigzag); size; number of paths; each path as a component is written above, with the prefix that it
 * shares with the path before it in the ledger, but at least one byte of its own
 *
 * Format 2 has no runs and no layers, format 1 no probabilities either. */

#define VARVE_LEDGER_ENTRIES_MAX 65536u
/* Of all names in total: prefixes are shared, so a small ledger could hold long names. 256 bytes for each of the most
 * entries. */
#define VARVE_LEDGER_NAMES_MAX_BYTES (16u << 20)

GBytes *varve_ledger_to_bytes (const VarveLedger *ledger);
/* CORRUPT for any other bytes, UNSUPPORTED for a newer format, LIMIT beyond the limits. */
VarveLedger *varve_ledger_from_bytes (GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
