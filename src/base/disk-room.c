/* SPDX-License-Identifier: Apache-2.0 */
#include "base/disk-room.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

static GMutex mutex;    /* over what follows */
static GArray *claimed; /* VarveDiskRoom: the sum for each file system */

/* The caller holds the mutex. */
static VarveDiskRoom *
claimed_on (dev_t device)
{
  if (claimed == NULL)
    claimed = g_array_new (FALSE, FALSE, sizeof (VarveDiskRoom));
  for (guint i = 0; i < claimed->len; i++)
    if (g_array_index (claimed, VarveDiskRoom, i).device == device)
      return &g_array_index (claimed, VarveDiskRoom, i);
  g_array_append_val (claimed, ((VarveDiskRoom){ .device = device }));
  return &g_array_index (claimed, VarveDiskRoom, claimed->len - 1);
}

/* The caller holds the mutex. */
static guint64
free_bytes (int fd, dev_t device)
{
  struct statvfs status;
  if (fstatvfs (fd, &status) != 0 || status.f_blocks == 0)
    return G_MAXUINT64;
  guint64 all = (guint64)status.f_bavail * status.f_frsize;
  return all - MIN (all, claimed_on (device)->left_bytes);
}

static dev_t
device_of (int fd)
{
  struct stat status;
  return fstat (fd, &status) == 0 ? status.st_dev : 0;
}

guint64
varve_disk_room_free_bytes (int fd)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);
  return free_bytes (fd, device_of (fd));
}

gboolean
varve_disk_room_claim (int fd, guint64 size_bytes, VarveDiskRoom *out_room, guint64 *out_free_bytes)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);
  dev_t device = device_of (fd);
  guint64 left_bytes = free_bytes (fd, device);
  if (size_bytes > left_bytes)
    {
      *out_free_bytes = left_bytes;
      return FALSE;
    }
  claimed_on (device)->left_bytes += size_bytes;
  *out_room = (VarveDiskRoom){ .device = device, .left_bytes = size_bytes };
  return TRUE;
}

void
varve_disk_room_use (VarveDiskRoom *room, guint64 size_bytes)
{
  guint64 used_bytes = MIN (room->left_bytes, size_bytes);
  if (used_bytes == 0)
    return;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);
  claimed_on (room->device)->left_bytes -= used_bytes;
  room->left_bytes -= used_bytes;
}

void
varve_disk_room_clear (VarveDiskRoom *room)
{
  varve_disk_room_use (room, room->left_bytes);
}
