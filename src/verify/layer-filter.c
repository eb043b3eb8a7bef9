/* SPDX-License-Identifier: Apache-2.0 */
/* Where versions of the importer differ, this does what they have in common, or refuses. */
#include "verify/layer-filter.h"

#include <string.h>

#include "base/error.h"
#include "emit/tar.h"

/* Of any symlink on disk. libostree takes that of the tar for the checksum, and a host's fsck would find another. */
enum { SYMLINK_MODE = 0777 };
enum { BUFFER_BYTES = 1 << 16, XATTR_NAME_MAX_BYTES = 255, XATTR_VALUE_MAX_BYTES = 1 << 16, TARGET_MAX_BYTES = 4095 };

static const char REPO[] = "sysroot/ostree/repo/";

typedef struct {
  VarveLayerFilterFlags flags;
  VarveSink *sink;
} Filter;

static gboolean
filter_fail (GError **error, VarveError code, const char *name, const char *problem)
{
  g_autofree char *escaped = varve_escape (name);
  g_set_error (error, VARVE_ERROR, code, "'%s': %s", escaped, problem);
  return FALSE;
}

static char *
filter_clean (const char *name, GError **error)
{
  g_autofree char *clean = varve_tar_clean_name (name);
  if (clean == NULL)
    filter_fail (error, VARVE_ERROR_CORRUPT, name, "leads out of the tree");
  else if (!g_utf8_validate (clean, -1, NULL))
    filter_fail (error, VARVE_ERROR_CORRUPT, name, "not UTF-8, which importers refuse");
  else
    return g_steal_pointer (&clean);
  return NULL;
}

static gboolean
is_one_of (const char *const *names, const char *path, gsize size_bytes)
{
  for (guint i = 0; names[i] != NULL; i++)
    if (strlen (names[i]) == size_bytes && memcmp (names[i], path, size_bytes) == 0)
      return TRUE;
  return FALSE;
}

/* NULL for what is left out. Takes @clean. */
static char *
filter_place (char *clean, VarveLayerFilterFlags flags)
{
  static const char *const ETC[] = { "etc", NULL }, *const VAR[] = { "var", NULL }, *const USR[] = { "usr", "", NULL };
  static const char *const EMPTY[] = { "run", "tmp", "proc", "sys", "dev", NULL };
  g_autofree char *path = clean;
  gsize size_bytes = strcspn (path, "/");
  if (is_one_of (ETC, path, size_bytes))
    return g_strconcat ("usr/", path, NULL);
  if (is_one_of (VAR, path, size_bytes) && (flags & VARVE_LAYER_FILTER_KEEP_VAR) == 0)
    return g_strconcat ("usr/share/factory/", path, NULL);
  if (is_one_of (EMPTY, path, size_bytes))
    return path[size_bytes] == '\0' ? g_steal_pointer (&path) : NULL;
  gboolean is_kept = is_one_of (USR, path, size_bytes) || is_one_of (VAR, path, size_bytes)
                     || (flags & VARVE_LAYER_FILTER_ALL_TOPLEVELS) != 0;
  return is_kept ? g_steal_pointer (&path) : NULL;
}

gboolean
varve_layer_filter_path (const char *name, VarveLayerFilterFlags flags, char **out_path, GError **error)
{
  char *clean = filter_clean (name, error);
  if (clean == NULL)
    return FALSE;
  *out_path = filter_place (clean, flags);
  return TRUE;
}

/* libostree removes what stands after the prefix without a look at it. */
static gboolean
check_whiteout (const char *path, GError **error)
{
  static const char PREFIX[] = ".wh.";
  const char *slash = strrchr (path, '/'), *name = slash != NULL ? slash + 1 : path;
  if (!g_str_has_prefix (name, PREFIX))
    return TRUE;
  const char *hidden = name + strlen (PREFIX);
  if (hidden[0] != '\0' && !g_str_equal (hidden, ".") && !g_str_equal (hidden, ".."))
    return TRUE;
  return filter_fail (error, VARVE_ERROR_CORRUPT, path, "a whiteout of no file");
}

static gboolean
check_xattr (const VarveForeignEntry *entry, const VarveXattr *xattr, GError **error)
{
  if (g_str_equal (xattr->name, "security.selinux"))
    return filter_fail (error, VARVE_ERROR_UNSUPPORTED, entry->name,
                        "has an SELinux label, which importers treat in different ways");
  if (strchr (xattr->name, '=') != NULL)
    return filter_fail (error, VARVE_ERROR_UNSUPPORTED, entry->name,
                        "an extended attribute has '=' in its name, which importers read in different ways");
  if (strlen (xattr->name) > XATTR_NAME_MAX_BYTES || xattr->size_bytes > XATTR_VALUE_MAX_BYTES)
    return filter_fail (error, VARVE_ERROR_LIMIT, entry->name,
                        "an extended attribute is larger than Linux allows: 255 bytes of name, 65536 of value");
  return TRUE;
}

static gboolean
filter_pax (const VarveForeignEntry *entry, GBytes **out_pax, GError **error)
{
  for (guint i = 0; i < entry->n_xattrs; i++)
    if (!check_xattr (entry, &entry->xattrs[i], error))
      return FALSE;
  g_autoptr (GBytes) serialized = varve_xattrs_serialize (entry->xattrs, entry->n_xattrs);
  g_autoptr (VarveXattrs) xattrs = varve_xattrs_parse (serialized, error);
  if (xattrs == NULL)
    return FALSE;
  *out_pax = varve_tar_pax_from_xattrs (xattrs);
  return TRUE;
}

static gboolean
is_of_repo (const char *clean)
{
  return g_str_has_prefix (clean, REPO);
}

static gboolean
refuse_repo (const VarveForeignEntry *entry, GError **error)
{
  return filter_fail (error, VARVE_ERROR_UNSUPPORTED, entry->name,
                      "a file of the OSTree repository in the image, which importers treat in different ways");
}

static gboolean
check_symlink (const VarveForeignEntry *entry, GError **error)
{
  if (!g_utf8_validate (entry->link_name, -1, NULL))
    return filter_fail (error, VARVE_ERROR_CORRUPT, entry->name, "its target is not UTF-8, which importers refuse");
  return strlen (entry->link_name) <= TARGET_MAX_BYTES
         || filter_fail (error, VARVE_ERROR_LIMIT, entry->name,
                         "the target of the symlink is longer than Linux allows: 4095 bytes");
}

/* The target of a hard link is in the same tree; that of a symlink is only text. */
static gboolean
filter_link (const Filter *self, const VarveForeignEntry *entry, char **out_target, GError **error)
{
  if (entry->type == VARVE_FOREIGN_SYMLINK && !check_symlink (entry, error))
    return FALSE;
  if (entry->type != VARVE_FOREIGN_HARD_LINK)
    {
      *out_target = g_strdup (entry->link_name);
      return TRUE;
    }
  g_autofree char *clean = filter_clean (entry->link_name, error);
  if (clean == NULL)
    return FALSE;
  if (is_of_repo (clean))
    return refuse_repo (entry, error);
  *out_target = filter_place (g_steal_pointer (&clean), self->flags);
  return *out_target != NULL
         || filter_fail (error, VARVE_ERROR_CORRUPT, entry->name, "a hard link to a file that importers leave out");
}

static gboolean
filter_copy (const Filter *self, const VarveForeignEntry *entry, VarveForeignTar *tar, GError **error)
{
  g_autofree guint8 *buffer = entry->size_bytes > 0 ? g_malloc (BUFFER_BYTES) : NULL;
  gssize n = 0;
  while (entry->size_bytes > 0 && (n = varve_foreign_tar_read (tar, buffer, BUFFER_BYTES, error)) > 0)
    if (!self->sink->write (self->sink->data, buffer, (gsize)n, error))
      return FALSE;
  return n == 0 && varve_tar_write_padding (self->sink, entry->size_bytes, error);
}

static gboolean
filter_write (const Filter *self, const VarveForeignEntry *entry, const char *path, VarveForeignTar *tar,
              GError **error)
{
  static const VarveTarType TYPES[] = {
    [VARVE_FOREIGN_FILE] = VARVE_TAR_FILE,
    [VARVE_FOREIGN_HARD_LINK] = VARVE_TAR_HARD_LINK,
    [VARVE_FOREIGN_SYMLINK] = VARVE_TAR_SYMLINK,
    [VARVE_FOREIGN_DIRECTORY] = VARVE_TAR_DIRECTORY,
  };
  g_autoptr (GBytes) pax = NULL;
  g_autofree char *target = NULL;
  if (!filter_link (self, entry, &target, error) || !filter_pax (entry, &pax, error))
    return FALSE;
  VarveTarEntry out = {
    .type = TYPES[entry->type],
    .name = path[0] != '\0' ? path : "./",
    .link_name = target,
    .mode = entry->type == VARVE_FOREIGN_SYMLINK ? SYMLINK_MODE : entry->mode,
    .uid = entry->uid,
    .gid = entry->gid,
    .size_bytes = entry->size_bytes,
    .pax = pax,
  };
  return varve_tar_write_entry (self->sink, &out, error) && filter_copy (self, entry, tar, error);
}

static gboolean
filter_entry (gpointer data, const VarveForeignEntry *entry, VarveForeignTar *tar, GError **error)
{
  const Filter *self = data;
  g_autofree char *clean = filter_clean (entry->name, error);
  if (clean == NULL)
    return FALSE;
  if (is_of_repo (clean) && entry->type != VARVE_FOREIGN_DIRECTORY)
    return refuse_repo (entry, error);
  g_autofree char *path = filter_place (g_steal_pointer (&clean), self->flags);
  if (path == NULL)
    return TRUE;
  if (entry->type == VARVE_FOREIGN_SPECIAL)
    return filter_fail (error, VARVE_ERROR_CORRUPT, entry->name, "a device or a fifo, which importers refuse");
  if (path[0] == '\0' && entry->type != VARVE_FOREIGN_DIRECTORY)
    return filter_fail (error, VARVE_ERROR_CORRUPT, entry->name, "the root is not a directory");
  return check_whiteout (path, error) && filter_write (self, entry, path, tar, error);
}

gboolean
varve_layer_filter_write (const VarvePlainLayer *layer, VarveLayerFilterFlags flags, VarveSink *sink,
                          GCancellable *cancellable, GError **error)
{
  Filter filter = { flags, sink };
  VarvePlainLayer reading = *layer;
  VarveDecompressed sums;
  reading.func = filter_entry;
  reading.data = &filter;
  return varve_plain_layer_read (&reading, &sums, cancellable, error)
         && varve_plain_layer_check (&reading, &sums, error) && varve_tar_write_end (sink, error);
}
