/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Whether tar-split data gives a tar: sums over what the data must say, without keeping it. Where the lines are cut is
 * free. */
typedef struct _VarveSplitSums VarveSplitSums;

VarveSplitSums *varve_split_sums_new (void);
void varve_split_sums_free (VarveSplitSums *sums);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSplitSums, varve_split_sums_free)

/* Bytes that are no content. */
void varve_split_sums_add_bytes (VarveSplitSums *sums, const guint8 *bytes, gsize size_bytes);
/* Content that comes here; 0 bytes for an entry without. */
void varve_split_sums_add_file (VarveSplitSums *sums, const char *name, guint64 size_bytes, guint64 crc);

/* Ends the sums. CORRUPT where the data, compressed with zstd, is malformed or says something else. */
gboolean varve_split_sums_check (VarveSplitSums *sums, const GByteArray *compressed, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
