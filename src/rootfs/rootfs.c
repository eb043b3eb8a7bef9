/* SPDX-License-Identifier: Apache-2.0 */
/* Every step opens a name in an open folder, so that a concurrent change cannot lead out of the tree. */
#include "rootfs/rootfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>

#include "base/beneath.h"
#include "base/error.h"
#include "base/limits.h"
#include "model/xattrs.h"
#include "rootfs/prune.h"
#include "rootfs/tree-shape.h"

enum { XATTR_NAMES_MAX_BYTES = 1 << 16, XATTR_VALUE_MAX_BYTES = 1 << 16 }; /* Linux's limits */

typedef struct {
  VarveTreeContents contents; /* first: cast back */
  int rootfd;
} RootfsContents;

/* Adds a hint for users whose tree has files of other owners. */
static gboolean
rootfs_fail (GError **error, int saved_errno, const char *doing)
{
  const char *hint
      = saved_errno == EACCES && geteuid () != 0 ? " (run as root, or with 'unshare -r' as the owner of the tree)" : "";
  return varve_set_errno (error, saved_errno, "%s%s", doing, hint);
}

/* GIO polls a FIFO for ever, so the name must still be of a regular file. */
static gboolean
rootfs_check_unchanged (int fd, const VarveTreeInode *inode, GError **error)
{
  struct stat status;
  if (fstat (fd, &status) < 0)
    return varve_set_errno (error, errno, "reading the status");
  if (!S_ISREG (status.st_mode))
    g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_IO,
                         "changed while it was read: expected a regular file, found another type");
  else if ((guint64)status.st_size != inode->size_bytes)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO,
                 "changed while it was read: expected %" G_GUINT64_FORMAT " bytes, found %" G_GUINT64_FORMAT,
                 inode->size_bytes, (guint64)status.st_size);
  else
    return TRUE;
  return FALSE;
}

static int
rootfs_open_fd (VarveTreeContents *contents, const VarveTreeInode *inode, GError **error)
{
  int fd = varve_open_beneath (((RootfsContents *)contents)->rootfd, inode->origin,
                               O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
  if (fd < 0)
    rootfs_fail (error, errno, "opening the file");
  else if (!rootfs_check_unchanged (fd, inode, error))
    {
      close (fd);
      return -1;
    }
  return fd;
}

static GInputStream *
rootfs_open_stream (VarveTreeContents *contents, const VarveTreeInode *inode, GError **error)
{
  int fd = rootfs_open_fd (contents, inode, error);
  return fd >= 0 ? g_unix_input_stream_new (fd, TRUE) : NULL;
}

static void
rootfs_contents_free (VarveTreeContents *contents)
{
  close (((RootfsContents *)contents)->rootfd);
  g_free (contents);
}

static VarveTreeContents *
rootfs_contents_new (int rootfd)
{
  RootfsContents *self = g_new0 (RootfsContents, 1);
  self->contents
      = (VarveTreeContents){ .open = rootfs_open_stream, .open_fd = rootfs_open_fd, .free = rootfs_contents_free };
  self->rootfd = rootfd;
  return &self->contents;
}

typedef struct {
  guint64 device, inode;
} Identity;

typedef struct {
  const VarveRootfsOptions *options;
  VarveSkipped *skipped;
  VarveTree *tree;
  GHashTable *linked; /* Identity -> VarveTreeInode, of files with several names */
  GString *path;
  guint depth;
  struct statx root;
  GCancellable *cancellable;
} Scan;

static guint
identity_hash (gconstpointer key)
{
  const Identity *identity = key;
  return (guint)(identity->device * 31 + identity->inode);
}

static gboolean
identity_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (Identity)) == 0;
}

static Identity
identity_of (const struct statx *status)
{
  return (Identity){ .device = ((guint64)status->stx_dev_major << 32) | status->stx_dev_minor,
                     .inode = status->stx_ino };
}

static gboolean
read_status (int dirfd, const char *name, int flags, struct statx *out_status, GError **error)
{
  unsigned mask = STATX_BASIC_STATS;
#ifdef STATX_MNT_ID
  mask |= STATX_MNT_ID;
#endif
  if (statx (dirfd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | flags, mask, out_status) == 0)
    return TRUE;
  return varve_set_errno (error, errno, "reading the status");
}

/* By the mount ID, which Linux 5.8 has, else by the device. Devices do not show bind mounts of the same file system. */
static gboolean
is_elsewhere (const Scan *scan, const struct statx *status)
{
#ifdef STATX_MNT_ID
  if ((status->stx_mask & scan->root.stx_mask & STATX_MNT_ID) != 0)
    return status->stx_mnt_id != scan->root.stx_mnt_id;
#endif
  return S_ISDIR (status->stx_mode)
         && (status->stx_dev_major != scan->root.stx_dev_major || status->stx_dev_minor != scan->root.stx_dev_minor);
}

/* Reads attributes of symlinks themselves, and needs no permission to open the file. */
static gboolean
read_xattr (const char *place, const char *name, GByteArray *value, GError **error)
{
  g_byte_array_set_size (value, XATTR_VALUE_MAX_BYTES);
  ssize_t n = lgetxattr (place, name, value->data, value->len);
  if (n < 0)
    {
      g_autofree char *escaped = varve_escape (name);
      return varve_set_errno (error, errno, "reading the attribute '%s'", escaped);
    }
  g_byte_array_set_size (value, (guint)n);
  return TRUE;
}

static gboolean
read_xattrs (Scan *scan, int dirfd, const char *name, VarveTreeInode *inode, GError **error)
{
  g_autofree char *place = g_strdup_printf ("/proc/self/fd/%d/%s", dirfd, name);
  char names[XATTR_NAMES_MAX_BYTES];
  ssize_t size = llistxattr (place, names, sizeof names);
  if (size < 0 && errno != EOPNOTSUPP)
    return varve_set_errno (error, errno, "reading the attributes");
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify)g_byte_array_unref);
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (VarveXattr));
  for (ssize_t at = 0; at < size; at += (ssize_t)strlen (names + at) + 1)
    {
      if (!varve_xattr_is_portable (names + at))
        {
          varve_skipped_add (scan->skipped, VARVE_SKIPPED_XATTRS, scan->path->str);
          continue;
        }
      GByteArray *value = g_byte_array_new ();
      g_ptr_array_add (values, value);
      if (!read_xattr (place, names + at, value, error))
        return FALSE;
      if (value->len == 0)
        {
          varve_skipped_add (scan->skipped, VARVE_SKIPPED_EMPTY, scan->path->str);
          continue;
        }
      VarveXattr xattr = { .name = names + at, .value = value->data, .size_bytes = value->len };
      g_array_append_val (list, xattr);
    }
  g_bytes_unref (inode->xattrs);
  inode->xattrs = varve_xattrs_serialize ((const VarveXattr *)(void *)list->data, list->len);
  return TRUE;
}

static gboolean
read_target (int dirfd, const char *name, VarveTreeInode *inode, GError **error)
{
  char target[PATH_MAX + 1];
  ssize_t length = readlinkat (dirfd, name, target, sizeof target);
  if (length < 0 || length > PATH_MAX)
    return varve_set_errno (error, length < 0 ? errno : ENAMETOOLONG, "reading the symlink");
  target[length] = '\0';
  inode->symlink_target = g_strdup (target);
  if (g_utf8_validate (target, length, NULL))
    return TRUE;
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                       "the target of the symlink is not UTF-8: importers of images refuse it");
  return FALSE;
}

static VarveTreeInode *
read_inode (Scan *scan, int dirfd, const char *name, const struct statx *status, GError **error)
{
  const VarveRootfsOptions *options = scan->options;
  guint32 mode = S_ISLNK (status->stx_mode) ? S_IFLNK | 0777 : status->stx_mode;
  g_autoptr (VarveTreeInode) inode
      = varve_tree_inode_new (mode, options->owner_uid >= 0 ? (guint32)options->owner_uid : status->stx_uid,
                              options->owner_gid >= 0 ? (guint32)options->owner_gid : status->stx_gid);
  if (S_ISREG (mode))
    {
      inode->size_bytes = status->stx_size;
      inode->mtime = status->stx_mtime.tv_sec;
      inode->origin = g_strdup (scan->path->str);
    }
  if ((S_ISLNK (mode) && !read_target (dirfd, name, inode, error)) || !read_xattrs (scan, dirfd, name, inode, error))
    return NULL;
  return g_steal_pointer (&inode);
}

static gboolean scan_directory (Scan *scan, int dirfd, const char *name, VarveTreeNode *node, GError **error);

static gboolean
take_link (Scan *scan, VarveTreeNode *parent, const char *name, const struct statx *status)
{
  Identity identity = identity_of (status);
  VarveTreeInode *known = status->stx_nlink > 1 ? g_hash_table_lookup (scan->linked, &identity) : NULL;
  if (known == NULL)
    return FALSE;
  varve_tree_put (scan->tree, parent, name, known);
  return TRUE;
}

static gboolean
take_entry (Scan *scan, int dirfd, const char *name, VarveTreeNode *parent, GError **error)
{
  struct statx status;
  if (!varve_tree_check_name (name, error) || !read_status (dirfd, name, 0, &status, error))
    return FALSE;
  if (!S_ISDIR (status.stx_mode) && !S_ISREG (status.stx_mode) && !S_ISLNK (status.stx_mode))
    {
      varve_skipped_add (scan->skipped, VARVE_SKIPPED_SPECIAL, scan->path->str);
      return TRUE;
    }
  gboolean is_mount = is_elsewhere (scan, &status);
  if (is_mount)
    varve_skipped_add (scan->skipped, VARVE_SKIPPED_MOUNT, scan->path->str);
  if (is_mount && !S_ISDIR (status.stx_mode))
    return TRUE;
  if (!S_ISDIR (status.stx_mode) && take_link (scan, parent, name, &status))
    return TRUE;
  VarveTreeInode *inode = read_inode (scan, dirfd, name, &status, error);
  if (inode == NULL)
    return FALSE;
  VarveTreeNode *node = varve_tree_put (scan->tree, parent, name, inode);
  if (scan->tree->n_nodes > VARVE_TREE_NODES_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "the tree has more than the limit of %u entries",
                   VARVE_TREE_NODES_MAX);
      return FALSE;
    }
  if (S_ISDIR (status.stx_mode))
    return is_mount || scan_directory (scan, dirfd, name, node, error);
  if (status.stx_nlink > 1)
    {
      Identity identity = identity_of (&status);
      g_hash_table_insert (scan->linked, g_memdup2 (&identity, sizeof identity), inode);
    }
  return TRUE;
}

/* On failure @scan's path names the entry, for the message. */
static gboolean
take_children (Scan *scan, DIR *directory, VarveTreeNode *node, GError **error)
{
  gsize length = scan->path->len;
  gboolean is_runtime = varve_tree_shape_is_runtime (scan->path->str);
  errno = 0;
  for (struct dirent *entry; (entry = readdir (directory)) != NULL; errno = 0)
    {
      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;
      g_string_append_printf (scan->path, "%s%s", length > 0 ? "/" : "", entry->d_name);
      if (varve_prune_matches (scan->options->prune, scan->path->str))
        varve_skipped_add (scan->skipped, VARVE_SKIPPED_PRUNED, scan->path->str);
      else if (is_runtime)
        varve_skipped_add (scan->skipped, VARVE_SKIPPED_RUNTIME, scan->path->str);
      else if (g_cancellable_set_error_if_cancelled (scan->cancellable, error)
               || !take_entry (scan, dirfd (directory), entry->d_name, node, error))
        return FALSE;
      g_string_truncate (scan->path, length);
    }
  return errno == 0 || varve_set_errno (error, errno, "reading the folder");
}

static gboolean
scan_directory (Scan *scan, int dirfd, const char *name, VarveTreeNode *node, GError **error)
{
  if (scan->depth >= VARVE_TREE_DEPTH_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "folders nest deeper than the limit of %u",
                   VARVE_TREE_DEPTH_MAX);
      return FALSE;
    }
  int fd = openat (dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *directory = fd >= 0 ? fdopendir (fd) : NULL;
  if (directory == NULL)
    {
      rootfs_fail (error, errno, "opening the folder");
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  scan->depth++;
  gboolean taken = take_children (scan, directory, node, error);
  scan->depth--;
  closedir (directory);
  return taken;
}

static gboolean
scan_root (Scan *scan, int rootfd, GError **error)
{
  if (!read_status (rootfd, "", AT_EMPTY_PATH, &scan->root, error))
    return FALSE;
  g_autoptr (VarveTreeInode) inode = read_inode (scan, rootfd, ".", &scan->root, error);
  if (inode == NULL)
    return FALSE;
  VarveTreeInode *root = scan->tree->root->inode;
  root->mode = inode->mode;
  root->uid = inode->uid;
  root->gid = inode->gid;
  g_bytes_unref (root->xattrs);
  root->xattrs = g_bytes_ref (inode->xattrs);
  return scan_directory (scan, rootfd, ".", scan->tree->root, error);
}

static gboolean
scan_fail (Scan *scan, GError *failure, GError **error)
{
  g_autofree char *tree = varve_escape (scan->options->path), *escaped = varve_escape (scan->path->str);
  g_propagate_prefixed_error (error, failure, "tree '%s': '/%s': ", tree, escaped);
  return FALSE;
}

gboolean
varve_rootfs_read (const VarveRootfsOptions *options, VarveSkipped *skipped, VarveObserver *observer,
                   VarveRootfs *out_rootfs, GCancellable *cancellable, GError **error)
{
  varve_observer_begin (observer, "reading the tree", 0);
  int rootfd = open (options->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (rootfd < 0)
    {
      g_autofree char *escaped = varve_escape (options->path);
      return varve_set_errno (error, errno, "opening the tree '%s'", escaped);
    }
  g_autoptr (VarveTreeContents) contents = rootfs_contents_new (rootfd);
  g_autoptr (VarveTree) tree = varve_tree_new (contents);
  g_autoptr (GString) path = g_string_new (NULL);
  g_autoptr (GHashTable) linked = g_hash_table_new_full (identity_hash, identity_equal, g_free, NULL);
  Scan scan = {
    .options = options,
    .skipped = skipped,
    .tree = tree,
    .linked = linked,
    .path = path,
    .cancellable = cancellable,
  };
  GError *failure = NULL;
  if (!scan_root (&scan, rootfd, &failure))
    return scan_fail (&scan, failure, error);
  *out_rootfs = (VarveRootfs){ .tree = g_steal_pointer (&tree), .contents = g_steal_pointer (&contents) };
  return TRUE;
}
