/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/digest.h"
#include "model/content-checksum.h"

/* A tree of files in memory, before it becomes a commit: read from a folder, or composed layer by layer. Only files,
 * symlinks and directories, as in OSTree. */

/* What hard links share. */
typedef struct {
  guint32 uid, gid, mode; /* mode with S_IFREG, S_IFLNK or S_IFDIR */
  GBytes *xattrs;         /* serialized a(ayay), never NULL */
  char *symlink_target;   /* NULL unless a symlink */
  guint64 size_bytes;     /* of the content */
  gint64 mtime;           /* seconds since 1970; 0 or less: it has none */
  guint64 place;          /* of the content; only the tree's contents knows its meaning */
  char *origin;           /* path of the content; may be NULL */
  guint n_paths;          /* number of paths to it */
  VarveDigest checksum;   /* of the content object, once known */
} VarveTreeInode;

typedef struct {
  VarveTreeInode *inode;
  GTree *children; /* name -> VarveTreeNode, by byte order; NULL unless a directory */
  guint layer;     /* the last layer that changed it or something below it */
} VarveTreeNode;

/* The contents of regular files. The members are called from several threads. */
typedef struct _VarveTreeContents VarveTreeContents;

struct _VarveTreeContents {
  GInputStream *(*open) (VarveTreeContents *contents, const VarveTreeInode *inode, GError **error);
  /* As a plain file; may be NULL. */
  int (*open_fd) (VarveTreeContents *contents, const VarveTreeInode *inode, GError **error);
  /* The inode lost its last path; may be NULL. */
  void (*forget) (VarveTreeContents *contents, const VarveTreeInode *inode);
  void (*free) (VarveTreeContents *contents);
};

void varve_tree_contents_free (VarveTreeContents *contents);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTreeContents, varve_tree_contents_free)

typedef struct {
  VarveTreeNode *root;
  VarveTreeContents *contents; /* its forget() is called; not owned, may be NULL */
  guint n_nodes;
} VarveTree;

#define VARVE_TREE_NODES_MAX 20000000u

/* The root is a directory, mode 0755, owner 0:0. */
VarveTree *varve_tree_new (VarveTreeContents *contents);
void varve_tree_free (VarveTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTree, varve_tree_free)

/* Without attributes and paths. The caller frees an inode that it does not put into a tree. */
VarveTreeInode *varve_tree_inode_new (guint32 mode, guint32 uid, guint32 gid);
void varve_tree_inode_free (VarveTreeInode *inode);
/* Of a file or symlink; borrows from @inode. */
VarveContentHeader varve_tree_inode_header (const VarveTreeInode *inode);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTreeInode, varve_tree_inode_free)

/* Whether OSTree accepts the name: UTF-8, 1 to 255 bytes, no '/', neither "." nor "..". */
gboolean varve_tree_check_name (const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* NULL if @parent is not a directory or has no such child. */
VarveTreeNode *varve_tree_child (const VarveTreeNode *parent, const char *name);
/* The node at a path, which has no empty components, "." and ".."; follows no symlinks. "" is the root. */
VarveTreeNode *varve_tree_find (const VarveTree *tree, const char *path);
/* Adds or replaces a child. Takes @inode if it has no path yet; else the child is a hard link to it. */
VarveTreeNode *varve_tree_put (VarveTree *tree, VarveTreeNode *parent, const char *name, VarveTreeInode *inode);
/* Moves a child to another parent and name, which must be free. */
void varve_tree_move (VarveTree *tree, VarveTreeNode *parent, const char *name, VarveTreeNode *new_parent,
                      const char *new_name);
/* Removes a child with everything below it. */
void varve_tree_remove (VarveTree *tree, VarveTreeNode *parent, const char *name);

/* Calls @func for each node with its path ("" for the root), a directory before its children, children by byte order of
 * names. FALSE from @func ends the visit. */
typedef gboolean (*VarveTreeVisit) (gpointer data, const char *path, VarveTreeNode *node, GError **error);
gboolean varve_tree_visit (const VarveTree *tree, VarveTreeVisit func, gpointer data, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
