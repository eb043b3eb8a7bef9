#pragma once

#include "base/observer.h"

/* Which blobs of a folder are read, as inotify(7) tells it. skopeo opens a layer only when the registry does not have
 * it, so what was read is what was sent. Anyone else who reads the same blobs meanwhile is counted in, and where the
 * folder cannot be watched, nothing is known. */
typedef struct _VarveSentBlobs VarveSentBlobs;

/* @layers are VarveDigest with their sizes (guint64 *), and outlive it; other files of the folder do not count. */
VarveSentBlobs *varve_sent_blobs_new (const char *blobs_path, GHashTable *layers, VarveObserver *observer);
void varve_sent_blobs_free (VarveSentBlobs *sent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSentBlobs, varve_sent_blobs_free)

/* To be called now and then, and at the end; tells the observer of each that is done. */
void varve_sent_blobs_poll (VarveSentBlobs *sent);
/* FALSE where it is not known. */
gboolean varve_sent_blobs_count (VarveSentBlobs *sent, guint *out_n, guint64 *out_bytes);
