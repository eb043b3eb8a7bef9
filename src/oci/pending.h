/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/digest.h"

/* The journal of a layout: blobs that were written and may not be reachable from index.json yet. The file
 * ".varve_pending" has one hexadecimal digest a line and exists only while it lists something. A killed run leaves it;
 * the next run may use its blobs, and removes those that are still unreachable when it publishes.
 *
 * The journal is not synced: a power cut may leave an unused blob. */
typedef struct _VarvePending VarvePending;

#define VARVE_PENDING_NAME ".varve_pending"

/* Reads what an earlier run left in the layout's folder. The descriptor must outlive the result; the caller holds the
 * folder's lock. */
VarvePending *varve_pending_open (int layout_fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_pending_free (VarvePending *pending);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePending, varve_pending_free)

/* Call before the blob gets its name. Thread-safe. */
gboolean varve_pending_add (VarvePending *pending, const VarveDigest *digest, GError **error) G_GNUC_WARN_UNUSED_RESULT;
guint varve_pending_count (VarvePending *pending);
/* Removes the listed blobs that are not among @reached (a set of VarveDigest), then the journal. */
gboolean varve_pending_settle (VarvePending *pending, int blobs_fd, GHashTable *reached, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
