/* SPDX-License-Identifier: Apache-2.0 */
/* The reading side of layout.h, which needs no lock. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>

#include "base/error.h"
#include "oci/document-keys.h"
#include "oci/document.h"
#include "oci/layout.h"

enum { LAYOUT_FILE_MAX_BYTES = 4096 };

typedef struct {
  VarveBlobs blobs;
  char *path; /* escaped, for messages */
  int fd, blobs_fd;
} Reader;

gboolean
varve_layout_check_file (GBytes *content, GError **error)
{
  g_autoptr (json_object) json = varve_json_parse (content, LAYOUT_FILE_MAX_BYTES, error);
  gboolean valid = json != NULL && varve_json_check_keys (json, VARVE_LAYOUT_KEYS, error);
  const char *version = valid ? varve_json_get_string (json, "imageLayoutVersion", error) : NULL;
  if (version == NULL)
    {
      g_prefix_error (error, "'" VARVE_LAYOUT_FILE "': ");
      return FALSE;
    }
  if (g_str_equal (version, "1.0.0"))
    return TRUE;
  g_autofree char *escaped = varve_escape (version);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
               "'" VARVE_LAYOUT_FILE "': imageLayoutVersion is '%s': expected '1.0.0'", escaped);
  return FALSE;
}

static gboolean
check_size (const Reader *reader, int fd, const char *digest, guint64 expected, GError **error)
{
  struct stat status;
  if (fstat (fd, &status) != 0)
    return varve_set_errno (error, errno, "layout '%s': blob '%s'", reader->path, digest);
  if (!S_ISREG (status.st_mode))
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "layout '%s': blob '%s' is not a regular file",
                   reader->path, digest);
      return FALSE;
    }
  if ((guint64)status.st_size == expected)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
               "layout '%s': blob '%s' has %" G_GINT64_FORMAT " bytes: expected %" G_GUINT64_FORMAT, reader->path,
               digest, (gint64)status.st_size, expected);
  return FALSE;
}

/* -1 on error. */
static int
open_checked (const Reader *reader, const VarveDescriptor *descriptor, int flags, GError **error)
{
  g_autofree char *digest = varve_digest_to_string (&descriptor->digest);
  g_autofree char *hex = varve_digest_to_hex (&descriptor->digest);
  int fd = openat (reader->blobs_fd, hex, flags | O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0 && errno == ELOOP && (flags & O_NOFOLLOW))
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                 "layout '%s': blob '%s' is a symlink: expected a regular file", reader->path, digest);
  else if (fd < 0)
    varve_set_errno (error, errno, "layout '%s': blob '%s'", reader->path, digest);
  if (fd < 0 || check_size (reader, fd, digest, descriptor->size_bytes, error))
    return fd;
  close (fd);
  return -1;
}

static GInputStream *
open_blob (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  int fd = open_checked ((Reader *)blobs, descriptor, 0, error);
  return fd >= 0 ? g_unix_input_stream_new (fd, TRUE) : NULL;
}

static int
open_file (VarveBlobs *blobs, const VarveDescriptor *descriptor, GError **error)
{
  return open_checked ((Reader *)blobs, descriptor, O_NOFOLLOW, error);
}

static GBytes *
load_index (VarveBlobs *blobs, GError **error)
{
  Reader *reader = (Reader *)blobs;
  GBytes *content = varve_read_file (reader->fd, VARVE_LAYOUT_INDEX, VARVE_DOCUMENT_MAX_BYTES, error);
  if (content == NULL)
    g_prefix_error (error, "layout '%s': ", reader->path);
  return content;
}

static void
reader_free (VarveBlobs *blobs)
{
  Reader *reader = (Reader *)blobs;
  if (reader->fd >= 0)
    close (reader->fd);
  if (reader->blobs_fd >= 0)
    close (reader->blobs_fd);
  g_free (reader->path);
  g_free (reader);
}

static gboolean
open_folders (Reader *reader, const char *path, GError **error)
{
  reader->fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (reader->fd < 0)
    return varve_set_errno (error, errno, "opening the folder");
  g_autoptr (GBytes) content = varve_read_file (reader->fd, VARVE_LAYOUT_FILE, LAYOUT_FILE_MAX_BYTES, error);
  if (content == NULL || !varve_layout_check_file (content, error))
    return FALSE;
  reader->blobs_fd = openat (reader->fd, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return reader->blobs_fd >= 0 || varve_set_errno (error, errno, "opening 'blobs/sha256'");
}

VarveBlobs *
varve_layout_read (const char *path, GError **error)
{
  Reader *reader = g_new0 (Reader, 1);
  reader->blobs
      = (VarveBlobs){ .open_blob = open_blob, .open_file = open_file, .load_index = load_index, .free = reader_free };
  reader->path = varve_escape (path);
  reader->fd = reader->blobs_fd = -1;
  if (open_folders (reader, path, error))
    return &reader->blobs;
  g_prefix_error (error, "layout '%s': ", reader->path);
  reader_free (&reader->blobs);
  return NULL;
}
