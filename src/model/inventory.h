/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/digest.h"

/* What a commit contains: each content object once, every path of each object, every directory.
 *
 * Paths are as in the commit ("usr/etc/passwd"), without a leading slash; the root is "". Files are in walk order:
 * those of a directory by byte order of their names, then its subdirectories the same way. Objects are numbered in the
 * order in which the walk first meets them, so object numbers ascend with their first paths. The inventory owns strings
 * and extended attributes. */

typedef struct {
  VarveDigest checksum;       /* of the OSTree content object */
  guint64 size_bytes;         /* of the content; 0 for a symlink */
  const char *symlink_target; /* NULL for a regular file */
  GBytes *xattrs;             /* serialized a(ayay); shared between objects, never NULL */
  guint32 uid, gid, mode;     /* mode with the file type, S_IFREG or S_IFLNK */
  guint32 first_file;         /* index of its first path in files; the others follow by next_file */
} VarveObject;

#define VARVE_NO_INDEX G_MAXUINT32

typedef struct {
  const char *path;
  guint32 object;         /* index of its object */
  guint32 directory;      /* index of the directory it is in */
  guint32 next_file;      /* the next path of the same object in walk order, or VARVE_NO_INDEX */
  guint32 link_to;        /* hard link to this earlier path of the same object; VARVE_NO_INDEX: a separate file */
  gboolean is_time_bound; /* the content of another file is only valid with this time */
  gint64 time;            /* that a plain image shows, seconds since 1970; hard links have equal ones */
} VarveFile;

/* The time of files without one, and of all directories and symlinks. It depends on nothing, so that no build changes
 * it. It is 0 because all files of an OSTree host have that: programs know it as "no time" (fontconfig then takes the
 * cache of a directory as valid, Emacs does not call a source newer), and no cache with this time is older than what it
 * was made of. What dislikes 0, such as zip, which begins in 1980, meets it on these hosts anyway. */
#define VARVE_FILE_TIME_NONE 0
/* The greatest that a tar has room for in octal digits: the year 2242. */
#define VARVE_FILE_TIME_MAX G_GINT64_CONSTANT (077777777777)

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

/* The index of exactly this path, or VARVE_NO_INDEX. Follows no symlinks. */
guint32 varve_inventory_find_file (const VarveInventory *inventory, const char *path);
guint32 varve_inventory_find_directory (const VarveInventory *inventory, const char *path);

/* Follows symlinks in all components but the last, inside the tree, and takes "etc" as "usr/etc" if the commit has only
 * that: "lib/x" gives "usr/lib/x" on a merged-/usr system. Drops a leading slash and empty or "." components. NULL if
 * the path leaves the tree, loops, or is too long. */
char *varve_inventory_resolve (const VarveInventory *inventory, const char *path);

/* A commit does not distinguish hard links from equal files; sets the links that an OSTree host makes. Paths of one
 * object below /usr become links to the first of them that has the same time, which must be set before. Paths below
 * /usr/etc and outside /usr stay separate, writable files. */
void varve_inventory_link_as_deployed (VarveInventory *inventory);

/* Back to files without times. Does not change links. */
void varve_inventory_forget_times (VarveInventory *inventory);

/* The number of paths of an object. */
guint32 varve_inventory_count_paths (const VarveInventory *inventory, guint32 object);

/* Approximate size in memory. */
gsize varve_inventory_memory_bytes (const VarveInventory *inventory);

/* Builds an inventory in walk order. */
typedef struct _VarveInventoryBuilder VarveInventoryBuilder;

VarveInventoryBuilder *varve_inventory_builder_new (const VarveDigest *commit);
void varve_inventory_builder_free (VarveInventoryBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveInventoryBuilder, varve_inventory_builder_free)

/* Opens a directory inside the open one; the first is the root, with the @name "". Copies @directory, except for path,
 * parent, files and end, which are set here. */
void varve_inventory_builder_enter (VarveInventoryBuilder *builder, const char *name, const VarveDirectory *directory);
/* Adds a file to the open directory; call this before entering its subdirectories. */
void varve_inventory_builder_add_file (VarveInventoryBuilder *builder, const char *name, const VarveDigest *checksum);
void varve_inventory_builder_leave (VarveInventoryBuilder *builder);
/* Ends the building. The objects have only checksum and first_file; the caller fills in the rest. */
VarveInventory *varve_inventory_builder_finish (VarveInventoryBuilder *builder);

/* Shared copies, owned by the inventory; not thread-safe. */
const char *varve_inventory_intern_string (VarveInventory *inventory, const char *string);
GBytes *varve_inventory_intern_xattrs (VarveInventory *inventory, const void *data, gsize size_bytes);
