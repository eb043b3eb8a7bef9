/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"

/* Which blobs of a folder are opened, by inotify(7). skopeo opens a layer only when the registry does not have it, so
 * the opened blobs are those that were sent. Other readers of the same blobs are counted too; when the folder cannot be
 * watched, nothing is known. */
typedef struct _VarveSentBlobs VarveSentBlobs;

/* @layers maps VarveDigest to the size (guint64 *), and must outlive the result; other files are ignored. */
VarveSentBlobs *varve_sent_blobs_new (const char *blobs_path, GHashTable *layers, VarveObserver *observer);
void varve_sent_blobs_free (VarveSentBlobs *sent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSentBlobs, varve_sent_blobs_free)

/* Reads the pending events; advances the observer for each newly opened blob. Call it regularly. */
void varve_sent_blobs_poll (VarveSentBlobs *sent);
/* Polls a last time; FALSE when the counts are not known. */
gboolean varve_sent_blobs_count (VarveSentBlobs *sent, guint *out_n, guint64 *out_bytes);
