/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "emit/foreign-tar.h"
#include "model/inventory.h"

/* The entries of a layer of a plain image, without contents, and the tree that they are compared with. */

/* A tree, and the paths at which a plain image shows it. */
typedef struct {
  const VarveInventory *inventory; /* with the hard links of the tree; not owned */

  /* private */
  GHashTable *files, *directories; /* path in the image -> index + 1 */
} VarvePlainTree;

void varve_plain_tree_init (VarvePlainTree *tree, const VarveInventory *inventory);
void varve_plain_tree_clear (VarvePlainTree *tree);
/* The index of the file or directory that the image shows at a clean path, or VARVE_NO_INDEX. */
guint32 varve_plain_tree_find_file (const VarvePlainTree *tree, const char *path);
guint32 varve_plain_tree_find_directory (const VarvePlainTree *tree, const char *path);

typedef struct {
  const char *path;        /* clean: without "./"; the root is "" */
  VarveForeignEntry entry; /* its strings and attributes are the record's */
  GBytes *xattrs;          /* the portable ones, serialized */
  /* Of a file or symlink: the checksum of its object. A tar lacks SELinux labels, which belong to an object. So where
   * owner, mode, size and other attributes are those of the tree's file at this path, the label is taken from there:
   * the checksums are equal if the contents are. */
  VarveDigest checksum;
} VarvePlainEntry;

typedef struct {
  GArray *entries; /* VarvePlainEntry */

  /* private */
  const VarvePlainTree *tree;
  GStringChunk *strings;
  GPtrArray *xattrs; /* VarveXattrs that entries point into */
} VarvePlainRecord;

VarvePlainRecord *varve_plain_record_new (const VarvePlainTree *tree);
void varve_plain_record_free (VarvePlainRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePlainRecord, varve_plain_record_free)

/* Whether the tree's directory at @index has the owner, mode and attributes of the entry. */
gboolean varve_plain_tree_has_directory (const VarvePlainTree *tree, guint32 index, const VarvePlainEntry *entry);

/* Whether the entry has the time that the content of another file requires of @file, if any does. */
gboolean varve_plain_entry_has_time (const VarvePlainEntry *entry, const VarveFile *file);

/* Adds an entry, and reads its content from @tar. @path is the clean name. */
gboolean varve_plain_record_add (VarvePlainRecord *record, const char *path, const VarveForeignEntry *entry,
                                 VarveForeignTar *tar, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The attributes that a tree and an image can share: those of varve_xattr_is_portable(). The caller unrefs them. */
GBytes *varve_plain_xattrs (GBytes *serialized);
