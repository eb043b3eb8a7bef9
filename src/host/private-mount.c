/* SPDX-License-Identifier: Apache-2.0 */
/* On a booted host /sysroot is mounted read-only; bootc makes it writable in the same way. */
#include "host/private-mount.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "base/error.h"

/* A remount replaces all flags, so the current ones must be repeated. */
static unsigned long
flags_to_keep (unsigned long flags)
{
  static const struct {
    unsigned long statvfs, mount;
  } FLAGS[] = { { ST_NOSUID, MS_NOSUID },   { ST_NODEV, MS_NODEV },           { ST_NOEXEC, MS_NOEXEC },
                { ST_NOATIME, MS_NOATIME }, { ST_NODIRATIME, MS_NODIRATIME }, { ST_RELATIME, MS_RELATIME } };
  unsigned long kept = 0;
  for (guint i = 0; i < G_N_ELEMENTS (FLAGS); i++)
    kept |= (flags & FLAGS[i].statvfs) != 0 ? FLAGS[i].mount : 0;
  return kept;
}

static gboolean
is_read_only (const char *path, struct statvfs *out_status, GError **error)
{
  if (statvfs (path, out_status) == 0)
    return (out_status->f_flag & ST_RDONLY) != 0;
  varve_set_errno (error, errno, "statvfs '%s'", path);
  return FALSE;
}

gboolean
varve_private_mount_writable (const char *path, GError **error)
{
  struct statvfs status;
  GError *failure = NULL;
  if (!is_read_only (path, &status, &failure))
    {
      if (failure != NULL)
        g_propagate_error (error, failure);
      return failure == NULL;
    }
  /* Slave: mounts of the host still appear here, ours do not appear there. */
  if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0)
    return varve_set_errno (error, errno, "creating a mount namespace to write to '%s'", path);
  if (mount (NULL, path, NULL, MS_REMOUNT | MS_BIND | flags_to_keep (status.f_flag), NULL) != 0)
    return varve_set_errno (error, errno, "remounting '%s' writable", path);
  if (!is_read_only (path, &status, &failure) && failure == NULL)
    return TRUE;
  g_clear_error (&failure);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "the file system at '%s' is read-only", path);
  return FALSE;
}
