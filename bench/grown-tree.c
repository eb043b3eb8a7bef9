/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/grown-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "ostree/repo.h"
#include "ostree/walk.h"
#include "packages/owners.h"

enum { BUFFER_BYTES = 1 << 18, CHANGED_PACKAGES = 16 };

#define DATABASE "usr/lib/sysimage/dpkg"
#define COPIES "usr/lib/scale"

struct _VarveGrownTree {
  VarveGrownTreeOptions options;
  VarveGrownTreeSize size;
  GPtrArray *changing; /* char *: paths of the files that an update changes */
  guint changes;
};

/* One copy. */
typedef struct {
  VarveGrownTree *tree;
  VarveInventory *inventory;
  VarveSource *source;
  VarveComponents *components;
  GPtrArray *lists; /* GString: for each component, the paths of its files */
  char *prefix;     /* of its paths, with a final slash; "" for the first */
  char *note;       /* added to each file; "" for the first */
  guint8 *buffer;
  GCancellable *cancellable;
} Copy;

static void
grown_free_list (gpointer list)
{
  g_string_free (list, TRUE);
}

static void
copy_clear (Copy *copy)
{
  g_clear_pointer (&copy->components, varve_components_free);
  g_clear_pointer (&copy->inventory, varve_inventory_free);
  g_clear_pointer (&copy->lists, g_ptr_array_unref);
  g_clear_pointer (&copy->prefix, g_free);
  g_clear_pointer (&copy->note, g_free);
  g_clear_pointer (&copy->buffer, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Copy, copy_clear)

static gboolean
make_folder (const VarveGrownTree *tree, const char *path, GError **error)
{
  g_autofree char *full = g_build_filename (tree->options.path, path, NULL);
  return g_mkdir_with_parents (full, 0755) == 0 || varve_set_errno (error, errno, "making the folder '%s'", full);
}

VarveGrownTree *
varve_grown_tree_new (const VarveGrownTreeOptions *options, GError **error)
{
  g_autoptr (VarveGrownTree) tree = g_new0 (VarveGrownTree, 1);
  tree->options = *options;
  tree->changing = g_ptr_array_new_with_free_func (g_free);
  return make_folder (tree, DATABASE "/info", error) ? g_steal_pointer (&tree) : NULL;
}

void
varve_grown_tree_free (VarveGrownTree *tree)
{
  g_ptr_array_unref (tree->changing);
  g_free (tree);
}

const VarveGrownTreeSize *
varve_grown_tree_size (const VarveGrownTree *tree)
{
  return &tree->size;
}

static gboolean
write_bytes (int fd, const void *bytes, gsize size_bytes, const char *path, GError **error)
{
  const guint8 *next = bytes;
  while (size_bytes > 0)
    {
      ssize_t n = write (fd, next, size_bytes);
      if (n < 0 && errno != EINTR)
        return varve_set_errno (error, errno, "writing '%s'", path);
      next += MAX (n, 0);
      size_bytes -= (gsize)MAX (n, 0);
    }
  return TRUE;
}

static gboolean
append_text (const char *path, const char *text, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0)
    return varve_set_errno (error, errno, "opening '%s'", path);
  gboolean done = write_bytes (fd, text, strlen (text), path, error);
  close (fd);
  return done;
}

static gboolean
copy_content (const Copy *copy, const VarveObject *object, int fd, const char *path, GError **error)
{
  g_autoptr (GInputStream) stream
      = copy->source->open_content (copy->source, &object->checksum, copy->cancellable, error);
  guint64 left = copy->tree->options.cut_bytes;
  gssize n = 1;
  if (stream == NULL)
    return FALSE;
  while (n > 0 && left > 0)
    {
      n = g_input_stream_read (stream, copy->buffer, (gsize)MIN (left, BUFFER_BYTES), copy->cancellable, error);
      if (n < 0 || !write_bytes (fd, copy->buffer, (gsize)n, path, error))
        return FALSE;
      left -= (guint64)n;
      copy->tree->size.bytes += (guint64)n;
    }
  copy->tree->size.bytes += strlen (copy->note);
  return write_bytes (fd, copy->note, strlen (copy->note), path, error);
}

static gboolean
copy_file (const Copy *copy, const VarveFile *file, GError **error)
{
  const VarveObject *object = &copy->inventory->objects[file->object];
  g_autofree char *path = g_strconcat (copy->tree->options.path, "/", copy->prefix, file->path, NULL);
  copy->tree->size.files++;
  if (object->symlink_target != NULL)
    return symlink (object->symlink_target, path) == 0 || varve_set_errno (error, errno, "making '%s'", path);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, object->mode & 07777);
  if (fd < 0)
    return varve_set_errno (error, errno, "making '%s'", path);
  gboolean done = copy_content (copy, object, fd, path, error);
  close (fd);
  return done;
}

/* The database of the commit is replaced by ours. */
static gboolean
copy_files (Copy *copy, GError **error)
{
  for (guint32 i = 0; i < copy->inventory->n_files; i++)
    {
      const VarveFile *file = &copy->inventory->files[i];
      guint32 owner = copy->components->of_file[i];
      const VarveComponent *component = varve_components_get (copy->components, owner);
      if (component->kind == VARVE_COMPONENT_PACKAGE_DATABASE)
        continue;
      if (g_cancellable_set_error_if_cancelled (copy->cancellable, error) || !copy_file (copy, file, error))
        return FALSE;
      if (component->kind != VARVE_COMPONENT_PACKAGE)
        continue;
      g_string_append_printf (copy->lists->pdata[owner], "/%s%s\n", copy->prefix, file->path);
      if (owner % CHANGED_PACKAGES == 0 && copy->inventory->objects[file->object].symlink_target == NULL)
        g_ptr_array_add (copy->tree->changing,
                         g_strconcat (copy->tree->options.path, "/", copy->prefix, file->path, NULL));
    }
  return TRUE;
}

static gboolean
copy_folders (const Copy *copy, GError **error)
{
  for (guint32 i = 0; i < copy->inventory->n_directories; i++)
    {
      g_autofree char *path = g_strconcat (copy->prefix, copy->inventory->directories[i].path, NULL);
      if (!make_folder (copy->tree, path, error))
        return FALSE;
    }
  return TRUE;
}

/* Each package with files gets a paragraph and a list. */
static gboolean
write_database (const Copy *copy, GError **error)
{
  g_autoptr (GString) status = g_string_new (NULL);
  for (guint i = 0; i < copy->lists->len; i++)
    {
      const GString *list = copy->lists->pdata[i];
      if (list->len == 0)
        continue;
      g_autofree char *name
          = g_strdup_printf ("%s-copy%u", varve_components_get (copy->components, i)->name, copy->tree->size.copies);
      g_autofree char *path = g_strdup_printf ("%s/" DATABASE "/info/%s.list", copy->tree->options.path, name);
      g_string_append_printf (
          status, "Package: %s\nStatus: install ok installed\nArchitecture: all\nVersion: 1\nDescription: none\n\n",
          name);
      copy->tree->size.packages++;
      if (!append_text (path, list->str, error))
        return FALSE;
    }
  g_autofree char *path = g_strconcat (copy->tree->options.path, "/" DATABASE "/status", NULL);
  return append_text (path, status->str, error);
}

static gboolean
read_commit (Copy *copy, VarveRepo *repo, VarveObserver *observer, GError **error)
{
  VarveOwnersOptions owners = VARVE_OWNERS_OPTIONS_INIT;
  VarveDigest commit;
  if (!varve_repo_resolve (repo, copy->tree->options.ref, &commit, error))
    return FALSE;
  copy->source = varve_repo_source (repo);
  copy->inventory = varve_walk (repo, &commit, copy->tree->options.jobs, observer, copy->cancellable, error);
  copy->components = copy->inventory != NULL
                         ? varve_owners_read (copy->inventory, copy->source, &owners, NULL, copy->cancellable, error)
                         : NULL;
  if (copy->components == NULL)
    return FALSE;
  copy->lists = g_ptr_array_new_with_free_func (grown_free_list);
  for (guint i = 0; i < copy->components->components->len; i++)
    g_ptr_array_add (copy->lists, g_string_new (NULL));
  return TRUE;
}

gboolean
varve_grown_tree_add_copy (VarveGrownTree *tree, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  guint number = tree->size.copies;
  g_auto (Copy) copy = {
    .tree = tree,
    .prefix = number > 0 ? g_strdup_printf (COPIES "/%u/", number) : g_strdup (""),
    .note = number > 0 ? g_strdup_printf ("copy %u\n", number) : g_strdup (""),
    .buffer = g_malloc (BUFFER_BYTES),
    .cancellable = cancellable,
  };
  g_autoptr (VarveRepo) repo = varve_repo_open (tree->options.repo_path, cancellable, error);
  if (repo == NULL || !read_commit (&copy, repo, observer, error))
    return FALSE;
  varve_observer_begin (observer, "growing the tree", 0);
  if (!copy_folders (&copy, error) || !copy_files (&copy, error) || !write_database (&copy, error))
    return FALSE;
  tree->size.copies++;
  return TRUE;
}

gboolean
varve_grown_tree_change (VarveGrownTree *tree, GCancellable *cancellable, GError **error)
{
  g_autofree char *note = g_strdup_printf ("change %u\n", ++tree->changes);
  for (guint i = 0; i < tree->changing->len; i++)
    if (g_cancellable_set_error_if_cancelled (cancellable, error)
        || !append_text (tree->changing->pdata[i], note, error))
      return FALSE;
  return TRUE;
}
