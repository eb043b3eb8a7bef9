/* SPDX-License-Identifier: Apache-2.0 */
/* The writing side of a layout: the order of its steps, so that a reader and the next run always find it valid. */
#include "oci/layout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable-folder.h"
#include "base/error.h"
#include "oci/document.h"
#include "oci/index.h"
#include "oci/known-blobs.h"
#include "oci/layout-lock.h"
#include "oci/pending.h"
#include "oci/reachable-blobs.h"
#include "oci/replaced.h"

enum {
  LAYOUT_FILE_MAX_BYTES = 4096,
  LOCK_ATTEMPTS = 100, /* how often the lock's holder may remove the folder while we wait */
};

struct _VarveLayout {
  char *path;
  char *escaped_path;
  int fd, blobs_fd, lock_fd;
  VarveObserver *observer;
  VarveKnownBlobs *known;
  VarvePending *pending;
  VarveReplacedAction replaced_action;
};

static void
close_folder (VarveLayout *layout)
{
  if (layout->lock_fd >= 0)
    varve_layout_lock_release (layout->fd, layout->lock_fd);
  if (layout->fd >= 0)
    close (layout->fd);
  layout->fd = layout->lock_fd = -1;
}

void
varve_layout_free (VarveLayout *layout)
{
  g_clear_pointer (&layout->pending, varve_pending_free);
  g_clear_pointer (&layout->known, varve_known_blobs_free);
  if (layout->blobs_fd >= 0)
    close (layout->blobs_fd);
  close_folder (layout);
  g_free (layout->path);
  g_free (layout->escaped_path);
  g_free (layout);
}

const char *
varve_layout_path (const VarveLayout *layout)
{
  return layout->path;
}

int
varve_layout_fd (const VarveLayout *layout)
{
  return layout->fd;
}

int
varve_layout_blobs_fd (const VarveLayout *layout)
{
  return layout->blobs_fd;
}

VarveBlobs *
varve_layout_blobs (VarveLayout *layout, GError **error)
{
  return varve_layout_read (layout->path, error);
}

/* With a mode that does not depend on the umask. */
static gboolean
make_folder (int dirfd, const char *path, GError **error)
{
  if (mkdirat (dirfd, path, 0755) != 0)
    return errno == EEXIST || varve_set_errno (error, errno, "creating the folder '%s'", path);
  if (fchmodat (dirfd, path, 0755, 0) != 0)
    return varve_set_errno (error, errno, "setting the mode of the folder '%s'", path);
  return TRUE;
}

static gboolean
open_folder (VarveLayout *layout, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (layout->path);
  if (!varve_durable_folder_make (parent, 0755, error))
    return FALSE;
  if (!make_folder (AT_FDCWD, layout->path, error))
    return FALSE;
  layout->fd = open (layout->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return layout->fd >= 0 || varve_set_errno (error, errno, "opening the folder");
}

/* Whether the path is still the folder that we locked: another writer may have removed that while we waited. */
static gboolean
is_current (const VarveLayout *layout)
{
  struct stat opened, found;
  return fstat (layout->fd, &opened) == 0 && stat (layout->path, &found) == 0 && opened.st_dev == found.st_dev
         && opened.st_ino == found.st_ino;
}

/* One attempt; TRUE with no lock if the folder was replaced meanwhile. */
static gboolean
try_lock (VarveLayout *layout, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  if (!open_folder (layout, error))
    return FALSE;
  layout->lock_fd
      = varve_layout_lock_take (layout->fd, layout->escaped_path, layout->observer, cancellable, &local_error);
  if (is_current (layout) && layout->lock_fd < 0)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (!is_current (layout))
    close_folder (layout);
  return TRUE;
}

static gboolean
open_locked (VarveLayout *layout, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < LOCK_ATTEMPTS; i++)
    {
      if (!try_lock (layout, cancellable, error))
        return FALSE;
      if (layout->lock_fd >= 0)
        return TRUE;
    }
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "locking the folder: replaced %d times while waiting",
               LOCK_ATTEMPTS);
  return FALSE;
}

static gboolean
require_empty (int dirfd, GError **error)
{
  int fd = openat (dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *folder = fd >= 0 ? fdopendir (fd) : NULL;
  if (folder == NULL)
    {
      int saved_errno = errno;
      if (fd >= 0)
        close (fd);
      return varve_set_errno (error, saved_errno, "reading the folder");
    }
  g_autofree char *found = NULL;
  for (struct dirent *entry = readdir (folder); found == NULL && entry != NULL; entry = readdir (folder))
    if (!g_str_equal (entry->d_name, ".") && !g_str_equal (entry->d_name, "..")
        && !g_str_equal (entry->d_name, VARVE_LAYOUT_LOCK_NAME)
        && !g_str_has_prefix (entry->d_name, VARVE_TEMPFILE_PREFIX))
      found = varve_escape (entry->d_name);
  closedir (folder);
  if (found == NULL)
    return TRUE;
  g_set_error (
      error, VARVE_ERROR, VARVE_ERROR_USAGE,
      "not an OCI layout, and the folder is not empty (found '%s'): expected an OCI layout, an empty folder or "
      "a new name",
      found);
  return FALSE;
}

/* oci-layout is written first: the next run then recognises the folder, even if this run is killed here. */
static gboolean
prepare_layout_file (int fd, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) content = varve_read_file (fd, VARVE_LAYOUT_FILE, LAYOUT_FILE_MAX_BYTES, &local_error);
  if (content != NULL)
    return varve_layout_check_file (content, error);
  if (!g_error_matches (local_error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  return require_empty (fd, error)
         && varve_write_file_atomic (fd, VARVE_LAYOUT_FILE, VARVE_LAYOUT_CONTENT, sizeof VARVE_LAYOUT_CONTENT - 1,
                                     error)
         && varve_durable_folder_sync (fd, "..", error);
}

static gboolean
write_index (VarveLayout *layout, const VarveIndex *index, GError **error)
{
  g_autoptr (GBytes) bytes = varve_index_to_bytes (index);
  gsize size_bytes;
  const void *data = g_bytes_get_data (bytes, &size_bytes);
  if (size_bytes > VARVE_DOCUMENT_MAX_BYTES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "'" VARVE_LAYOUT_INDEX "' would have %" G_GSIZE_FORMAT " bytes: the limit is %d", size_bytes,
                   VARVE_DOCUMENT_MAX_BYTES);
      return FALSE;
    }
  return varve_write_file_atomic (layout->fd, VARVE_LAYOUT_INDEX, data, size_bytes, error)
         && varve_durable_folder_sync (layout->fd, ".", error);
}

static VarveIndex *
read_index (VarveLayout *layout, GError **error)
{
  g_autoptr (GBytes) bytes = varve_read_file (layout->fd, VARVE_LAYOUT_INDEX, VARVE_DOCUMENT_MAX_BYTES, error);
  VarveIndex *index = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  if (bytes != NULL && index == NULL)
    g_prefix_error (error, VARVE_LAYOUT_INDEX ": ");
  return index;
}

static gboolean
prepare_index (VarveLayout *layout, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (VarveIndex) index = read_index (layout, &local_error);
  if (index != NULL)
    return TRUE;
  if (!g_error_matches (local_error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  index = varve_index_new ();
  return write_index (layout, index, error);
}

static gboolean
prepare_folder (VarveLayout *layout, GError **error)
{
  if (!prepare_layout_file (layout->fd, error) || !varve_remove_tempfiles (layout->fd, error)
      || !make_folder (layout->fd, "blobs", error) || !make_folder (layout->fd, "blobs/sha256", error))
    return FALSE;
  layout->blobs_fd = openat (layout->fd, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (layout->blobs_fd < 0)
    return varve_set_errno (error, errno, "opening 'blobs/sha256'");
  if (!varve_remove_tempfiles (layout->blobs_fd, error) || !prepare_index (layout, error))
    return FALSE;
  layout->pending = varve_pending_open (layout->fd, error);
  return layout->pending != NULL;
}

static gboolean
layout_fail (const VarveLayout *layout, GError **error)
{
  g_prefix_error (error, "layout '%s': ", layout->escaped_path);
  return FALSE;
}

VarveLayout *
varve_layout_open (const char *path, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveLayout) layout = g_new0 (VarveLayout, 1);
  layout->path = g_strdup (path);
  for (gsize end = strlen (path); end > 1 && layout->path[end - 1] == '/'; end--)
    layout->path[end - 1] = '\0'; /* so that "out/" is created with our mode, not as a parent */
  layout->escaped_path = varve_escape (path);
  layout->observer = observer;
  layout->fd = layout->blobs_fd = layout->lock_fd = -1;
  layout->known = varve_known_blobs_new ();
  if (!open_locked (layout, cancellable, error) || !prepare_folder (layout, error))
    {
      layout_fail (layout, error);
      return NULL;
    }
  return g_steal_pointer (&layout);
}

gboolean
varve_layout_has_blob (VarveLayout *layout, const VarveDigest *digest, guint64 size_bytes)
{
  return varve_known_blobs_check (layout->known, layout->blobs_fd, digest, size_bytes);
}

int
varve_layout_open_blob (VarveLayout *layout, const VarveDigest *digest, guint64 size_bytes)
{
  return varve_known_blobs_open (layout->blobs_fd, digest, size_bytes);
}

void
varve_layout_trust_blob (VarveLayout *layout, const VarveDigest *digest)
{
  varve_known_blobs_add (layout->known, digest);
}

static gboolean
check_blob_size (VarveTempfile *file, const char *hex, guint64 size_bytes, GError **error)
{
  struct stat status;
  if (fstat (varve_tempfile_fd (file), &status) != 0)
    return varve_set_errno (error, errno, "blob 'sha256:%s'", hex);
  if ((guint64)status.st_size == size_bytes)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
               "blob 'sha256:%s': the file written has %" G_GUINT64_FORMAT " bytes: expected %" G_GUINT64_FORMAT, hex,
               (guint64)status.st_size, size_bytes);
  return FALSE;
}

gboolean
varve_layout_publish_blob (VarveLayout *layout, VarveTempfile *file, const VarveDigest *digest, guint64 size_bytes,
                           GError **error)
{
  g_autofree char *hex = varve_digest_to_hex (digest);
  if (!check_blob_size (file, hex, size_bytes, error))
    return layout_fail (layout, error);
  if (varve_layout_has_blob (layout, digest, size_bytes))
    return TRUE;
  if (!varve_pending_add (layout->pending, digest, error) || !varve_tempfile_publish (file, hex, error))
    return layout_fail (layout, error);
  varve_known_blobs_add (layout->known, digest);
  return TRUE;
}

/* Changing the mode would change it for the other folder too, and another owner could change the content. */
gboolean
varve_layout_can_link_blob (VarveLayout *layout, int fd, guint64 size_bytes)
{
  struct stat status, folder;
  return fstat (fd, &status) == 0 && fstat (layout->blobs_fd, &folder) == 0 && S_ISREG (status.st_mode)
         && (status.st_mode & 07777) == 0644 && (guint64)status.st_size == size_bytes && status.st_uid == geteuid ()
         && status.st_dev == folder.st_dev;
}

gboolean
varve_layout_link_blob (VarveLayout *layout, int fd, const VarveDigest *digest, guint64 size_bytes)
{
  g_autofree char *hex = varve_digest_to_hex (digest), *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (GError) error = NULL;
  if (!varve_layout_can_link_blob (layout, fd, size_bytes) || fdatasync (fd) != 0
      || !varve_pending_add (layout->pending, digest, &error)
      || linkat (AT_FDCWD, path, layout->blobs_fd, hex, AT_SYMLINK_FOLLOW) != 0)
    return FALSE;
  varve_known_blobs_add (layout->known, digest);
  return TRUE;
}

gboolean
varve_layout_add_blob (VarveLayout *layout, GBytes *content, VarveDigest *out_digest, GError **error)
{
  gsize size_bytes;
  const void *data = g_bytes_get_data (content, &size_bytes);
  VarveDigest digest = varve_digest_of (data, size_bytes);
  if (!varve_layout_has_blob (layout, &digest, size_bytes))
    {
      g_autoptr (VarveTempfile) file = varve_tempfile_new (layout->blobs_fd, error);
      if (file == NULL || !varve_tempfile_write (file, data, size_bytes, error))
        return layout_fail (layout, error);
      if (!varve_layout_publish_blob (layout, file, &digest, size_bytes, error))
        return FALSE;
    }
  *out_digest = digest;
  return TRUE;
}

static GHashTable *
load_reachable (VarveLayout *layout, GError **error)
{
  g_autoptr (VarveBlobs) blobs = varve_layout_blobs (layout, error);
  return blobs != NULL ? varve_reachable_blobs (blobs, error) : NULL;
}

/* @before is NULL if the old index could not be read: then nothing is listed as replaced. */
static gboolean
settle_journals (VarveLayout *layout, GHashTable *before, GError **error)
{
  g_autoptr (GHashTable) reached = load_reachable (layout, error);
  if (reached == NULL || !varve_pending_settle (layout->pending, layout->blobs_fd, reached, error))
    return FALSE;
  return before == NULL
         || varve_replaced_update (layout->fd, layout->blobs_fd, before, reached, layout->replaced_action, error);
}

/* The image is already published, so a failure is only a warning; the journal stays for the next run. */
static void
settle_or_warn (VarveLayout *layout, GHashTable *before)
{
  g_autoptr (GError) error = NULL;
  if (!settle_journals (layout, before, &error))
    varve_observer_warn (layout->observer, "layout '%s': unused blobs are not removed: %s", layout->escaped_path,
                         error->message);
}

void
varve_layout_prune_when_published (VarveLayout *layout)
{
  layout->replaced_action = VARVE_REPLACED_PRUNE;
}

/* Also what other tools made, and did not sync. */
static gboolean
sync_folders (const VarveLayout *layout, GError **error)
{
  return varve_durable_folder_sync (layout->fd, "blobs/sha256", error)
         && varve_durable_folder_sync (layout->fd, "blobs", error)
         && varve_durable_folder_sync (layout->fd, ".", error);
}

typedef gboolean (*SetEntry) (VarveIndex *index, const VarveDescriptor *manifest, const char *ref, GError **error);

static gboolean
set_unnamed (VarveIndex *index, const VarveDescriptor *manifest, const char *ref, GError **error)
{
  return varve_index_add_unnamed (index, manifest, error);
}

static gboolean
publish_index (VarveLayout *layout, const VarveDescriptor *manifest, const char *ref, SetEntry set, GError **error)
{
  g_autoptr (VarveIndex) index = read_index (layout, error);
  return index != NULL && set (index, manifest, ref, error) && sync_folders (layout, error)
         && write_index (layout, index, error);
}

static gboolean
publish_entry (VarveLayout *layout, const VarveDescriptor *manifest, const char *ref, SetEntry set, GError **error)
{
  if (!varve_layout_has_blob (layout, &manifest->digest, manifest->size_bytes))
    {
      g_autofree char *digest = varve_digest_to_string (&manifest->digest);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "manifest '%s' not found", digest);
      return layout_fail (layout, error);
    }
  g_autoptr (GHashTable) before = load_reachable (layout, NULL);
  if (!publish_index (layout, manifest, ref, set, error))
    return layout_fail (layout, error);
  settle_or_warn (layout, before);
  return TRUE;
}

gboolean
varve_layout_publish (VarveLayout *layout, const VarveDescriptor *manifest, const char *ref, GError **error)
{
  return publish_entry (layout, manifest, ref, varve_index_set, error);
}

gboolean
varve_layout_publish_unnamed (VarveLayout *layout, const VarveDescriptor *manifest, GError **error)
{
  return publish_entry (layout, manifest, NULL, set_unnamed, error);
}
