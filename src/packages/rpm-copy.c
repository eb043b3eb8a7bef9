/* SPDX-License-Identifier: Apache-2.0 */
/* librpm opens databases only by name. The folder is private, so that no other user can replace a file, and because
 * sqlite writes files beside a database that it only reads. */
#include "packages/rpm-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"

#define DATABASE_MAX_BYTES (G_GUINT64_CONSTANT (2) << 30)

enum { PIECE_BYTES = 256 << 10 };

typedef struct {
  const char *name;     /* librpm's name for it */
  const char *files[4]; /* the first is required */
} Backend;

/* In rpm's own order of preference. */
static const Backend BACKENDS[] = {
  { "sqlite", { "rpmdb.sqlite", "rpmdb.sqlite-wal", "rpmdb.sqlite-shm" } },
  { "ndb", { "Packages.db", "Index.db" } },
  { "bdb_ro", { "Packages" } },
};

void
varve_rpm_copy_clear (VarveRpmCopy *copy)
{
  g_clear_pointer (&copy->folder, varve_temporary_folder_free);
}

static gboolean
write_all (int fd, const char *data, gsize size_bytes, GError **error)
{
  while (size_bytes > 0)
    {
      ssize_t written = write (fd, data, size_bytes);
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return varve_set_errno (error, errno, "writing a copy of the rpm database");
      data += written;
      size_bytes -= (gsize)written;
    }
  return TRUE;
}

static gboolean
copy_stream (GInputStream *stream, int fd, GCancellable *cancellable, GError **error)
{
  g_autofree char *piece = g_malloc (PIECE_BYTES);
  for (guint64 total_bytes = 0;;)
    {
      gssize got_bytes = g_input_stream_read (stream, piece, PIECE_BYTES, cancellable, error);
      if (got_bytes <= 0)
        return got_bytes == 0;
      total_bytes += (guint64)got_bytes;
      if (total_bytes > DATABASE_MAX_BYTES)
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than %" G_GUINT64_FORMAT " bytes",
                       DATABASE_MAX_BYTES);
          return FALSE;
        }
      if (!write_all (fd, piece, (gsize)got_bytes, error))
        return FALSE;
    }
}

static gboolean
copy_file (VarvePackageTree *tree, guint32 file, const char *folder, const char *name, GError **error)
{
  const VarveObject *object = &tree->inventory->objects[tree->inventory->files[file].object];
  g_autoptr (GInputStream) stream
      = tree->source->open_content (tree->source, &object->checksum, tree->cancellable, error);
  if (stream == NULL)
    return FALSE;
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return varve_set_errno (error, errno, "creating a copy of the rpm database");
  gboolean is_good = copy_stream (stream, fd, tree->cancellable, error);
  if (close (fd) != 0 && is_good)
    return varve_set_errno (error, errno, "writing a copy of the rpm database");
  return is_good;
}

/* An empty file only if there is no other: a leftover, or made by a tool that looked for a database. */
static const Backend *
find_backend (VarvePackageTree *tree, guint32 directory)
{
  const Backend *empty = NULL;
  for (guint i = G_N_ELEMENTS (BACKENDS); i > 0; i--)
    if (varve_package_tree_find_file_in (tree, directory, BACKENDS[i - 1].files[0]) != VARVE_NO_INDEX)
      empty = &BACKENDS[i - 1];
  for (guint i = 0; i < G_N_ELEMENTS (BACKENDS); i++)
    {
      guint32 file = varve_package_tree_find_file_in (tree, directory, BACKENDS[i].files[0]);
      if (file != VARVE_NO_INDEX && tree->inventory->objects[tree->inventory->files[file].object].size_bytes > 0)
        return &BACKENDS[i];
    }
  return empty;
}

gboolean
varve_rpm_copy (VarvePackageTree *tree, guint32 directory, VarveRpmCopy *out_copy, GError **error)
{
  const Backend *backend = find_backend (tree, directory);
  if (backend == NULL)
    return TRUE;
  g_auto (VarveRpmCopy) copy = { .backend = backend->name };
  copy.file = varve_package_tree_find_file_in (tree, directory, backend->files[0]);
  copy.folder = varve_temporary_folder_new (NULL, error);
  if (copy.folder == NULL)
    return FALSE;
  for (const char *const *name = backend->files; *name != NULL; name++)
    {
      guint32 file = varve_package_tree_find_file_in (tree, directory, *name);
      if (file == VARVE_NO_INDEX || copy_file (tree, file, varve_temporary_folder_path (copy.folder), *name, error))
        continue;
      g_autofree char *path = varve_escape (tree->inventory->files[file].path);
      g_prefix_error (error, "'%s': ", path);
      return FALSE;
    }
  *out_copy = copy;
  copy.folder = NULL;
  return TRUE;
}
