#pragma once

#include "emit/ostree-tar.h"

/* What stands in the tars of an ordinary image of the same parts. The first layer holds every folder; each other one
 * its files, and before the first in it each folder on the way there again, with the tree's own owner and mode: a
 * reader that puts one layer on another takes those of the last. Folders end in '/', the root is "./". Times are 0, as
 * on an OSTree host: those of files differ from copy to copy of a tree. Attributes are PAX records SCHILY.xattr.NAME,
 * but for SELinux's labels, which engines make themselves. A commit's usr/etc is at etc.
 *
 * Paths of one object are separate files, but for those that the inventory says are hard links. They follow one
 * another, so that what is the same compresses to next to nothing. */

/* UNSUPPORTED where a name is that of a whiteout, which readers take for an order to remove another file. */
gboolean varve_plain_tar_check (const VarveInventory *inventory, GError **error) G_GNUC_WARN_UNUSED_RESULT;

guint64 varve_plain_tar_files_bytes (const VarveInventory *inventory, const guint32 *objects, guint32 n_objects);
gboolean varve_plain_tar_write_files (const VarveOstreeTar *tar, const guint32 *objects, guint32 n_objects,
                                      VarveSink *sink, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_plain_tar_write_folders (const VarveOstreeTar *tar, VarveSink *sink, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* All that decides the bytes of a layer, fed to @hash: checksums stand for contents. */
void varve_plain_tar_feed_folders_key (VarveHash *hash, const VarveInventory *inventory);
void varve_plain_tar_feed_key (VarveHash *hash, const VarveInventory *inventory, const guint32 *objects,
                               guint32 n_objects);
