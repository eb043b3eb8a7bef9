/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "base/tempfile.h"
#include "oci/blobs.h"

/* A folder that is an OCI layout: image-spec 1.1, image-layout.md.
 *
 * A layout being written is valid at every moment: a blob gets its name when it is complete, and index.json is replaced
 * atomically at the end. The next run uses or removes what a killed run leaves. Files are 0644 and folders 0755
 * whatever the umask. */

#define VARVE_LAYOUT_FILE "oci-layout"
#define VARVE_LAYOUT_INDEX "index.json"
#define VARVE_LAYOUT_CONTENT "{\"imageLayoutVersion\":\"1.0.0\"}"

/* Checks the content of an oci-layout file: version 1.0.0. */
gboolean varve_layout_check_file (GBytes *content, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Opens a layout for reading, without a lock. Blobs may be symlinks to regular files, as some build systems write them:
 * readers check the digest. */
VarveBlobs *varve_layout_read (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A layout being written, locked against other writers while it is open. */
typedef struct _VarveLayout VarveLayout;

/* Creates the folder and its parents, or opens an existing layout; a folder with other files is an error. Waits for
 * another writer as oci/layout-lock.h has it. @observer is kept and may be NULL. */
VarveLayout *varve_layout_open (const char *path, VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_layout_free (VarveLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveLayout, varve_layout_free)

const char *varve_layout_path (const VarveLayout *layout);
/* The layout's folder and its blobs' folder, for temporary files; they belong to @layout. */
int varve_layout_fd (const VarveLayout *layout);
int varve_layout_blobs_fd (const VarveLayout *layout);
/* Opens the same layout for reading; independent of @layout. */
VarveBlobs *varve_layout_blobs (VarveLayout *layout, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the blob exists: a regular file of that size whose digest was read, once in a run. A file that is something
 * else is replaced when the blob is published. The functions on blobs are thread-safe. */
gboolean varve_layout_has_blob (VarveLayout *layout, const VarveDigest *digest, guint64 size_bytes);
/* The regular file of that name and size, for a caller that reads it itself; -1 where there is none. */
int varve_layout_open_blob (VarveLayout *layout, const VarveDigest *digest, guint64 size_bytes);
/* After the caller has read that file and found its digest right. */
void varve_layout_trust_blob (VarveLayout *layout, const VarveDigest *digest);
/* Syncs a file of the blobs' folder and gives it its name. @digest and @size_bytes are what the caller computed; a file
 * of another size is CORRUPT. An existing good blob is kept, and @file is removed when it is freed. */
gboolean varve_layout_publish_blob (VarveLayout *layout, VarveTempfile *file, const VarveDigest *digest,
                                    guint64 size_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same for a file of another folder, whose digest the caller has read, as a hard link. The file itself is not
 * changed: FALSE unless it is a regular file of this user, on the same file system, of that size and mode 0644, and
 * where the file system has no hard links. */
gboolean varve_layout_can_link_blob (VarveLayout *layout, int fd, guint64 size_bytes);
gboolean varve_layout_link_blob (VarveLayout *layout, int fd, const VarveDigest *digest, guint64 size_bytes)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_layout_add_blob (VarveLayout *layout, GBytes *content, VarveDigest *out_digest, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Adds the manifest, whose blobs must exist, to index.json as varve_index_set() does; everything is on disk on return.
 * Then removes blobs that this run or a killed one wrote and that are not reachable. */
gboolean varve_layout_publish (VarveLayout *layout, const VarveDescriptor *manifest, const char *ref, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The same without a name, as varve_index_add_unnamed() does. */
gboolean varve_layout_publish_unnamed (VarveLayout *layout, const VarveDescriptor *manifest, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Call before varve_layout_publish(), which then also removes blobs that an earlier publishing made unreachable. Blobs
 * of the entry that is replaced now stay until the next time, since someone may be reading them. */
void varve_layout_prune_when_published (VarveLayout *layout);
