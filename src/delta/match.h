/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Finds the parts of a new file that nearly equal parts of an old one.
 *
 * The scan is bsdiff's: a match extends as long as at least half of its bytes agree, and two matches meet where most
 * bytes agree. The search is not: instead of a suffix array it uses a hash table of 12-byte windows of the old file at
 * every S-th position. Measured on 397 MB of kernel modules: 10.9 MB in 5 s, where bsdiff takes minutes; S = 1
 * gives 10.7, S = 8 gives 11.1. */

/* The bytes from new_at in the new file and from old_at in the old one mostly agree. */
typedef struct {
  gsize new_at, old_at, size_bytes;
} VarveMatch;

/* The result is a GArray of VarveMatch, inside both files, ascending and without overlap in the new one. The same input
 * gives the same matches. Takes about @old_bytes * 2 of memory besides the files, at most 512 MiB. */
GArray *varve_match (const guint8 *old, gsize old_bytes, const guint8 *new, gsize new_bytes);

/* The number of leading bytes that agree, at most @max_bytes. */
gsize varve_match_run (const guint8 *a, const guint8 *b, gsize max_bytes);
