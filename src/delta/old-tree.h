#pragma once

#include <gio/gio.h>

#include "delta/image-files.h"
#include "ostree/repo.h"

/* The tree that a delta is applied to: an image, a commit of a repository, or a folder. Files are asked for by the
 * names that the ops of a delta give, which come from outside: they lead to regular files inside the tree or nowhere.
 * "etc/x" is "usr/etc/x" where only that exists. Thread-safe. */
typedef struct _VarveOldTree VarveOldTree;

/* Bytes from @base on in a file; to be closed. */
typedef struct {
  int fd;
  gboolean is_owned;
  guint64 base, size_bytes;
} VarveOldFile;

#define VARVE_OLD_FILE_INIT { .fd = -1 }
void varve_old_file_close (VarveOldFile *file);

VarveOldTree *varve_old_tree_of_image (VarveImageFiles *files);
/* Walks the commit. What has to be unpacked or made of it is kept in the folder @work_path, or a temporary one when it
 * is NULL. */
VarveOldTree *varve_old_tree_of_commit (VarveRepo *repo, const VarveDigest *commit, const char *work_path, guint jobs,
                                        GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
VarveOldTree *varve_old_tree_of_folder (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Leaves what it was made of alone. */
void varve_old_tree_free (VarveOldTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveOldTree, varve_old_tree_free)

/* @name is clean. NOT_FOUND where the tree has no such regular file. */
gboolean varve_old_tree_open (VarveOldTree *tree, const char *name, VarveOldFile *out_file, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The tar of the layer with this diff ID. An image has all of its layers; a commit has the commit layer that varve
 * makes of it; a folder has none. NOT_FOUND. */
gboolean varve_old_tree_open_layer (VarveOldTree *tree, const VarveDigest *diff_id, VarveOldFile *out_file,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Exactly so many bytes; CORRUPT where the file has not as many. */
gboolean varve_old_file_read (const VarveOldFile *file, guint64 at, void *buffer, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
