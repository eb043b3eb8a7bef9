/* SPDX-License-Identifier: Apache-2.0 */
/* Applies the recorded entries as a container engine does, then compares in both directions. */
#include "verify/plain-compare.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "emit/plain-tar.h"
#include "verify/plain-content-keys.h"
#include "verify/plain-read.h"
#include "verify/read-layers.h"

typedef struct {
  const VarveImage *image;
  const VarvePlainTree *expected;
  VarveFindings *findings;
  VarveTree *shown;
  guint8 *seen_files, *seen_directories; /* of the expected tree */
  GHashTable *first_paths;               /* VarveTreeInode -> index of its first expected file + 1 */
} Comparison;

static void
plain_fault (const Comparison *self, const VarveTreeNode *node, const char *rule, const char *path, const char *message)
{
  g_autofree char *place = node != NULL && node->layer > 0 ? varve_layer_place (self->image, node->layer - 1) : NULL;
  g_autofree char *where = g_strconcat (place != NULL ? place : "tree", ": /", path, NULL);
  varve_findings_add (self->findings, VARVE_SEVERITY_ERROR, rule, where, "%s", message);
}

typedef struct {
  const Comparison *comparison;
  guint layer;
} Applying;

/* A VarvePlainFault. */
static void
report_fault (gpointer data, const char *message)
{
  const Applying *applying = data;
  g_autofree char *place = varve_layer_place (applying->comparison->image, applying->layer);
  varve_findings_add (applying->comparison->findings, VARVE_SEVERITY_ERROR, "layer.apply", place, "%s", message);
}

static void
apply_record (Comparison *self, guint index, const VarvePlainRecord *record)
{
  VarveSkipped skipped = { 0 };
  Applying applying = { self, index };
  varve_plain_read_apply (record, index, self->shown, &skipped, report_fault, &applying);
  varve_skipped_clear (&skipped);
}

static gboolean
has_xattrs (const VarveTreeInode *inode, GBytes *serialized)
{
  g_autoptr (GBytes) expected = varve_plain_xattrs (serialized);
  return g_bytes_equal (expected, inode->xattrs);
}

static void
compare_header (const Comparison *self, const VarveTreeNode *node, const char *path, guint32 mode, guint32 uid,
                guint32 gid, GBytes *xattrs)
{
  const VarveTreeInode *inode = node->inode;
  g_autofree char *message = NULL;
  if (inode->uid != uid || inode->gid != gid || (!S_ISLNK (mode) && (inode->mode & 07777) != (mode & 07777)))
    message = g_strdup_printf ("mode %04o and owner %u:%u, expected %04o and %u:%u as in the tree", inode->mode & 07777,
                               inode->uid, inode->gid, mode & 07777, uid, gid);
  else if (!has_xattrs (inode, xattrs))
    message = g_strdup ("its extended attributes differ from those in the tree");
  if (message != NULL)
    plain_fault (self, node, "path.header", path, message);
}

static void
compare_directory (Comparison *self, const VarveTreeNode *node, const char *path, guint32 index)
{
  const VarveDirectory *expected = &self->expected->inventory->directories[index];
  self->seen_directories[index] = 1;
  compare_header (self, node, path, expected->mode, expected->uid, expected->gid, expected->xattrs);
}

static void
compare_symlink (const Comparison *self, const VarveTreeNode *node, const char *path, const char *target)
{
  if (strcmp (node->inode->symlink_target, target) == 0)
    return;
  g_autofree char *found = varve_escape (node->inode->symlink_target), *wanted = varve_escape (target);
  g_autofree char *message = g_strdup_printf ("a symlink to '%s', expected one to '%s' as in the tree", found, wanted);
  plain_fault (self, node, "path.content", path, message);
}

/* A checksum also covers the header, whose differences have findings of their own. */
static void
compare_content (const Comparison *self, const VarveTreeNode *node, const char *path, const VarveObject *object)
{
  const VarveTreeInode *inode = node->inode;
  if (inode->size_bytes != object->size_bytes)
    {
      g_autofree char *message
          = g_strdup_printf ("%" G_GUINT64_FORMAT " bytes, expected %" G_GUINT64_FORMAT " as in the tree",
                             inode->size_bytes, object->size_bytes);
      plain_fault (self, node, "path.content", path, message);
    }
  else if (inode->uid == object->uid && inode->gid == object->gid && inode->mode == object->mode
           && has_xattrs (inode, object->xattrs) && varve_digest_compare (&inode->checksum, &object->checksum) != 0)
    plain_fault (self, node, "path.content", path, "its content differs from that in the tree");
}

/* Which names are of one file. Called in walk order, for files that are regular in the tree. */
static void
compare_links (Comparison *self, const VarveTreeNode *node, const char *path, guint32 index)
{
  const VarveFile *file = &self->expected->inventory->files[index];
  gpointer known = g_hash_table_lookup (self->first_paths, node->inode);
  if (known == NULL)
    g_hash_table_insert (self->first_paths, node->inode, GUINT_TO_POINTER (index + 1));
  guint32 first = known != NULL ? GPOINTER_TO_UINT (known) - 1 : VARVE_NO_INDEX;
  if (first != file->link_to)
    plain_fault (self, node, "path.hard-link", path,
                 first != VARVE_NO_INDEX ? "a hard link to another file than in the tree"
                                         : "a file of its own, expected a hard link as in the tree");
}

/* A note: the file is right, but what was made of it is not used. */
static void
compare_time (const Comparison *self, const VarveTreeNode *node, const char *path, const VarveFile *file)
{
  if (!file->is_time_bound || node->inode->mtime == file->time)
    return;
  g_autofree char *place = node->layer > 0 ? varve_layer_place (self->image, node->layer - 1) : NULL;
  g_autofree char *where = g_strconcat (place != NULL ? place : "tree", ": /", path, NULL);
  varve_findings_add (self->findings, VARVE_SEVERITY_NOTE, "path.time", where,
                      "its time is %" G_GINT64_FORMAT ", expected %" G_GINT64_FORMAT
                      " as its Python bytecode records: Python compiles it again",
                      node->inode->mtime, file->time);
}

static void
compare_file (Comparison *self, const VarveTreeNode *node, const char *path, guint32 index)
{
  const VarveInventory *inventory = self->expected->inventory;
  const VarveObject *object = &inventory->objects[inventory->files[index].object];
  gboolean is_symlink = node->inode->symlink_target != NULL;
  self->seen_files[index] = 1;
  if (is_symlink != (object->symlink_target != NULL))
    {
      plain_fault (self, node, "path.type", path,
                   is_symlink ? "a symlink, expected a regular file as in the tree"
                              : "a regular file, expected a symlink as in the tree");
      return;
    }
  compare_header (self, node, path, object->mode, object->uid, object->gid, object->xattrs);
  if (is_symlink)
    compare_symlink (self, node, path, object->symlink_target);
  else
    {
      compare_content (self, node, path, object);
      compare_time (self, node, path, &inventory->files[index]);
    }
}

static gboolean
compare_node (gpointer data, const char *path, VarveTreeNode *node, GError **error)
{
  Comparison *self = data;
  guint32 file = varve_plain_tree_find_file (self->expected, path);
  guint32 directory = varve_plain_tree_find_directory (self->expected, path);
  gboolean is_directory = node->children != NULL;
  if (is_directory && directory != VARVE_NO_INDEX)
    compare_directory (self, node, path, directory);
  else if (!is_directory && file != VARVE_NO_INDEX)
    compare_file (self, node, path, file);
  else if (file == VARVE_NO_INDEX && directory == VARVE_NO_INDEX)
    plain_fault (self, node, "path.unknown", path, "not in the tree");
  else
    {
      plain_fault (self, node, "path.type", path,
                   is_directory ? "a folder, expected a file as in the tree"
                                : "a file, expected a folder as in the tree");
      if (file != VARVE_NO_INDEX)
        self->seen_files[file] = 1;
      else
        self->seen_directories[directory] = 1;
    }
  return TRUE;
}

static void
compare_links_of_all (Comparison *self)
{
  const VarveInventory *inventory = self->expected->inventory;
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      const char *path = varve_plain_tar_path (inventory, inventory->files[i].path);
      const VarveTreeNode *node = varve_tree_find (self->shown, path);
      gboolean is_regular = inventory->objects[inventory->files[i].object].symlink_target == NULL;
      if (node != NULL && is_regular && node->children == NULL && node->inode->symlink_target == NULL)
        compare_links (self, node, path, i);
    }
}

static void
report_missing (const Comparison *self)
{
  const VarveInventory *inventory = self->expected->inventory;
  for (guint32 i = 0; i < inventory->n_directories; i++)
    if (!self->seen_directories[i])
      plain_fault (self, NULL, "path.missing", varve_plain_tar_path (inventory, inventory->directories[i].path),
                   "no layer has this folder");
  for (guint32 i = 0; i < inventory->n_files; i++)
    if (!self->seen_files[i])
      plain_fault (self, NULL, "path.missing", varve_plain_tar_path (inventory, inventory->files[i].path),
                   "no layer has this file");
}

void
varve_plain_compare (const VarveImage *image, GPtrArray *records, const VarvePlainTree *tree, const VarveLedger *ledger,
                     VarveFindings *findings)
{
  g_autoptr (VarveTree) shown = varve_tree_new (NULL);
  g_autofree guint8 *seen_files = g_malloc0 (tree->inventory->n_files + 1);
  g_autofree guint8 *seen_directories = g_malloc0 (tree->inventory->n_directories + 1);
  g_autoptr (GHashTable) first_paths = g_hash_table_new (NULL, NULL);
  Comparison self = {
    .image = image,
    .expected = tree,
    .findings = findings,
    .shown = shown,
    .seen_files = seen_files,
    .seen_directories = seen_directories,
    .first_paths = first_paths,
  };
  for (guint i = 0; i < records->len; i++)
    apply_record (&self, i, records->pdata[i]);
  gboolean visited = varve_tree_visit (shown, compare_node, &self, NULL);
  g_assert (visited);
  compare_links_of_all (&self);
  report_missing (&self);
  if (varve_findings_count (findings, VARVE_SEVERITY_ERROR) == 0) /* else the content is not what it should be */
    varve_plain_content_keys_check (image, records, tree, ledger, findings);
}
