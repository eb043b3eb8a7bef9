/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Room on a file system that this process will use: several threads that look at free space at the same time do not all
 * count on the same bytes. Thread-safe. */

/* Claimed and not used yet. Zero is nothing. */
typedef struct {
  dev_t device;
  guint64 left_bytes;
} VarveDiskRoom;

/* What the file system of @fd has left that nobody in this process has claimed; G_MAXUINT64 if that is unknown. */
guint64 varve_disk_room_free_bytes (int fd);
/* FALSE where less is left, with that in *@out_free_bytes. */
gboolean varve_disk_room_claim (int fd, guint64 size_bytes, VarveDiskRoom *out_room, guint64 *out_free_bytes)
    G_GNUC_WARN_UNUSED_RESULT;
/* These bytes have been written: they count as used by now. */
void varve_disk_room_use (VarveDiskRoom *room, guint64 size_bytes);
/* Gives back what was not used. */
void varve_disk_room_clear (VarveDiskRoom *room);
