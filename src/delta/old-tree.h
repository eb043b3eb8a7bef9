/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "delta/image-files.h"
#include "ostree/repo.h"

/* The tree that a delta is applied to: an image, a commit of a repository, or a folder. Names come from outside, in the
 * ops of a delta: only regular files inside the tree are opened. Where "etc/x" does not exist, "usr/etc/x" is used.
 * Thread-safe. */
typedef struct _VarveOldTree VarveOldTree;

/* @size_bytes bytes from offset @base in a file; the caller closes it. */
typedef struct {
  int fd;
  gboolean is_owned;
  guint64 base, size_bytes;
} VarveOldFile;

#define VARVE_OLD_FILE_INIT { .fd = -1 }
void varve_old_file_close (VarveOldFile *file);

VarveOldTree *varve_old_tree_of_image (VarveImageFiles *files);
/* Walks the commit. Unpacked objects and the commit layer are temporary files in @work_path; NULL:
 * varve_temporary_parent(). */
VarveOldTree *varve_old_tree_of_commit (VarveRepo *repo, const VarveDigest *commit, const char *work_path, guint jobs,
                                        GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
VarveOldTree *varve_old_tree_of_folder (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Does not free the image files or the repository. */
void varve_old_tree_free (VarveOldTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveOldTree, varve_old_tree_free)

/* @name is clean: varve_tardiff_clean_name(). NOT_FOUND where the tree has no such regular file. */
gboolean varve_old_tree_open (VarveOldTree *tree, const char *name, VarveOldFile *out_file, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The tar of the layer with this diff ID. An image has all of its layers; a commit has the commit layer that varve
 * makes of it; a folder has none. NOT_FOUND where there is no such layer. */
gboolean varve_old_tree_open_layer (VarveOldTree *tree, const VarveDigest *diff_id, VarveOldFile *out_file,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads exactly @size_bytes; CORRUPT where the file ends earlier. */
gboolean varve_old_file_read (const VarveOldFile *file, guint64 at, void *buffer, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
