#pragma once

#include "base/digest.h"

/* The journal of a layout: the blobs that were written and that index.json may not lead to yet. It is the file
 * ".varve_pending" of one hexadecimal digest a line, there only while it lists something. A killed run leaves it
 * behind; the next one finds its blobs and uses them, and what is still unused when that one is done is removed.
 *
 * It lives in the page cache: a run that is killed is cleaned up after, a power cut may leave a blob that no one
 * needs. */
typedef struct _VarvePending VarvePending;

#define VARVE_PENDING_NAME ".varve_pending"

/* In the layout's folder, which must outlive it and whose lock the caller holds. Reads what an earlier run left. */
VarvePending *varve_pending_open (int layout_fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_pending_free (VarvePending *pending);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePending, varve_pending_free)

/* To be called before the blob gets its name. Thread-safe. */
gboolean varve_pending_add (VarvePending *pending, const VarveDigest *digest, GError **error) G_GNUC_WARN_UNUSED_RESULT;
guint varve_pending_count (VarvePending *pending);
/* Removes the listed blobs that are not among @reached (a set of VarveDigest), then the journal. */
gboolean varve_pending_settle (VarvePending *pending, int blobs_fd, GHashTable *reached, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
