#pragma once

#include <gio/gio.h>

#include "base/digest.h"

/* A tree of files while it is put together in memory, before it is a commit: found in a folder, or grown layer by
 * layer. Only files, symlinks and directories, as OSTree has them. */

/* What hard links share. */
typedef struct {
  guint32 uid, gid, mode; /* mode with S_IFREG, S_IFLNK or S_IFDIR */
  GBytes *xattrs;         /* serialized a(ayay), never NULL */
  char *symlink_target;   /* NULL for all but a symlink */
  guint64 size_bytes;     /* of the content */
  guint64 place;          /* where the tree's contents has it; its own affair */
  char *origin;           /* the same, as a path; may be NULL */
  guint n_paths;          /* that lead here */
  VarveDigest checksum;   /* of the content object, once it is known */
} VarveTreeInode;

typedef struct {
  VarveTreeInode *inode;
  GTree *children; /* name -> VarveTreeNode, by byte order; NULL for all but a directory */
  guint layer;     /* the last one that put it here or something below it */
} VarveTreeNode;

/* Where the contents of regular files are. The members are called from several threads. */
typedef struct _VarveTreeContents VarveTreeContents;

struct _VarveTreeContents {
  GInputStream *(*open) (VarveTreeContents *contents, const VarveTreeInode *inode, GError **error);
  /* As a plain file; may be NULL. */
  int (*open_fd) (VarveTreeContents *contents, const VarveTreeInode *inode, GError **error);
  /* No path leads there any more; may be NULL. */
  void (*forget) (VarveTreeContents *contents, const VarveTreeInode *inode);
  void (*free) (VarveTreeContents *contents);
};

void varve_tree_contents_free (VarveTreeContents *contents);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTreeContents, varve_tree_contents_free)

typedef struct {
  VarveTreeNode *root;
  VarveTreeContents *contents; /* told of what is forgotten; not owned, may be NULL */
  guint n_nodes;
} VarveTree;

#define VARVE_TREE_NODES_MAX 20000000u

/* Its root is a directory 0755 of 0:0. */
VarveTree *varve_tree_new (VarveTreeContents *contents);
void varve_tree_free (VarveTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTree, varve_tree_free)

/* Without attributes and without paths. One that gets into no tree is freed by the second. */
VarveTreeInode *varve_tree_inode_new (guint32 mode, guint32 uid, guint32 gid);
void varve_tree_inode_free (VarveTreeInode *inode);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTreeInode, varve_tree_inode_free)

/* Whether OSTree takes it as a name: UTF-8, 1 to 255 bytes, without '/', neither "." nor "..". */
gboolean varve_tree_check_name (const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* NULL when @parent is no directory or does not have it. */
VarveTreeNode *varve_tree_child (const VarveTreeNode *parent, const char *name);
/* Down a path without empty components, "." and ".."; no symlink is followed. "" is the root. */
VarveTreeNode *varve_tree_find (const VarveTree *tree, const char *path);
/* Puts it there instead of what was there. Takes @inode where it has no path yet, else it is a hard link. */
VarveTreeNode *varve_tree_put (VarveTree *tree, VarveTreeNode *parent, const char *name, VarveTreeInode *inode);
/* Takes a directory, or the root's child, to another parent under another name; nothing may be there. */
void varve_tree_move (VarveTree *tree, VarveTreeNode *parent, const char *name, VarveTreeNode *new_parent,
                      const char *new_name);
/* With all that is below it. */
void varve_tree_remove (VarveTree *tree, VarveTreeNode *parent, const char *name);

/* Each node with its path ("" for the root), a directory before what is in it, by byte order of names. FALSE from @func
 * ends it. */
typedef gboolean (*VarveTreeVisit) (gpointer data, const char *path, VarveTreeNode *node, GError **error);
gboolean varve_tree_visit (const VarveTree *tree, VarveTreeVisit func, gpointer data, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
