/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "emit/ostree-tar.h"

/* The tars of an ordinary image of the same components. The first layer has every folder. Each other layer has its
 * files, and repeats the parent folders before the first file in them, with owner and mode as in the tree, because a
 * reader uses those of the last layer. Folders end in '/', the root is "./". Files have the times of the inventory,
 * folders and symlinks VARVE_FILE_TIME_NONE. Attributes are PAX records SCHILY.xattr.NAME, without SELinux labels,
 * which engines set themselves. A commit's usr/etc is at etc.
 *
 * Paths of one object are separate files, except hard links in the inventory. They are adjacent, so that the repeated
 * content compresses to almost nothing. */

/* UNSUPPORTED if a name is that of a whiteout, for which readers remove another file, or an attribute's name contains
 * "=", after which readers expect its value. */
gboolean varve_plain_tar_check (const VarveInventory *inventory, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The path at which an ordinary image shows a path of the inventory: points into @path. */
const char *varve_plain_tar_path (const VarveInventory *inventory, const char *path);

/* The other way round, also for a path that the inventory lacks; the caller frees it. */
char *varve_plain_tar_commit_path (const VarveInventory *inventory, const char *path);

guint64 varve_plain_tar_files_bytes (const VarveInventory *inventory, const guint32 *objects, guint32 n_objects);
gboolean varve_plain_tar_write_files (const VarveOstreeTar *tar, const guint32 *objects, guint32 n_objects,
                                      VarveSink *sink, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_plain_tar_write_folders (const VarveOstreeTar *tar, VarveSink *sink, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
  VARVE_PLAIN_KEY_BOUND_TIMES, /* with the times that the contents of other files require */
  VARVE_PLAIN_KEY_NO_TIMES,    /* as before layers had times */
} VarvePlainKeyTimes;

/* Feed everything that decides the bytes of a layer to @hash, but for times that nothing requires, with checksums
 * instead of contents. */
void varve_plain_tar_feed_key (VarveHash *hash, VarvePlainKeyTimes times, const VarveInventory *inventory,
                               const guint32 *objects, guint32 n_objects);
/* Of the first layer, which has those folders for which @has, of each directory, is not 0; NULL: all. */
void varve_plain_tar_feed_folders_key (VarveHash *hash, const VarveInventory *inventory, const guint8 *has);
