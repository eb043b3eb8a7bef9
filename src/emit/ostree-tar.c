/* SPDX-License-Identifier: Apache-2.0 */
/* The order of entries is that of ostree-ext's exporter, with two differences that every importer accepts: objects of a
 * component layer are sorted by path rather than by checksum, which compresses 3 to 4 % better, and dirtrees below
 * /sysroot are written, because a complete repository needs them. */
#include "emit/ostree-tar.h"

#include <string.h>

#include "base/error.h"
#include "emit/content-copy.h"
#include "emit/tar.h"

#define REPO "sysroot/ostree/repo"

static const char REPO_CONFIG[] = "[core]\nrepo_version=1\nmode=bare-split-xattrs\n";
static const char *const DIRECTORIES_ABOVE_OBJECTS[] = { "sysroot", "sysroot/ostree", REPO, REPO "/objects" };
static const char *const DIRECTORIES_AFTER_OBJECTS[] = {
  REPO "/extensions",   REPO "/refs",  REPO "/refs/heads", REPO "/refs/mirrors",
  REPO "/refs/remotes", REPO "/state", REPO "/tmp",        REPO "/tmp/cache",
};

static gboolean
write_directory (VarveSink *sink, const char *name, guint32 mode, GError **error)
{
  VarveTarEntry entry = { .type = VARVE_TAR_DIRECTORY, .name = name, .mode = mode };
  return varve_tar_write_entry (sink, &entry, error);
}

/* A regular file, mode 0644, owner 0:0, with content in memory. */
static gboolean
write_small_file (VarveSink *sink, const char *name, const void *data, gsize size_bytes, GError **error)
{
  VarveTarEntry entry = { .type = VARVE_TAR_FILE, .name = name, .mode = 0644, .size_bytes = size_bytes };
  return varve_tar_write_entry (sink, &entry, error)
         && (size_bytes == 0 || sink->write (sink->data, data, size_bytes, error))
         && varve_tar_write_padding (sink, size_bytes, error);
}

static gboolean
write_skeleton (VarveSink *sink, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (DIRECTORIES_ABOVE_OBJECTS); i++)
    if (!write_directory (sink, DIRECTORIES_ABOVE_OBJECTS[i], 0755, error))
      return FALSE;
  for (guint i = 0; i < 256; i++)
    {
      char name[sizeof REPO "/objects/00"];
      g_snprintf (name, sizeof name, REPO "/objects/%02x", i);
      if (!write_directory (sink, name, 0755, error))
        return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (DIRECTORIES_AFTER_OBJECTS); i++)
    if (!write_directory (sink, DIRECTORIES_AFTER_OBJECTS[i], 0755, error))
      return FALSE;
  return write_small_file (sink, REPO "/config", REPO_CONFIG, strlen (REPO_CONFIG), error);
}

static guint64
skeleton_bytes (void)
{
  guint n_directories = G_N_ELEMENTS (DIRECTORIES_ABOVE_OBJECTS) + 256 + G_N_ELEMENTS (DIRECTORIES_AFTER_OBJECTS);
  VarveTarEntry config = { .type = VARVE_TAR_FILE, .name = REPO "/config", .size_bytes = sizeof REPO_CONFIG - 1 };
  return (guint64)n_directories * VARVE_TAR_BLOCK_BYTES + varve_tar_entry_bytes (&config);
}

/* The name of an object in the tar; long enough for the longest suffix. */
typedef struct {
  char text[sizeof REPO "/objects/" + 1 + VARVE_DIGEST_HEX_LENGTH + sizeof ".file-xattrs-link"];
} ObjectName;

static ObjectName
object_name (const VarveDigest *checksum, const char *suffix)
{
  g_autofree char *hex = varve_digest_to_hex (checksum);
  ObjectName name;
  g_snprintf (name.text, sizeof name.text, REPO "/objects/%.2s/%s.%s", hex, hex + 2, suffix);
  return name;
}

/* The folder itself, or something below it. */
static gboolean
is_in (const char *path, const char *folder)
{
  gsize length = strlen (folder);
  return strncmp (path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

const char *
varve_ostree_tar_path (const char *path)
{
  return is_in (path, "usr/etc") ? path + strlen ("usr/") : path;
}

char *
varve_ostree_tar_commit_path (const char *path)
{
  return is_in (path, "etc") ? g_strconcat ("usr/", path, NULL) : g_strdup (path);
}

/* The entries of one object: its xattrs, itself, and each of its paths. */

static VarveTarEntry
object_entry (const VarveObject *object, const ObjectName *name, GBytes *pax)
{
  gboolean is_symlink = object->symlink_target != NULL;
  return (VarveTarEntry){
    .type = is_symlink ? VARVE_TAR_SYMLINK : VARVE_TAR_FILE,
    .name = name->text,
    .link_name = object->symlink_target,
    .mode = object->mode & 07777,
    .uid = object->uid,
    .gid = object->gid,
    .size_bytes = is_symlink ? 0 : object->size_bytes,
    .pax = pax,
  };
}

/* An empty file is repeated instead of linked: container importers expect no links to it. */
static VarveTarEntry
path_entry (const VarveObject *object, const ObjectName *name, const char *path)
{
  gboolean is_empty = object->symlink_target == NULL && object->size_bytes == 0;
  return (VarveTarEntry){
    .type = is_empty ? VARVE_TAR_FILE : VARVE_TAR_HARD_LINK,
    .name = varve_ostree_tar_path (path),
    .link_name = is_empty ? NULL : name->text,
    .mode = object->mode & 07777,
    .uid = object->uid,
    .gid = object->gid,
  };
}

/* Also NULL for invalid attributes, which the walk excludes. */
static GBytes *
pax_of (const VarveObject *object)
{
  if (g_bytes_get_size (object->xattrs) == 0)
    return NULL;
  g_autoptr (VarveXattrs) xattrs = varve_xattrs_parse (object->xattrs, NULL);
  return xattrs != NULL ? varve_tar_pax_from_xattrs (xattrs) : NULL;
}

static guint64
object_bytes (const VarveInventory *inventory, const VarveObject *object)
{
  ObjectName xattrs_name = object_name (&object->checksum, "file-xattrs-link");
  ObjectName name = object_name (&object->checksum, "file");
  VarveTarEntry xattrs
      = { .type = VARVE_TAR_FILE, .name = xattrs_name.text, .size_bytes = g_bytes_get_size (object->xattrs) };
  g_autoptr (GBytes) pax = pax_of (object);
  VarveTarEntry entry = object_entry (object, &name, pax);
  guint64 bytes = varve_tar_entry_bytes (&xattrs) + varve_tar_entry_bytes (&entry);
  for (guint32 i = object->first_file; i != VARVE_NO_INDEX; i = inventory->files[i].next_file)
    {
      VarveTarEntry path = path_entry (object, &name, inventory->files[i].path);
      bytes += varve_tar_entry_bytes (&path);
    }
  return bytes;
}

guint64
varve_ostree_tar_component_bytes (const VarveInventory *inventory, const guint32 *objects, guint32 n_objects)
{
  guint64 bytes = skeleton_bytes () + 2 * VARVE_TAR_BLOCK_BYTES;
  for (guint32 i = 0; i < n_objects; i++)
    bytes += object_bytes (inventory, &inventory->objects[objects[i]]);
  return bytes;
}

static gboolean
write_object (const VarveOstreeTar *tar, const VarveObject *object, VarveContentCopy *copy, VarveSink *sink,
              GError **error)
{
  gsize xattrs_bytes;
  const void *xattrs = g_bytes_get_data (object->xattrs, &xattrs_bytes);
  ObjectName xattrs_name = object_name (&object->checksum, "file-xattrs-link");
  ObjectName name = object_name (&object->checksum, "file");
  g_autoptr (GBytes) pax = pax_of (object);
  VarveTarEntry entry = object_entry (object, &name, pax);
  if (!write_small_file (sink, xattrs_name.text, xattrs, xattrs_bytes, error)
      || !varve_tar_write_entry (sink, &entry, error))
    return FALSE;
  if (!varve_content_copy_write (copy, object, sink, error))
    return FALSE;
  for (guint32 i = object->first_file; i != VARVE_NO_INDEX; i = tar->inventory->files[i].next_file)
    {
      VarveTarEntry path = path_entry (object, &name, tar->inventory->files[i].path);
      if (!varve_tar_write_entry (sink, &path, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
varve_ostree_tar_write_component (const VarveOstreeTar *tar, const guint32 *objects, guint32 n_objects, VarveSink *sink,
                                  GError **error)
{
  g_autoptr (VarveContentCopy) copy = varve_content_copy_new (tar->source, tar->cancellable);
  if (!write_skeleton (sink, error))
    return FALSE;
  for (guint32 i = 0; i < n_objects; i++)
    {
      const VarveObject *object = &tar->inventory->objects[objects[i]];
      if (tar->at_object != NULL)
        tar->at_object (tar->at_object_data, i);
      if (!write_object (tar, object, copy, sink, error))
        {
          g_autofree char *hex = varve_digest_to_hex (&object->checksum);
          g_autofree char *path = varve_escape (tar->inventory->files[object->first_file].path);
          g_prefix_error (error, "object %s.file ('/%s'): ", hex, path);
          return FALSE;
        }
    }
  return varve_tar_write_end (sink, error);
}

/* The commit layer. */

typedef struct {
  const VarveOstreeTar *tar;
  VarveSink *sink;
  GHashTable *written; /* VarveDigest of each dirtree and dirmeta already in the tar */
} CommitWriter;

static gboolean
write_metadata (CommitWriter *writer, VarveMetadataKind kind, const VarveDigest *checksum, const char *suffix,
                GError **error)
{
  if (!g_hash_table_add (writer->written, (gpointer)checksum))
    return TRUE;
  VarveSource *source = writer->tar->source;
  g_autoptr (GBytes) bytes = source->load_metadata (source, kind, checksum, error);
  if (bytes == NULL)
    return FALSE;
  VarveDigest actual = varve_digest_of (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  if (varve_digest_compare (&actual, checksum) != 0)
    {
      g_autofree char *expected_hex = varve_digest_to_hex (checksum), *actual_hex = varve_digest_to_hex (&actual);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%s object %s: its checksum is %s", suffix, expected_hex,
                   actual_hex);
      return FALSE;
    }
  ObjectName name = object_name (checksum, suffix);
  return write_small_file (writer->sink, name.text, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
}

static gboolean
write_detached_metadata (CommitWriter *writer, const VarveDigest *commit, GError **error)
{
  VarveSource *source = writer->tar->source;
  GError *failure = NULL;
  g_autoptr (GBytes) bytes = source->load_metadata (source, VARVE_METADATA_COMMITMETA, commit, &failure);
  if (bytes == NULL && failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  if (bytes == NULL)
    return TRUE;
  ObjectName name = object_name (commit, "commitmeta");
  return write_small_file (writer->sink, name.text, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
}

/* /sysroot is already in the skeleton, and its content must not appear in a container. */
static gboolean
write_tree_directory (CommitWriter *writer, const VarveDirectory *directory, GError **error)
{
  if (!write_metadata (writer, VARVE_METADATA_DIRMETA, &directory->dirmeta, "dirmeta", error))
    return FALSE;
  if (directory->path[0] != '\0' && !is_in (directory->path, "sysroot"))
    {
      VarveTarEntry entry = {
        .type = VARVE_TAR_DIRECTORY,
        .name = varve_ostree_tar_path (directory->path),
        .mode = directory->mode & 07777,
        .uid = directory->uid,
        .gid = directory->gid,
      };
      if (!varve_tar_write_entry (writer->sink, &entry, error))
        return FALSE;
    }
  return write_metadata (writer, VARVE_METADATA_DIRTREE, &directory->dirtree, "dirtree", error);
}

static gboolean
write_commit_entries (CommitWriter *writer, GError **error)
{
  const VarveInventory *inventory = writer->tar->inventory;
  const VarveDirectory *root = &inventory->directories[0];
  VarveTarEntry root_entry = {
    .type = VARVE_TAR_DIRECTORY,
    .name = "./",
    .mode = root->mode & 07777,
    .uid = root->uid,
    .gid = root->gid,
  };
  if (!varve_tar_write_entry (writer->sink, &root_entry, error) || !write_skeleton (writer->sink, error)
      || !write_metadata (writer, VARVE_METADATA_COMMIT, &inventory->commit, "commit", error)
      || !write_detached_metadata (writer, &inventory->commit, error))
    return FALSE;
  for (guint32 i = 0; i < inventory->n_directories; i++)
    if (g_cancellable_set_error_if_cancelled (writer->tar->cancellable, error)
        || !write_tree_directory (writer, &inventory->directories[i], error))
      return FALSE;
  if (varve_inventory_find_directory (inventory, VARVE_OSTREE_TAR_ADDED) == VARVE_NO_INDEX
      && !write_directory (writer->sink, VARVE_OSTREE_TAR_ADDED, 01777, error))
    return FALSE;
  return varve_tar_write_end (writer->sink, error);
}

gboolean
varve_ostree_tar_write_commit (const VarveOstreeTar *tar, VarveSink *sink, GError **error)
{
  CommitWriter writer = {
    .tar = tar,
    .sink = sink,
    .written = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal),
  };
  gboolean done = write_commit_entries (&writer, error);
  g_hash_table_unref (writer.written);
  return done;
}
