/* SPDX-License-Identifier: Apache-2.0 */
/* Opens files of the three kinds of base. Only this file resolves names that a delta gives. */
#include "delta/old-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "emit/ostree-tar.h"
#include "ostree/walk.h"

struct _VarveOldTree {
  /* Exactly one of these three is set. */
  VarveImageFiles *image;
  VarveRepo *repo;
  int folder_fd;

  VarveInventory *inventory; /* of the repository's commit */
  char *work_path;           /* or NULL */
  GMutex mutex;              /* for the rest: the commit layer, made on first use */
  VarveExtentFile *commit_layer;
  VarveExtent commit_layer_tar;
  VarveDigest commit_layer_diff_id;
};

/* The commit layer has only dirtrees and directories. */
#define COMMIT_LAYER_MAX_BYTES (1ull << 30)

void
varve_old_file_close (VarveOldFile *file)
{
  if (file->is_owned && file->fd >= 0)
    close (file->fd);
  *file = (VarveOldFile)VARVE_OLD_FILE_INIT;
}

static VarveOldTree *
tree_new (void)
{
  VarveOldTree *tree = g_new0 (VarveOldTree, 1);
  tree->folder_fd = -1;
  g_mutex_init (&tree->mutex);
  return tree;
}

void
varve_old_tree_free (VarveOldTree *tree)
{
  if (tree->folder_fd >= 0)
    close (tree->folder_fd);
  g_clear_pointer (&tree->inventory, varve_inventory_free);
  g_clear_pointer (&tree->commit_layer, varve_extent_file_free);
  g_free (tree->work_path);
  g_mutex_clear (&tree->mutex);
  g_free (tree);
}

VarveOldTree *
varve_old_tree_of_image (VarveImageFiles *files)
{
  VarveOldTree *tree = tree_new ();
  tree->image = files;
  return tree;
}

VarveOldTree *
varve_old_tree_of_commit (VarveRepo *repo, const VarveDigest *commit, const char *work_path, guint jobs,
                          GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveOldTree) tree = tree_new ();
  tree->repo = repo;
  tree->work_path = g_strdup (work_path);
  tree->inventory = varve_walk (repo, commit, jobs, NULL, cancellable, error);
  return tree->inventory != NULL ? g_steal_pointer (&tree) : NULL;
}

VarveOldTree *
varve_old_tree_of_folder (const char *path, GError **error)
{
  g_autoptr (VarveOldTree) tree = tree_new ();
  tree->folder_fd = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (tree->folder_fd >= 0)
    return g_steal_pointer (&tree);
  int saved_errno = errno;
  g_autofree char *escaped = varve_escape (path);
  varve_set_errno (error, saved_errno, "opening '%s'", escaped);
  return NULL;
}

static gboolean
tree_set_not_found (const char *name, GError **error)
{
  g_autofree char *escaped = varve_escape (name);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "the old tree has no file '%s'", escaped);
  return FALSE;
}

static VarveOldFile
old_file_in (VarveExtentFile *spool, VarveExtent extent)
{
  VarveOldFile file = { .size_bytes = extent.size_bytes };
  file.fd = varve_extent_file_fd (spool, extent.at, &file.base);
  return file;
}

static gboolean
image_open_file (VarveOldTree *tree, const char *name, VarveOldFile *out_file, GError **error)
{
  const VarveImageFile *file = g_hash_table_lookup (tree->image->by_name, name);
  if (file == NULL)
    return tree_set_not_found (name, error);
  *out_file = old_file_in (tree->image->spool, file->content);
  return TRUE;
}

/* For a repository that keeps its objects compressed. */
static gboolean
commit_unpack_object (const VarveOldTree *tree, const VarveDigest *checksum, guint64 size_bytes, VarveOldFile *out_file,
                      GError **error)
{
  VarveSource *source = varve_repo_source (tree->repo);
  g_autoptr (GInputStream) stream = source->open_content (source, checksum, NULL, error);
  g_autoptr (VarveExtentFile) spool = stream != NULL ? varve_extent_file_new (tree->work_path, error) : NULL;
  if (spool == NULL)
    return FALSE;
  g_autoptr (VarveExtentFileWriter) writer = varve_extent_file_writer_new (spool, size_bytes);
  g_autofree guint8 *buffer = g_malloc (1 << 16);
  VarveExtent extent;
  gssize n;
  do
    {
      n = g_input_stream_read (stream, buffer, 1 << 16, NULL, error);
      if (n < 0 || !varve_extent_file_writer_write (writer, buffer, (gsize)n, error))
        return FALSE;
    }
  while (n > 0);
  if (!varve_extent_file_writer_finish (writer, &extent, error))
    return FALSE;
  *out_file = old_file_in (spool, extent);
  out_file->is_owned = TRUE;
  out_file->fd = fcntl (out_file->fd, F_DUPFD_CLOEXEC, 0);
  return out_file->fd >= 0 || varve_set_errno (error, errno, "duplicating a descriptor");
}

static gboolean
commit_open_file (VarveOldTree *tree, const char *name, VarveOldFile *out_file, GError **error)
{
  guint32 index = varve_inventory_find_file (tree->inventory, name);
  const VarveObject *object
      = index != VARVE_NO_INDEX ? &tree->inventory->objects[tree->inventory->files[index].object] : NULL;
  if (object == NULL || object->symlink_target != NULL)
    return tree_set_not_found (name, error);
  VarveSource *source = varve_repo_source (tree->repo);
  GError *failure = NULL;
  int fd = source->open_content_fd != NULL ? source->open_content_fd (source, &object->checksum, &failure) : -1;
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  if (fd < 0)
    return commit_unpack_object (tree, &object->checksum, object->size_bytes, out_file, error);
  *out_file = (VarveOldFile){ .fd = fd, .is_owned = TRUE, .size_bytes = object->size_bytes };
  return TRUE;
}

static gboolean
folder_open_file (VarveOldTree *tree, const char *name, VarveOldFile *out_file, GError **error)
{
  struct open_how how
      = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
  struct stat info;
  int fd = (int)syscall (SYS_openat2, tree->folder_fd, name, &how, sizeof how);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
    return tree_set_not_found (name, error);
  if (fd < 0)
    {
      int saved_errno = errno;
      g_autofree char *escaped = varve_escape (name);
      return varve_set_errno (error, saved_errno, "opening '%s'", escaped);
    }
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      close (fd);
      return tree_set_not_found (name, error);
    }
  *out_file = (VarveOldFile){ .fd = fd, .is_owned = TRUE, .size_bytes = (guint64)info.st_size };
  return TRUE;
}

static gboolean
tree_open_exactly (VarveOldTree *tree, const char *name, VarveOldFile *out_file, GError **error)
{
  if (tree->image != NULL)
    return image_open_file (tree, name, out_file, error);
  if (tree->repo != NULL)
    return commit_open_file (tree, name, out_file, error);
  return folder_open_file (tree, name, out_file, error);
}

/* *@failure is NOT_FOUND already. It is replaced if the system fails. */
static gboolean
tree_open_in_usr (VarveOldTree *tree, const char *name, VarveOldFile *out_file, GError **failure)
{
  GError *second = NULL;
  if (tree_open_exactly (tree, name, out_file, &second))
    return TRUE;
  if (g_error_matches (second, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    g_error_free (second);
  else
    {
      g_clear_error (failure);
      g_propagate_error (failure, second);
    }
  return FALSE;
}

gboolean
varve_old_tree_open (VarveOldTree *tree, const char *name, VarveOldFile *out_file, GError **error)
{
  g_autoptr (GError) failure = NULL;
  if (tree_open_exactly (tree, name, out_file, &failure))
    return TRUE;
  g_autofree char *in_usr = g_str_has_prefix (name, "etc/") ? g_strconcat ("usr/", name, NULL) : NULL;
  if (in_usr != NULL && g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND)
      && tree_open_in_usr (tree, in_usr, out_file, &failure))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
image_find_layer (VarveOldTree *tree, const VarveDigest *diff_id, VarveOldFile *out_file)
{
  for (guint i = 0; i < tree->image->maps->len; i++)
    {
      const VarveTarMap *map = tree->image->maps->pdata[i];
      if (map == NULL || varve_digest_compare (&map->sums.diff_id, diff_id) != 0)
        continue;
      *out_file = old_file_in (tree->image->spool, map->tar);
      return TRUE;
    }
  return FALSE;
}

typedef struct {
  VarveHash *hash;
  VarveExtentFileWriter *writer;
} LayerSink;

static gboolean
write_layer (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  LayerSink *sink = data;
  varve_hash_update (sink->hash, bytes, size_bytes);
  return varve_extent_file_writer_write (sink->writer, bytes, size_bytes, error);
}

static gboolean
commit_make_layer (VarveOldTree *tree, GError **error)
{
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (tree->work_path, error);
  if (spool == NULL)
    return FALSE;
  g_autoptr (VarveExtentFileWriter) writer = varve_extent_file_writer_new (spool, COMMIT_LAYER_MAX_BYTES);
  g_autoptr (VarveHash) hash = varve_hash_new ();
  LayerSink layer = { .hash = hash, .writer = writer };
  VarveSink sink = { .write = write_layer, .data = &layer };
  VarveOstreeTar tar = { .inventory = tree->inventory, .source = varve_repo_source (tree->repo) };
  if (!varve_ostree_tar_write_commit (&tar, &sink, error)
      || !varve_extent_file_writer_finish (writer, &tree->commit_layer_tar, error))
    return FALSE;
  tree->commit_layer_diff_id = varve_hash_finish (hash);
  tree->commit_layer = g_steal_pointer (&spool);
  return TRUE;
}

/* FALSE without an error where the commit layer has another diff ID. */
static gboolean
commit_find_layer (VarveOldTree *tree, const VarveDigest *diff_id, VarveOldFile *out_file, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&tree->mutex);
  if (tree->commit_layer == NULL && !commit_make_layer (tree, error))
    return FALSE;
  *out_file = old_file_in (tree->commit_layer, tree->commit_layer_tar);
  return varve_digest_compare (&tree->commit_layer_diff_id, diff_id) == 0;
}

gboolean
varve_old_tree_open_layer (VarveOldTree *tree, const VarveDigest *diff_id, VarveOldFile *out_file, GError **error)
{
  GError *failure = NULL;
  if (tree->image != NULL && image_find_layer (tree, diff_id, out_file))
    return TRUE;
  if (tree->repo != NULL && commit_find_layer (tree, diff_id, out_file, &failure))
    return TRUE;
  *out_file = (VarveOldFile)VARVE_OLD_FILE_INIT;
  if (failure != NULL)
    {
      g_propagate_prefixed_error (error, failure, "reproducing the old commit layer: ");
      return FALSE;
    }
  g_autofree char *text = varve_digest_to_string (diff_id);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "the old tree has no layer with the diff ID %s", text);
  return FALSE;
}

gboolean
varve_old_file_read (const VarveOldFile *file, guint64 at, void *buffer, gsize size_bytes, GError **error)
{
  guint8 *next = buffer;
  if (at > file->size_bytes || size_bytes > file->size_bytes - at)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "read beyond the end of an old file");
      return FALSE;
    }
  while (size_bytes > 0)
    {
      ssize_t n = pread (file->fd, next, size_bytes, (off_t)(file->base + at));
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return varve_set_errno (error, n < 0 ? errno : EIO, "reading an old file");
      next += n;
      at += (guint64)n;
      size_bytes -= (gsize)n;
    }
  return TRUE;
}
