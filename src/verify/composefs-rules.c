/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/composefs-rules.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "model/image-keys.h"
#include "model/tree.h"
#include "model/whiteout.h"
#include "packages/path-glob.h"
#include "packages/uki.h"
#include "verify/dropped-xattrs.h"
#include "verify/read-layers.h"

enum { STRING_CHUNK_BYTES = 1 << 16 };

static const char HOST[] = "bootc's composefs backend refuses the image";

typedef struct {
  const char *path, *link_name; /* clean; link_name only of a hard link, NULL if it leads out of the tree */
  guint32 mode, uid, gid;       /* mode with its type; 0 for a device or fifo */
  gboolean is_hard_link, has_dropped_attributes;
} Entry;

struct _VarveComposefsLayer {
  GArray *entries; /* Entry */
  GStringChunk *strings;
};

typedef struct {
  VarveTree *tree;
  guint layer; /* that is replayed */
  const char *place;
  guint64 n_dropped;         /* entries with attributes that are dropped */
  const char *first_dropped; /* path of the first one */
  VarveFindings *findings;
} Replay;

gboolean
varve_composefs_rules_apply (const VarveImage *image)
{
  return varve_config_label (image->config, VARVE_LABEL_BOOTC) != NULL
         || varve_config_label (image->config, VARVE_KEY_BOOTABLE) != NULL;
}

VarveComposefsLayer *
varve_composefs_layer_new (void)
{
  VarveComposefsLayer *layer = g_new0 (VarveComposefsLayer, 1);
  layer->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  layer->strings = g_string_chunk_new (STRING_CHUNK_BYTES);
  return layer;
}

void
varve_composefs_layer_free (VarveComposefsLayer *layer)
{
  g_array_unref (layer->entries);
  g_string_chunk_free (layer->strings);
  g_free (layer);
}

static guint32
type_of (const VarveForeignEntry *entry)
{
  switch (entry->type)
    {
    case VARVE_FOREIGN_DIRECTORY:
      return S_IFDIR;
    case VARVE_FOREIGN_SYMLINK:
      return S_IFLNK;
    case VARVE_FOREIGN_SPECIAL:
      return 0;
    default:
      return S_IFREG;
    }
}

void
varve_composefs_layer_add (VarveComposefsLayer *layer, const char *path, const VarveForeignEntry *entry)
{
  guint32 type = type_of (entry);
  Entry added = {
    .path = g_string_chunk_insert (layer->strings, path),
    .mode = type != 0 ? type | entry->mode : 0,
    .uid = entry->uid,
    .gid = entry->gid,
    .is_hard_link = entry->type == VARVE_FOREIGN_HARD_LINK,
  };
  g_autofree char *target = added.is_hard_link ? varve_tar_clean_name (entry->link_name) : NULL;
  if (target != NULL)
    added.link_name = g_string_chunk_insert (layer->strings, target);
  for (guint i = 0; i < entry->n_xattrs; i++)
    added.has_dropped_attributes |= varve_dropped_xattrs_has (entry->xattrs[i].name);
  g_array_append_val (layer->entries, added);
}

static void G_GNUC_PRINTF (5, 6)
    report (const Replay *replay, VarveSeverity severity, const char *rule, const char *path, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autofree char *escaped = varve_escape (path), *where = g_strdup_printf ("%s: /%s", replay->place, escaped);
  varve_findings_add (replay->findings, severity, rule, where, "%s", message);
}

/* The folder of an entry, and the entry's name in it; NULL with a finding where there is none. */
static VarveTreeNode *
find_parent (const Replay *replay, const char *path, const char **out_name)
{
  const char *slash = strrchr (path, '/');
  g_autofree char *folder = g_strndup (path, slash != NULL ? (gsize)(slash - path) : 0);
  VarveTreeNode *parent = slash != NULL ? varve_tree_find (replay->tree, folder) : replay->tree->root;
  *out_name = slash != NULL ? slash + 1 : path;
  if (parent != NULL && parent->children != NULL)
    return parent;
  report (replay, VARVE_SEVERITY_ERROR, "composefs.parent", path,
          parent == NULL ? "neither this layer nor one below it has its folder before it: %s"
                         : "its folder is a file or a symlink in the layers below it: %s",
          HOST);
  return NULL;
}

static void
replay_directory (Replay *replay, VarveTreeNode *parent, const char *name, const Entry *entry)
{
  VarveTreeNode *known = varve_tree_child (parent, name);
  if (known == NULL || known->children == NULL)
    {
      varve_tree_put (replay->tree, parent, name, varve_tree_inode_new (entry->mode, entry->uid, entry->gid))->layer
          = replay->layer;
      return;
    }
  VarveTreeInode *inode = known->inode;
  if (inode->mode != entry->mode || inode->uid != entry->uid || inode->gid != entry->gid)
    report (replay, VARVE_SEVERITY_NOTE, "composefs.metadata", entry->path,
            "the folder is %u:%u, mode %04o, and was %u:%u, mode %04o in layer %u: the last one counts", entry->uid,
            entry->gid, entry->mode & 07777, inode->uid, inode->gid, inode->mode & 07777, known->layer);
  inode->mode = entry->mode;
  inode->uid = entry->uid;
  inode->gid = entry->gid;
  known->layer = replay->layer;
}

/* NULL where it is no file. */
static VarveTreeNode *
find_target (const Replay *replay, const Entry *entry)
{
  VarveTreeNode *target = entry->link_name != NULL ? varve_tree_find (replay->tree, entry->link_name) : NULL;
  return target != NULL && target->children == NULL ? target : NULL;
}

static void
replay_link (Replay *replay, VarveTreeNode *parent, const char *name, const Entry *entry)
{
  VarveTreeNode *target = find_target (replay, entry);
  if (target == NULL)
    {
      report (replay, VARVE_SEVERITY_ERROR, "composefs.link", entry->path, "a hard link without an earlier file: %s",
              HOST);
      return;
    }
  if (target->layer != replay->layer)
    report (replay, VARVE_SEVERITY_ERROR, "composefs.link", entry->path,
            "a hard link to a file of layer %u: bootc's ostree backend, which imports each layer by itself, refuses it",
            target->layer);
  varve_tree_put (replay->tree, parent, name, target->inode)->layer = replay->layer;
}

static void
judge_boot_file (const Replay *replay, const Entry *entry)
{
  gboolean is_taken
      = varve_uki_is_taken (entry->path) || varve_path_glob_match ("boot/loader/entries/*.conf", entry->path);
  if (is_taken && !S_ISREG (entry->mode))
    report (replay, VARVE_SEVERITY_ERROR, "composefs.boot", entry->path, "not a regular file: %s", HOST);
}

static void
count_attributes (Replay *replay, const Entry *entry)
{
  if (!entry->has_dropped_attributes)
    return;
  if (replay->n_dropped++ == 0)
    replay->first_dropped = entry->path;
}

static void
replay_whiteout (Replay *replay, VarveTreeNode *parent, VarveWhiteout kind, const char *name)
{
  GTreeNode *child;
  if (kind == VARVE_WHITEOUT_FILE)
    varve_tree_remove (replay->tree, parent, name);
  else if (kind == VARVE_WHITEOUT_OPAQUE)
    while ((child = g_tree_node_first (parent->children)) != NULL)
      {
        g_autofree char *removed = g_strdup (g_tree_node_key (child));
        varve_tree_remove (replay->tree, parent, removed);
      }
}

static void
replay_entry (Replay *replay, const Entry *entry)
{
  const char *name, *removed = NULL;
  if (entry->path[0] == '\0')
    return;
  VarveTreeNode *parent = find_parent (replay, entry->path, &name);
  VarveWhiteout whiteout = varve_whiteout_parse (name, &removed);
  if (parent == NULL)
    return;
  if (whiteout != VARVE_WHITEOUT_NONE)
    {
      replay_whiteout (replay, parent, whiteout, removed);
      return;
    }
  count_attributes (replay, entry);
  judge_boot_file (replay, entry);
  if (S_ISDIR (entry->mode))
    replay_directory (replay, parent, name, entry);
  else if (entry->is_hard_link)
    replay_link (replay, parent, name, entry);
  else
    varve_tree_put (replay->tree, parent, name, varve_tree_inode_new (entry->mode, entry->uid, entry->gid))->layer
        = replay->layer;
}

static void
judge_tree (const Replay *replay)
{
  static const char *const FOLDERS[] = { "usr", "boot", "sysroot" };
  for (guint i = 0; i < G_N_ELEMENTS (FOLDERS); i++)
    {
      const VarveTreeNode *node = varve_tree_child (replay->tree->root, FOLDERS[i]);
      if (node == NULL || node->children == NULL)
        varve_findings_add (replay->findings, VARVE_SEVERITY_ERROR, "composefs.folder", "tree", "no folder '/%s': %s",
                            FOLDERS[i], HOST);
    }
  if (replay->n_dropped > 0)
    {
      g_autofree char *escaped = varve_escape (replay->first_dropped);
      varve_findings_add (replay->findings, VARVE_SEVERITY_NOTE, "composefs.attributes", "tree",
                          "bootc's composefs backend keeps only the attribute 'security.capability': %" G_GUINT64_FORMAT
                          " entries have others, first '/%s'",
                          replay->n_dropped, escaped);
    }
}

/* FALSE at the limit. */
static gboolean
replay_layer (Replay *replay, const VarveComposefsLayer *layer, guint max_nodes)
{
  for (guint i = 0; i < layer->entries->len; i++)
    {
      if (replay->tree->n_nodes > max_nodes)
        return FALSE;
      replay_entry (replay, &g_array_index (layer->entries, Entry, i));
    }
  return TRUE;
}

void
varve_composefs_rules_check (const VarveImage *image, GPtrArray *layers, guint max_nodes, VarveFindings *findings)
{
  g_autoptr (VarveTree) tree = varve_tree_new (NULL);
  Replay replay = { .tree = tree, .findings = findings };
  for (guint i = 0; i < layers->len; i++)
    {
      g_autofree char *place = varve_layer_place (image, i);
      replay.layer = i;
      replay.place = place;
      if (!replay_layer (&replay, layers->pdata[i], max_nodes))
        {
          varve_findings_add (findings, VARVE_SEVERITY_ERROR, "composefs.limit", place,
                              "with this layer the tree has more than the limit of %u entries: what bootc's composefs "
                              "backend refuses in the rest was not checked",
                              max_nodes);
          return;
        }
    }
  judge_tree (&replay);
}
