/* SPDX-License-Identifier: Apache-2.0 */
/* Each node records the last layer that changed it. A whiteout therefore removes nothing that its own layer adds,
 * whatever the order of entries. */
#include "verify/layer-apply.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/limits.h"
#include "model/whiteout.h"
#include "model/xattrs.h"
#include "verify/plain-layer.h"
#include "verify/read-layers.h"

typedef struct {
  const VarveLayerApply *self;
  guint layer; /* counted from 1; 0: from no layer */
  GCancellable *cancellable;
} Applying;

static gboolean
apply_fail (GError **error, VarveError code, const char *problem)
{
  g_set_error_literal (error, VARVE_ERROR, code, problem);
  return FALSE;
}

static gboolean
check_part (const char *part, guint depth, GError **error)
{
  if (strcmp (part, "..") == 0)
    return apply_fail (error, VARVE_ERROR_CORRUPT, "the path has a component '..'");
  if (depth <= VARVE_TREE_DEPTH_MAX)
    return varve_tree_check_name (part, error);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "directories nest deeper than the limit of %u",
               VARVE_TREE_DEPTH_MAX);
  return FALSE;
}

/* The components of a path without "." and empty ones; the root has none. */
static char **
split_path (const char *path, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  guint n = 0;
  for (char **part = parts; *part != NULL; part++)
    {
      if (**part == '\0' || strcmp (*part, ".") == 0)
        continue;
      if (!check_part (*part, ++n, error))
        return NULL;
      g_strv_builder_add (names, *part);
    }
  return g_strv_builder_end (names);
}

static gboolean
check_folder (const VarveTreeNode *node, const char *name, GError **error)
{
  if (node->children != NULL)
    return TRUE;
  g_autofree char *escaped = varve_escape (name);
  if (node->inode->symlink_target == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "its parent '%s' is a file, expected a folder", escaped);
      return FALSE;
    }
  g_autofree char *target = varve_escape (node->inode->symlink_target);
  g_set_error (
      error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
      "its parent '%s' is a symlink to '%s', expected a folder: readers of images disagree on paths through symlinks",
      escaped, target);
  return FALSE;
}

static gboolean
check_room (const Applying *work, GError **error)
{
  if (work->self->tree->n_nodes < VARVE_TREE_NODES_MAX)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "the tree has more than the limit of %u entries",
               VARVE_TREE_NODES_MAX);
  return FALSE;
}

/* The folder of the last name. A missing one is created with root as its owner, as all readers of images do. */
static VarveTreeNode *
enter_parent (const Applying *work, char **names, GError **error)
{
  VarveTreeNode *node = work->self->tree->root;
  node->layer = work->layer;
  for (; names[0] != NULL && names[1] != NULL; names++)
    {
      VarveTreeNode *child = varve_tree_child (node, names[0]);
      if (child == NULL && check_room (work, error))
        child = varve_tree_put (work->self->tree, node, names[0], varve_tree_inode_new (S_IFDIR | 0755, 0, 0));
      if (child == NULL || !check_folder (child, names[0], error))
        return NULL;
      child->layer = work->layer;
      node = child;
    }
  return node;
}

/* Removes everything below this folder that is from lower layers. */
static void
clear_older (const Applying *work, VarveTreeNode *folder)
{
  g_autoptr (GPtrArray) older = g_ptr_array_new_with_free_func (g_free);
  for (GTreeNode *child = g_tree_node_first (folder->children); child != NULL; child = g_tree_node_next (child))
    {
      VarveTreeNode *node = g_tree_node_value (child);
      if (node->layer != work->layer)
        g_ptr_array_add (older, g_strdup (g_tree_node_key (child)));
      else if (node->children != NULL)
        clear_older (work, node);
    }
  for (guint i = 0; i < older->len; i++)
    varve_tree_remove (work->self->tree, folder, older->pdata[i]);
}

/* @hidden is the name to remove; NULL: all of its folder. */
static void
apply_whiteout (const Applying *work, char **names, const char *hidden)
{
  VarveTreeNode *parent = work->self->tree->root;
  for (; parent != NULL && names[1] != NULL; names++)
    parent = varve_tree_child (parent, names[0]);
  if (parent == NULL || parent->children == NULL)
    return;
  if (hidden == NULL)
    {
      clear_older (work, parent);
      return;
    }
  VarveTreeNode *node = varve_tree_child (parent, hidden);
  if (node != NULL && node->layer != work->layer)
    varve_tree_remove (work->self->tree, parent, hidden);
  else if (node != NULL && node->children != NULL)
    clear_older (work, node);
}

/* AUFS's own files are not part of the image. */
static gboolean
is_of_aufs (char **names)
{
  for (; *names != NULL; names++)
    if (varve_whiteout_parse (*names, NULL) == VARVE_WHITEOUT_AUFS)
      return TRUE;
  return FALSE;
}

static void
apply_skip (const Applying *work, VarveSkippedKind kind, const char *name)
{
  while (g_str_has_prefix (name, "./") || name[0] == '/')
    name += name[0] == '/' ? 1 : 2;
  varve_skipped_add (work->self->skipped, kind, name);
}

static GBytes *
portable_xattrs (const Applying *work, const VarveForeignEntry *entry)
{
  g_autoptr (GArray) kept = g_array_new (FALSE, FALSE, sizeof (VarveXattr));
  for (guint i = 0; i < entry->n_xattrs; i++)
    {
      if (!varve_xattr_is_portable (entry->xattrs[i].name))
        apply_skip (work, VARVE_SKIPPED_XATTRS, entry->name);
      else if (entry->xattrs[i].size_bytes == 0)
        apply_skip (work, VARVE_SKIPPED_EMPTY, entry->name);
      else
        g_array_append_val (kept, entry->xattrs[i]);
    }
  return varve_xattrs_serialize ((const VarveXattr *)(void *)kept->data, kept->len);
}

static VarveTreeInode *
new_inode (const Applying *work, const VarveForeignEntry *entry, guint32 type)
{
  VarveTreeInode *inode = varve_tree_inode_new (type | (type == S_IFLNK ? 0777 : entry->mode), entry->uid, entry->gid);
  g_bytes_unref (inode->xattrs);
  inode->xattrs = portable_xattrs (work, entry);
  inode->mtime = entry->mtime;
  return inode;
}

static gboolean
check_xattrs (const VarveTreeInode *inode, GError **error)
{
  g_autoptr (VarveXattrs) parsed = varve_xattrs_parse (inode->xattrs, error);
  return parsed != NULL;
}

/* The folder keeps its children. */
static void
update_folder (VarveTreeNode *node, const VarveTreeInode *inode)
{
  node->inode->mode = inode->mode;
  node->inode->uid = inode->uid;
  node->inode->gid = inode->gid;
  g_bytes_unref (node->inode->xattrs);
  node->inode->xattrs = g_bytes_ref (inode->xattrs);
}

static gboolean
apply_folder (const Applying *work, VarveTreeNode *parent, const char *name, const VarveForeignEntry *entry,
              GError **error)
{
  g_autoptr (VarveTreeInode) inode = new_inode (work, entry, S_IFDIR);
  if (!check_xattrs (inode, error))
    return FALSE;
  VarveTreeNode *node = name != NULL ? varve_tree_child (parent, name) : parent;
  if (node != NULL && node->children == NULL && node->layer == work->layer)
    return apply_fail (error, VARVE_ERROR_CORRUPT, "duplicate entry in this layer");
  if (node != NULL && node->children != NULL)
    update_folder (node, inode);
  else
    node = varve_tree_put (work->self->tree, parent, name, g_steal_pointer (&inode));
  node->layer = work->layer;
  return TRUE;
}

static gboolean
check_symlink_target (const char *target, GError **error)
{
  if (strlen (target) >= PATH_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "the target of the symlink has more than %d bytes, Linux's limit", PATH_MAX - 1);
      return FALSE;
    }
  if (g_utf8_validate (target, -1, NULL))
    return TRUE;
  return apply_fail (error, VARVE_ERROR_UNSUPPORTED,
                     "the target of the symlink is not UTF-8: importers of images refuse it");
}

static VarveTreeInode *
make_file (const Applying *work, const VarveForeignEntry *entry, VarveForeignTar *tar, GError **error)
{
  gboolean is_symlink = entry->type == VARVE_FOREIGN_SYMLINK;
  g_autoptr (VarveTreeInode) inode = new_inode (work, entry, is_symlink ? S_IFLNK : S_IFREG);
  inode->size_bytes = entry->size_bytes;
  if (!check_xattrs (inode, error))
    return NULL;
  if (is_symlink && !check_symlink_target (entry->link_name, error))
    return NULL;
  inode->symlink_target = is_symlink ? g_strdup (entry->link_name) : NULL;
  return is_symlink || work->self->content (work->self->data, tar, inode, work->cancellable, error)
             ? g_steal_pointer (&inode)
             : NULL;
}

static VarveTreeInode *
find_target (const Applying *work, const VarveForeignEntry *entry, GError **error)
{
  g_autofree char *escaped = varve_escape (entry->link_name);
  g_auto (GStrv) names = split_path (entry->link_name, error);
  if (names == NULL)
    {
      g_prefix_error (error, "hard link to '%s': ", escaped);
      return NULL;
    }
  VarveTreeNode *node = work->self->tree->root;
  for (char **name = names; node != NULL && *name != NULL; name++)
    node = varve_tree_child (node, *name);
  if (node != NULL && node->children == NULL)
    return node->inode;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "hard link to '%s': the target is %s", escaped,
               node == NULL ? "missing" : "a folder");
  return NULL;
}

static gboolean
apply_file (const Applying *work, VarveTreeNode *parent, const char *name, const VarveForeignEntry *entry,
            VarveForeignTar *tar, GError **error)
{
  const VarveTreeNode *known = varve_tree_child (parent, name);
  if (known != NULL && known->layer == work->layer)
    return apply_fail (error, VARVE_ERROR_CORRUPT, "duplicate entry in this layer");
  if (entry->type == VARVE_FOREIGN_SPECIAL)
    {
      apply_skip (work, VARVE_SKIPPED_SPECIAL, entry->name);
      varve_tree_remove (work->self->tree, parent, name);
      return TRUE;
    }
  VarveTreeInode *inode
      = entry->type == VARVE_FOREIGN_HARD_LINK ? find_target (work, entry, error) : make_file (work, entry, tar, error);
  if (inode == NULL)
    return FALSE;
  varve_tree_put (work->self->tree, parent, name, inode)->layer = work->layer;
  return TRUE;
}

static gboolean
apply_names (const Applying *work, char **names, const VarveForeignEntry *entry, VarveForeignTar *tar, GError **error)
{
  guint n = g_strv_length (names);
  const char *name = n > 0 ? names[n - 1] : NULL, *hidden = NULL;
  if (is_of_aufs (names))
    return TRUE;
  if (name != NULL && varve_whiteout_parse (name, &hidden) != VARVE_WHITEOUT_NONE)
    {
      apply_whiteout (work, names, hidden);
      return TRUE;
    }
  VarveTreeNode *parent = check_room (work, error) ? enter_parent (work, names, error) : NULL;
  if (parent == NULL || (n > 1 && !check_folder (parent, names[n - 2], error)))
    return FALSE;
  if (entry->type == VARVE_FOREIGN_DIRECTORY)
    return apply_folder (work, parent, name, entry, error);
  if (name == NULL)
    return apply_fail (error, VARVE_ERROR_CORRUPT, "the entry of the root is not a folder");
  return apply_file (work, parent, name, entry, tar, error);
}

gboolean
varve_layer_apply_entry (const VarveLayerApply *self, guint index, const VarveForeignEntry *entry, VarveForeignTar *tar,
                         GCancellable *cancellable, GError **error)
{
  Applying work = { .self = self, .layer = index + 1, .cancellable = cancellable };
  g_auto (GStrv) names = split_path (entry->name, error);
  if (names != NULL && apply_names (&work, names, entry, tar, error))
    return TRUE;
  g_autofree char *escaped = varve_escape (entry->name);
  g_prefix_error (error, "'%s': ", escaped);
  return FALSE;
}

typedef struct {
  const VarveLayerApply *self;
  guint index;
  GCancellable *cancellable;
} Reading;

static gboolean
read_entry (gpointer data, const VarveForeignEntry *entry, VarveForeignTar *tar, GError **error)
{
  const Reading *reading = data;
  return varve_layer_apply_entry (reading->self, reading->index, entry, tar, reading->cancellable, error);
}

gboolean
varve_layer_apply (const VarveLayerApply *self, const VarveImage *image, guint index, VarveObserver *observer,
                   GCancellable *cancellable, GError **error)
{
  Reading reading = { .self = self, .index = index, .cancellable = cancellable };
  VarvePlainLayer layer = { .image = image, .index = index, .func = read_entry, .data = &reading };
  VarveDecompressed sums;
  if (varve_plain_layer_read (&layer, &sums, cancellable, error) && varve_plain_layer_check (&layer, &sums, error))
    {
      varve_observer_advance (observer, varve_manifest_layer (image->manifest, index)->size_bytes);
      return TRUE;
    }
  g_autofree char *place = varve_layer_place (image, index);
  g_prefix_error (error, "%s: ", place);
  return FALSE;
}
