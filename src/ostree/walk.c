/* SPDX-License-Identifier: Apache-2.0 */
/* One thread walks the tree, since the inventory is built in walk order; all threads read the dirtrees before and the
 * object headers after. */
#include "ostree/walk.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/parallel.h"
#include "model/whiteout.h"
#include "model/xattrs.h"
#include "ostree/checked.h"
#include "ostree/dirmeta.h"
#include "ostree/dirtrees.h"

enum {
  ENTRIES_MAX = 20 * 1000 * 1000,
  HEADERS_PER_TASK = 256,
};

/* The only mode that importers give to a symlink. */
#define SYMLINK_MODE (S_IFLNK | 0777)

typedef struct {
  VarveSource *source;
  VarveInventoryBuilder *builder;
  GCancellable *cancellable;
  GHashTable *dirmetas; /* VarveDigest -> VarveDirmeta: thousands of directories share a few */
  GHashTable *dirtrees; /* VarveDigest -> VarveDirtree */
  guint64 n_entries;
  GString *path; /* of the current directory, for messages */
} Walk;

static const VarveDirmeta *
dirmeta_of (Walk *walk, const VarveDigest *checksum, GError **error)
{
  VarveDirmeta *dirmeta = g_hash_table_lookup (walk->dirmetas, checksum);
  if (dirmeta != NULL)
    return dirmeta;
  g_autoptr (GBytes) raw = varve_checked_load (walk->source, VARVE_METADATA_DIRMETA, checksum, error);
  if (raw == NULL)
    return NULL;
  dirmeta = varve_dirmeta_parse (raw, error);
  if (dirmeta == NULL)
    {
      varve_checked_prefix (error, VARVE_METADATA_DIRMETA, checksum);
      return NULL;
    }
  g_hash_table_insert (walk->dirmetas, g_memdup2 (checksum, sizeof *checksum), dirmeta);
  return dirmeta;
}

/* A dirtree that is not in the table is damaged or missing; loading it again gives the error. */
static const VarveDirtree *
dirtree_of (Walk *walk, const VarveDigest *checksum, GError **error)
{
  const VarveDirtree *dirtree = g_hash_table_lookup (walk->dirtrees, checksum);
  if (dirtree != NULL)
    return dirtree;
  VarveDirtree *loaded = varve_checked_dirtree (walk->source, checksum, error);
  if (loaded != NULL)
    g_hash_table_insert (walk->dirtrees, g_memdup2 (checksum, sizeof *checksum), loaded);
  return loaded;
}

static gboolean
check_limits (Walk *walk, guint depth, GError **error)
{
  if (depth > VARVE_TREE_DEPTH_MAX)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "directories nest deeper than the limit of %u",
                 VARVE_TREE_DEPTH_MAX);
  else if (walk->n_entries > ENTRIES_MAX)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more files and directories than the limit of %d", ENTRIES_MAX);
  else
    return !g_cancellable_set_error_if_cancelled (walk->cancellable, error);
  return FALSE;
}

static gboolean
walk_directory (Walk *walk, const char *name, const VarveDigest *dirtree_checksum, const VarveDigest *dirmeta_checksum,
                guint depth, GError **error)
{
  const VarveDirmeta *dirmeta = check_limits (walk, depth, error) ? dirmeta_of (walk, dirmeta_checksum, error) : NULL;
  const VarveDirtree *dirtree = dirmeta != NULL ? dirtree_of (walk, dirtree_checksum, error) : NULL;
  if (dirtree == NULL)
    return FALSE;
  VarveDirectory directory = {
    .dirtree = *dirtree_checksum,
    .dirmeta = *dirmeta_checksum,
    .xattrs = dirmeta->xattrs,
    .uid = dirmeta->uid,
    .gid = dirmeta->gid,
    .mode = dirmeta->mode,
  };
  varve_inventory_builder_enter (walk->builder, name, &directory);
  for (guint i = 0; i < dirtree->n_files; i++)
    varve_inventory_builder_add_file (walk->builder, dirtree->files[i].name, &dirtree->files[i].checksum);
  walk->n_entries += (guint64)dirtree->n_files + dirtree->n_directories;
  for (guint i = 0; i < dirtree->n_directories; i++)
    {
      const VarveDirtreeDirectory *child = &dirtree->directories[i];
      gsize length = walk->path->len;
      g_string_append_printf (walk->path, "/%s", child->name);
      if (!walk_directory (walk, child->name, &child->dirtree, &child->dirmeta, depth + 1, error))
        return FALSE; /* the path stays, for the message */
      g_string_truncate (walk->path, length);
    }
  varve_inventory_builder_leave (walk->builder);
  return TRUE;
}

static VarveInventory *
walk_tree (VarveSource *source, const VarveDigest *commit_checksum, guint jobs, GCancellable *cancellable,
           GError **error)
{
  g_autoptr (VarveCommit) commit = varve_checked_commit (source, commit_checksum, error);
  if (commit == NULL)
    return NULL;
  g_autoptr (VarveInventoryBuilder) builder = varve_inventory_builder_new (commit_checksum);
  g_autoptr (GString) path = g_string_new (NULL);
  Walk walk = {
    .path = path,
    .source = source,
    .builder = builder,
    .cancellable = cancellable,
    .dirmetas = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free,
                                       (GDestroyNotify)varve_dirmeta_free),
    .dirtrees = varve_dirtrees_load (source, &commit->root_dirtree, jobs, cancellable),
  };
  gboolean walked = walk_directory (&walk, "", &commit->root_dirtree, &commit->root_dirmeta, 0, error);
  g_hash_table_unref (walk.dirmetas);
  g_hash_table_unref (walk.dirtrees);
  if (walked)
    return varve_inventory_builder_finish (builder);
  g_prefix_error (error, "'%s': ", path->len > 0 ? path->str : "/");
  return NULL;
}

static void
prefix_commit (GError **error, const VarveDigest *commit)
{
  g_autofree char *hex = varve_digest_to_hex (commit);
  g_prefix_error (error, "commit %s: ", hex);
}

/* A content object's header, before its xattrs are shared. */
typedef struct {
  GBytes *xattrs;
  char *target;
} Header;

static void
header_clear (gpointer data)
{
  Header *header = data;
  g_clear_pointer (&header->xattrs, g_bytes_unref);
  g_free (header->target);
}

typedef struct {
  VarveSource *source;
  VarveInventory *inventory;
  Header *headers;
} HeaderWork;

static gboolean
load_headers (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  HeaderWork *work = data;
  guint32 end = (guint32)MIN ((index + 1) * HEADERS_PER_TASK, work->inventory->n_objects);
  for (guint32 i = (guint32)index * HEADERS_PER_TASK; i < end; i++)
    {
      VarveObject *object = &work->inventory->objects[i];
      Header *header = &work->headers[i];
      if (!work->source->load_header (work->source, object, &header->xattrs, &header->target, cancellable, error))
        {
          g_prefix_error (error, "'/%s': ", work->inventory->files[object->first_file].path);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
check_header (VarveInventory *inventory, const VarveObject *object, GBytes *xattrs, GError **error)
{
  g_autoptr (VarveXattrs) parsed = varve_xattrs_parse (xattrs, error);
  if (parsed != NULL && (object->symlink_target == NULL || object->mode == SYMLINK_MODE))
    return TRUE;
  if (parsed != NULL)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "symlink of mode %06o: importers only make %06o",
                 object->mode, SYMLINK_MODE);
  g_autofree char *hex = varve_digest_to_hex (&object->checksum);
  g_prefix_error (error, "'/%s': object %s.file: ", inventory->files[object->first_file].path, hex);
  return FALSE;
}

/* Moves the headers into the inventory; identical xattrs are stored and checked once. */
static gboolean
share_headers (VarveInventory *inventory, Header *headers, GError **error)
{
  for (guint32 i = 0; i < inventory->n_objects; i++)
    {
      VarveObject *object = &inventory->objects[i];
      gsize size_bytes;
      const void *data = g_bytes_get_data (headers[i].xattrs, &size_bytes);
      object->xattrs = varve_inventory_intern_xattrs (inventory, data, size_bytes);
      object->symlink_target
          = headers[i].target != NULL ? varve_inventory_intern_string (inventory, headers[i].target) : NULL;
      if (!check_header (inventory, object, object->xattrs, error))
        return FALSE;
      header_clear (&headers[i]);
      headers[i] = (Header){ 0 };
    }
  return TRUE;
}

static gboolean
fill_objects (VarveSource *source, VarveInventory *inventory, guint jobs, GCancellable *cancellable, GError **error)
{
  HeaderWork work = { .source = source, .inventory = inventory, .headers = g_new0 (Header, inventory->n_objects) };
  gsize n_tasks = ((gsize)inventory->n_objects + HEADERS_PER_TASK - 1) / HEADERS_PER_TASK;
  gboolean done = varve_parallel_for (jobs, n_tasks, load_headers, &work, cancellable, error)
                  && share_headers (inventory, work.headers, error);
  for (guint32 i = 0; i < inventory->n_objects; i++)
    header_clear (&work.headers[i]);
  g_free (work.headers);
  return done;
}

static gboolean
has_directory (VarveInventory *inventory, const char *path)
{
  return varve_inventory_find_directory (inventory, path) != VARVE_NO_INDEX;
}

static gboolean
is_file (VarveInventory *inventory, const char *path)
{
  return varve_inventory_find_file (inventory, path) != VARVE_NO_INDEX;
}

/* An image has /usr/etc at /etc, a repository at /sysroot/ostree and a directory at /var/tmp. */
static gboolean
check_paths (VarveInventory *inventory, GError **error)
{
  gboolean has_usr_etc = has_directory (inventory, "usr/etc") || is_file (inventory, "usr/etc");
  const char *problem = NULL;
  if (has_usr_etc && (has_directory (inventory, "etc") || is_file (inventory, "etc")))
    problem = "the commit has both /etc and /usr/etc, which are one folder in an image: keep only /usr/etc";
  else if (is_file (inventory, "sysroot"))
    problem = "/sysroot is not a directory, as an image requires";
  else if (has_directory (inventory, "sysroot/ostree") || is_file (inventory, "sysroot/ostree"))
    problem = "the commit has /sysroot/ostree, where an image has its repository: remove it from the commit";
  else if (is_file (inventory, "var") || is_file (inventory, "var/tmp"))
    problem = "/var or /var/tmp is not a directory, as an image requires";
  if (problem == NULL)
    return TRUE;
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, problem);
  return FALSE;
}

/* Hosts get such a file from its object; a container runtime removes another file instead. */
static void
warn_of_whiteouts (const VarveInventory *inventory, VarveObserver *observer)
{
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      if (varve_whiteout_parse (inventory->files[i].path, NULL) == VARVE_WHITEOUT_NONE)
        continue;
      g_autofree char *escaped = varve_escape (inventory->files[i].path);
      varve_observer_warn (observer, "'/%s': named as a whiteout: hosts get the file, containers of the image do not",
                           escaped);
      return; /* one warning is enough */
    }
}

VarveInventory *
varve_walk_source (VarveSource *source, const VarveDigest *commit, const VarveWalkOptions *options,
                   GCancellable *cancellable, GError **error)
{
  gboolean is_for_host = options->purpose == VARVE_WALK_FOR_HOST;
  varve_observer_begin (options->observer, "reading the commit", 0);
  g_autoptr (VarveInventory) inventory = walk_tree (source, commit, options->jobs, cancellable, error);
  if (inventory == NULL || (is_for_host && !check_paths (inventory, error))
      || !fill_objects (source, inventory, options->jobs, cancellable, error))
    {
      prefix_commit (error, commit);
      return NULL;
    }
  if (is_for_host)
    warn_of_whiteouts (inventory, options->observer);
  return g_steal_pointer (&inventory);
}

VarveInventory *
varve_walk (VarveRepo *repo, const VarveDigest *commit, guint jobs, VarveObserver *observer, GCancellable *cancellable,
            GError **error)
{
  VarveWalkOptions options = { .purpose = VARVE_WALK_FOR_HOST, .jobs = jobs, .observer = observer };
  if (varve_repo_check_complete (repo, commit, error))
    return varve_walk_source (varve_repo_source (repo), commit, &options, cancellable, error);
  prefix_commit (error, commit);
  return NULL;
}
