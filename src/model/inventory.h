#pragma once

#include <glib.h>

#include "base/digest.h"

/* What a commit contains: each content object once, every path that leads to it, every directory.
 *
 * Paths are as in the commit ("usr/etc/passwd"), without a leading slash, the root being "". Files stand in
 * walk order: a directory's files by byte order of their names, then its subdirectories the same way.
 * Objects are numbered in the order in which the walk first meets them, so ascending object numbers are
 * ascending first paths. Strings and extended attributes are owned by the inventory. */

typedef struct {
  VarveDigest checksum;       /* of the OSTree content object */
  guint64 size_bytes;         /* of the content; 0 for a symlink */
  const char *symlink_target; /* NULL for a regular file */
  GBytes *xattrs;             /* serialized a(ayay); shared between objects, never NULL */
  guint32 uid, gid, mode;     /* mode with the file type, S_IFREG or S_IFLNK */
  guint32 first_file;         /* the object's first entry in files; the others by next_file */
} VarveObject;

#define VARVE_NO_INDEX G_MAXUINT32

typedef struct {
  const char *path;
  guint32 object;    /* index of its object */
  guint32 directory; /* index of the directory it is in */
  guint32 next_file; /* the next path of the same object in walk order, or VARVE_NO_INDEX */
  guint32 link_to;   /* an earlier path of the same object that this is a hard link to, or VARVE_NO_INDEX: a file of its
                        own */
} VarveFile;

typedef struct {
  const char *path;
  VarveDigest dirtree, dirmeta;
  GBytes *xattrs;
  guint32 uid, gid, mode;      /* mode with S_IFDIR */
  guint32 parent;              /* index; the root has VARVE_NO_INDEX */
  guint32 first_file, n_files; /* its own files, contiguous in files */
  guint32 end_directory;       /* its subdirectories, at all depths, are index + 1 … end_directory - 1 */
} VarveDirectory;

typedef struct {
  VarveDigest commit;
  VarveObject *objects;
  guint32 n_objects;
  VarveFile *files;
  guint32 n_files;
  VarveDirectory *directories; /* depth first, the root at 0 */
  guint32 n_directories;

  /* private */
  GStringChunk *strings;
  GHashTable *interned_xattrs;                     /* GBytes -> itself */
  GHashTable *files_by_path, *directories_by_path; /* path -> index + 1 */
} VarveInventory;

void varve_inventory_free (VarveInventory *inventory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveInventory, varve_inventory_free)

/* The index of what has exactly this path, or VARVE_NO_INDEX. No symlink is followed. */
guint32 varve_inventory_find_file (const VarveInventory *inventory, const char *path);
guint32 varve_inventory_find_directory (const VarveInventory *inventory, const char *path);

/* The path with every symlinked parent directory followed inside the tree, and "etc" taken as "usr/etc" where the
 * commit has it so: "lib/x" gives "usr/lib/x" on a merged-/usr system. The last component is not followed. A leading
 * slash and empty or "." components are dropped. NULL when it leaves the tree, loops, or is over 4096 bytes. */
char *varve_inventory_resolve (const VarveInventory *inventory, const char *path);

/* For a commit, which does not tell hard links from equal files: what an OSTree host makes of it. Paths of one file
 * below /usr are links to the first of them, but not below /usr/etc, nor elsewhere: those are copies, each to be
 * written to. */
void varve_inventory_link_as_deployed (VarveInventory *inventory);

/* Bytes that the inventory holds in memory, about. */
gsize varve_inventory_memory_bytes (const VarveInventory *inventory);

/* Building one, in walk order. */
typedef struct _VarveInventoryBuilder VarveInventoryBuilder;

VarveInventoryBuilder *varve_inventory_builder_new (const VarveDigest *commit);
void varve_inventory_builder_free (VarveInventoryBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveInventoryBuilder, varve_inventory_builder_free)

/* Opens a directory inside the one that is open; the first is the root, whose @name is "". Everything but the links of
 * @directory (path, parent, files, end) is taken from it. */
void varve_inventory_builder_enter (VarveInventoryBuilder *builder, const char *name, const VarveDirectory *directory);
/* A file of the directory that is open; to be called before its subdirectories are entered. */
void varve_inventory_builder_add_file (VarveInventoryBuilder *builder, const char *name, const VarveDigest *checksum);
void varve_inventory_builder_leave (VarveInventoryBuilder *builder);
/* Closes it; the objects still lack everything but checksum and links, which the caller then fills in. */
VarveInventory *varve_inventory_builder_finish (VarveInventoryBuilder *builder);

/* Shared copies, owned by the inventory; not thread-safe. */
const char *varve_inventory_intern_string (VarveInventory *inventory, const char *string);
GBytes *varve_inventory_intern_xattrs (VarveInventory *inventory, const void *data, gsize size_bytes);
