/* The order of entries is that of ostree-ext's exporter, but for two things that every importer takes: objects of a component layer
 * stand by path rather than by checksum, which compresses 3 to 4 % better, and the dirtrees below /sysroot are
 * written, which a repository needs to be complete. */
#include "emit/ostree-tar.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "emit/tar.h"
#include "model/content-checksum.h"

#define REPO "sysroot/ostree/repo"

enum { CONTENT_BUFFER_BYTES = 1 << 18 };

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

/* A regular file 0644 0:0 whose content is at hand. */
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

/* Where an object stands in the tar; long enough for the longest suffix. */
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

/* The path that a host shows: /usr/etc appears as /etc. */
static const char *
visible_path (const char *path)
{
  gboolean is_etc = g_str_has_prefix (path, "usr/etc") && (path[strlen ("usr/etc")] == '/' || path[strlen ("usr/etc")] == '\0');
  return is_etc ? path + strlen ("usr/") : path;
}

static gboolean
is_below_sysroot (const char *path)
{
  return g_str_has_prefix (path, "sysroot") && (path[strlen ("sysroot")] == '/' || path[strlen ("sysroot")] == '\0');
}

/* The entries of one object: its xattrs, itself, and one for each of its paths. */

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

/* An empty file is repeated rather than linked, as importers of containers expect no link to it. */
static VarveTarEntry
path_entry (const VarveObject *object, const ObjectName *name, const char *path)
{
  gboolean is_empty = object->symlink_target == NULL && object->size_bytes == 0;
  return (VarveTarEntry){
    .type = is_empty ? VARVE_TAR_FILE : VARVE_TAR_HARD_LINK,
    .name = visible_path (path),
    .link_name = is_empty ? NULL : name->text,
    .mode = object->mode & 07777,
    .uid = object->uid,
    .gid = object->gid,
  };
}

/* NULL as well when the attributes are not valid, which the walk has ruled out. */
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
  VarveTarEntry xattrs = { .type = VARVE_TAR_FILE, .name = xattrs_name.text, .size_bytes = g_bytes_get_size (object->xattrs) };
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

/* What copying a content needs, made once a layer. */
typedef struct {
  VarveHash *hash;
  guint8 *buffer;
} Scratch;

static gboolean
check_content (const VarveObject *object, guint64 copied, const VarveDigest *actual, GError **error)
{
  if (copied != object->size_bytes)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "its content ends after %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes",
                 copied, object->size_bytes);
  else if (varve_digest_compare (actual, &object->checksum) != 0)
    {
      g_autofree char *hex = varve_digest_to_hex (actual);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "it is damaged: its content has the checksum %s", hex);
    }
  else
    return TRUE;
  return FALSE;
}

/* An object's content, from a plain file where the source has one. */
typedef struct {
  int fd;
  GInputStream *stream;
} Content;

static gboolean
content_open (const VarveOstreeTar *tar, const VarveObject *object, Content *content, GError **error)
{
  VarveSource *source = tar->source;
  GError *failure = NULL;
  *content = (Content){ .fd = -1 };
  if (source->open_content_fd != NULL)
    content->fd = source->open_content_fd (source, &object->checksum, &failure);
  if (content->fd < 0 && failure == NULL)
    content->stream = source->open_content (source, &object->checksum, NULL, &failure);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

/* Without a cancellable: a stream would make a poll and an eventfd of it at each call. */
static gssize
content_read (Content *content, guint8 *buffer, gsize size_bytes, GError **error)
{
  if (content->stream != NULL)
    return g_input_stream_read (content->stream, buffer, size_bytes, NULL, error);
  gssize n;
  do
    n = read (content->fd, buffer, size_bytes);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    varve_set_errno (error, errno, "reading its content");
  return n;
}

static void
content_close (Content *content)
{
  g_clear_object (&content->stream);
  if (content->fd >= 0)
    close (content->fd);
}

/* Stops at the announced size: what may follow is no part of the object, as its checksum tells. */
static gboolean
copy_pieces (const VarveOstreeTar *tar, const VarveObject *object, Content *content, Scratch *scratch, VarveSink *sink,
             guint64 *out_copied, GError **error)
{
  while (*out_copied < object->size_bytes)
    {
      gsize size_bytes = (gsize)MIN (object->size_bytes - *out_copied, CONTENT_BUFFER_BYTES);
      guint8 *borrowed = sink->borrow != NULL ? sink->borrow (sink->data, size_bytes) : NULL;
      guint8 *buffer = borrowed != NULL ? borrowed : scratch->buffer;
      gssize n = content_read (content, buffer, size_bytes, error);
      if (n <= 0)
        return n == 0;
      *out_copied += (guint64)n;
      varve_hash_update (scratch->hash, buffer, (gsize)n);
      if (g_cancellable_set_error_if_cancelled (tar->cancellable, error)
          || !sink->write (sink->data, buffer, (gsize)n, error))
        return FALSE;
    }
  /* A stream that was decoded tells only at its end whether it was damaged there. */
  return content->stream == NULL || content_read (content, scratch->buffer, CONTENT_BUFFER_BYTES, error) >= 0;
}

static gboolean
copy_stream (const VarveOstreeTar *tar, const VarveObject *object, Scratch *scratch, VarveSink *sink, guint64 *out_copied, GError **error)
{
  Content content;
  if (!content_open (tar, object, &content, error))
    return FALSE;
  gboolean copied = copy_pieces (tar, object, &content, scratch, sink, out_copied, error);
  content_close (&content);
  return copied;
}

/* The object's checksum is computed on the way: a damaged one would be refused by every host, so it must not get there. */
static gboolean
copy_content (const VarveOstreeTar *tar, const VarveObject *object, Scratch *scratch, VarveSink *sink, GError **error)
{
  VarveContentHeader header = {
    .uid = object->uid,
    .gid = object->gid,
    .mode = object->mode,
    .symlink_target = object->symlink_target,
    .xattrs = object->xattrs,
  };
  guint64 copied = 0;
  varve_content_checksum_start (scratch->hash, &header);
  if (object->symlink_target == NULL && !copy_stream (tar, object, scratch, sink, &copied, error))
    return FALSE;
  VarveDigest actual = varve_hash_finish (scratch->hash);
  return check_content (object, copied, &actual, error) && varve_tar_write_padding (sink, object->size_bytes, error);
}

static gboolean
write_object (const VarveOstreeTar *tar, const VarveObject *object, Scratch *scratch, VarveSink *sink, GError **error)
{
  gsize xattrs_bytes;
  const void *xattrs = g_bytes_get_data (object->xattrs, &xattrs_bytes);
  ObjectName xattrs_name = object_name (&object->checksum, "file-xattrs-link");
  ObjectName name = object_name (&object->checksum, "file");
  g_autoptr (GBytes) pax = pax_of (object);
  VarveTarEntry entry = object_entry (object, &name, pax);
  if (!write_small_file (sink, xattrs_name.text, xattrs, xattrs_bytes, error) || !varve_tar_write_entry (sink, &entry, error))
    return FALSE;
  if (!copy_content (tar, object, scratch, sink, error))
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
  g_autoptr (VarveHash) hash = varve_hash_new ();
  g_autofree guint8 *buffer = g_malloc (CONTENT_BUFFER_BYTES);
  Scratch scratch = { .hash = hash, .buffer = buffer };
  if (!write_skeleton (sink, error))
    return FALSE;
  for (guint32 i = 0; i < n_objects; i++)
    {
      const VarveObject *object = &tar->inventory->objects[objects[i]];
      if (tar->at_object != NULL)
        tar->at_object (tar->at_object_data, i);
      if (!write_object (tar, object, &scratch, sink, error))
        {
          g_autofree char *hex = varve_digest_to_hex (&object->checksum);
          g_prefix_error (error, "object %s.file ('/%s'): ", hex, tar->inventory->files[object->first_file].path);
          return FALSE;
        }
    }
  return varve_tar_write_end (sink, error);
}

/* The commit layer. */

typedef struct {
  const VarveOstreeTar *tar;
  VarveSink *sink;
  GHashTable *written; /* VarveDigest of each dirtree and dirmeta that is in the tar */
} CommitWriter;

static gboolean
write_metadata (CommitWriter *writer, VarveMetadataKind kind, const VarveDigest *checksum, const char *suffix, GError **error)
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
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%s object %s: its checksum is %s", suffix, expected_hex, actual_hex);
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

/* /sysroot itself is in the skeleton already, and what is below it is not for a container to see. */
static gboolean
write_tree_directory (CommitWriter *writer, const VarveDirectory *directory, GError **error)
{
  if (!write_metadata (writer, VARVE_METADATA_DIRMETA, &directory->dirmeta, "dirmeta", error))
    return FALSE;
  if (directory->path[0] != '\0' && !is_below_sysroot (directory->path))
    {
      VarveTarEntry entry = {
        .type = VARVE_TAR_DIRECTORY,
        .name = visible_path (directory->path),
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
    .type = VARVE_TAR_DIRECTORY, .name = "./", .mode = root->mode & 07777, .uid = root->uid, .gid = root->gid,
  };
  if (!varve_tar_write_entry (writer->sink, &root_entry, error) || !write_skeleton (writer->sink, error)
      || !write_metadata (writer, VARVE_METADATA_COMMIT, &inventory->commit, "commit", error)
      || !write_detached_metadata (writer, &inventory->commit, error))
    return FALSE;
  for (guint32 i = 0; i < inventory->n_directories; i++)
    if (g_cancellable_set_error_if_cancelled (writer->tar->cancellable, error)
        || !write_tree_directory (writer, &inventory->directories[i], error))
      return FALSE;
  if (varve_inventory_find_directory (inventory, "var/tmp") == VARVE_NO_INDEX
      && !write_directory (writer->sink, "var/tmp", 01777, error))
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
