/* SPDX-License-Identifier: Apache-2.0 */
/* libarchive converts names to the locale's encoding. Names must keep their bytes, so libarchive runs with a UTF-8
 * locale, whatever that of the process. */
#include "emit/foreign-tar.h"

#include <errno.h>
#include <locale.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/error.h"

enum { BUFFER_BYTES = 1 << 17, PERMISSIONS = 07777 };

/* The content of a file as libarchive gives it: stored pieces, with holes between them in a sparse file. */
typedef struct {
  gboolean is_sparse;
  guint64 at;           /* what was read so far */
  guint64 stored_bytes; /* what the map of a sparse file still names */
  const guint8 *piece;
  guint64 piece_at, piece_bytes;
} Content;

struct _VarveForeignTar {
  struct archive *archive;
  VarveTarReadFunc read;
  gpointer source;
  GError *failure; /* of the source; libarchive has no place for it */
  locale_t utf8;
  guint n_entries;
  GArray *xattrs;
  VarveForeignEntry entry;
  Content content;
  guint8 buffer[BUFFER_BYTES];
};

static la_ssize_t
on_read (struct archive *archive, void *data, const void **out_buffer)
{
  VarveForeignTar *tar = data;
  *out_buffer = tar->buffer;
  gssize n = tar->failure == NULL ? tar->read (tar->source, tar->buffer, BUFFER_BYTES, &tar->failure) : -1;
  if (n >= 0)
    return n;
  archive_set_error (archive, EIO, "the layer cannot be read");
  return ARCHIVE_FATAL;
}

static gboolean
foreign_fail (VarveForeignTar *tar, GError **error)
{
  if (tar->failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&tar->failure));
      return FALSE;
    }
  const char *message = archive_error_string (tar->archive);
  g_autofree char *escaped
      = varve_escape (message != NULL ? message : "the header is malformed, or libarchive does not know it");
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "tar, entry %u: %s", tar->n_entries, escaped);
  return FALSE;
}

VarveForeignTar *
varve_foreign_tar_new (VarveTarReadFunc read, gpointer source, GError **error)
{
  g_autoptr (VarveForeignTar) tar = g_new0 (VarveForeignTar, 1);
  tar->read = read;
  tar->source = source;
  tar->archive = archive_read_new ();
  tar->xattrs = g_array_new (FALSE, FALSE, sizeof (VarveXattr));
  tar->utf8 = newlocale (LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  archive_read_support_format_tar (tar->archive);
  archive_read_support_format_empty (tar->archive);
  archive_read_set_read_callback (tar->archive, on_read);
  archive_read_set_callback_data (tar->archive, tar);
  if (archive_read_open1 (tar->archive) != ARCHIVE_OK)
    {
      foreign_fail (tar, error);
      return NULL;
    }
  return g_steal_pointer (&tar);
}

void
varve_foreign_tar_free (VarveForeignTar *tar)
{
  archive_read_free (tar->archive);
  g_array_unref (tar->xattrs);
  if (tar->utf8 != (locale_t)0)
    freelocale (tar->utf8);
  g_clear_error (&tar->failure);
  g_free (tar);
}

static gboolean
foreign_reject (GError **error, VarveError code, const char *name, const char *problem)
{
  g_autofree char *escaped = varve_escape (name);
  g_set_error (error, VARVE_ERROR, code, "'%s': %s", escaped, problem);
  return FALSE;
}

static void
read_xattrs (VarveForeignTar *tar, struct archive_entry *entry)
{
  const char *name;
  const void *value;
  size_t size_bytes;
  g_array_set_size (tar->xattrs, 0);
  archive_entry_xattr_reset (entry);
  while (archive_entry_xattr_next (entry, &name, &value, &size_bytes) == ARCHIVE_OK)
    {
      VarveXattr xattr = { .name = name, .value = value, .size_bytes = size_bytes };
      if (name != NULL && *name != '\0')
        g_array_append_val (tar->xattrs, xattr);
    }
}

static gboolean
type_of (struct archive_entry *entry, VarveForeignType *out_type)
{
  if (archive_entry_hardlink (entry) != NULL)
    *out_type = VARVE_FOREIGN_HARD_LINK;
  else
    switch (archive_entry_filetype (entry))
      {
      case AE_IFREG:
        *out_type = VARVE_FOREIGN_FILE;
        break;
      case AE_IFLNK:
        *out_type = VARVE_FOREIGN_SYMLINK;
        break;
      case AE_IFDIR:
        *out_type = VARVE_FOREIGN_DIRECTORY;
        break;
      case AE_IFCHR:
      case AE_IFBLK:
      case AE_IFIFO:
        *out_type = VARVE_FOREIGN_SPECIAL;
        break;
      default:
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_entry (struct archive_entry *raw, const VarveForeignEntry *entry, GError **error)
{
  gint64 uid = archive_entry_uid (raw), gid = archive_entry_gid (raw), size = archive_entry_size (raw);
  if (strlen (entry->name) > VARVE_TAR_NAME_MAX_BYTES
      || (entry->link_name != NULL && strlen (entry->link_name) > VARVE_TAR_NAME_MAX_BYTES))
    {
      g_autofree char *problem
          = g_strdup_printf ("a name is longer than the limit of %u bytes", VARVE_TAR_NAME_MAX_BYTES);
      return foreign_reject (error, VARVE_ERROR_LIMIT, entry->name, problem);
    }
  if (uid < 0 || uid >= G_MAXUINT32 || gid < 0 || gid >= G_MAXUINT32)
    return foreign_reject (error, VARVE_ERROR_UNSUPPORTED, entry->name, "the owner is not a 32-bit number");
  if (size < 0)
    return foreign_reject (error, VARVE_ERROR_CORRUPT, entry->name, "the size is negative");
  return TRUE;
}

/* libarchive's list of pieces lacks those that overlap or end beyond the file; next_piece() rejects them. */
static Content
begin_content (struct archive_entry *raw)
{
  Content content = { .is_sparse = archive_entry_sparse_count (raw) > 0 };
  la_int64_t at, size_bytes;
  archive_entry_sparse_reset (raw);
  while (archive_entry_sparse_next (raw, &at, &size_bytes) == ARCHIVE_OK)
    content.stored_bytes += (guint64)size_bytes;
  return content;
}

static gboolean
take_entry (VarveForeignTar *tar, struct archive_entry *raw, GError **error)
{
  VarveForeignEntry entry = { .name = archive_entry_pathname (raw) };
  if (entry.name == NULL || entry.name[0] == '\0')
    return foreign_reject (error, VARVE_ERROR_CORRUPT, "", "an entry without a name");
  if (!type_of (raw, &entry.type))
    return foreign_reject (error, VARVE_ERROR_UNSUPPORTED, entry.name, "unknown type of tar entry");
  if (entry.type == VARVE_FOREIGN_HARD_LINK)
    entry.link_name = archive_entry_hardlink (raw);
  else if (entry.type == VARVE_FOREIGN_SYMLINK)
    entry.link_name = archive_entry_symlink (raw);
  if (entry.type == VARVE_FOREIGN_SYMLINK && (entry.link_name == NULL || entry.link_name[0] == '\0'))
    return foreign_reject (error, VARVE_ERROR_CORRUPT, entry.name, "a symlink without a target");
  if (!check_entry (raw, &entry, error))
    return FALSE;
  read_xattrs (tar, raw);
  entry.mode = (guint32)archive_entry_perm (raw) & PERMISSIONS;
  entry.uid = (guint32)archive_entry_uid (raw);
  entry.gid = (guint32)archive_entry_gid (raw);
  entry.mtime = archive_entry_mtime (raw);
  entry.size_bytes = entry.type == VARVE_FOREIGN_FILE ? (guint64)archive_entry_size (raw) : 0;
  entry.xattrs = (const VarveXattr *)(void *)tar->xattrs->data;
  entry.n_xattrs = tar->xattrs->len;
  tar->entry = entry;
  tar->content = begin_content (raw);
  return TRUE;
}

/* Where the stored bytes end before the file does, the rest of a sparse file is a hole. */
static gboolean
end_pieces (VarveForeignTar *tar, GError **error)
{
  Content *content = &tar->content;
  if (content->is_sparse && content->stored_bytes == 0)
    {
      content->piece_at = tar->entry.size_bytes;
      content->piece_bytes = 0;
      return TRUE;
    }
  archive_set_error (tar->archive, EINVAL,
                     content->is_sparse ? "the map of a sparse file names more bytes than are stored"
                                        : "the archive is truncated");
  return foreign_fail (tar, error);
}

static gboolean
check_piece (VarveForeignTar *tar, la_int64_t at, size_t size_bytes, GError **error)
{
  const guint64 end = tar->entry.size_bytes;
  if (at < 0 || (guint64)at < tar->content.at)
    archive_set_error (tar->archive, EINVAL, "the pieces of a sparse file overlap, or are not in order");
  else if ((guint64)at > end || size_bytes > end - (guint64)at)
    archive_set_error (tar->archive, EINVAL, "a piece of a sparse file ends after the file");
  else
    return TRUE;
  return foreign_fail (tar, error);
}

static gboolean
next_piece (VarveForeignTar *tar, GError **error)
{
  const void *data;
  size_t size_bytes;
  la_int64_t at;
  int result;
  do
    result = archive_read_data_block (tar->archive, &data, &size_bytes, &at);
  while (result == ARCHIVE_OK && size_bytes == 0);
  if (result == ARCHIVE_EOF)
    return end_pieces (tar, error);
  if (result != ARCHIVE_OK)
    return foreign_fail (tar, error);
  if (!check_piece (tar, at, size_bytes, error))
    return FALSE;
  tar->content.piece = data;
  tar->content.piece_at = (guint64)at;
  tar->content.piece_bytes = size_bytes;
  tar->content.stored_bytes -= MIN (size_bytes, tar->content.stored_bytes);
  return TRUE;
}

/* A map is checked whether the content is read or not. */
static gboolean
skip_pieces (VarveForeignTar *tar, GError **error)
{
  Content *content = &tar->content;
  while ((content->at = content->piece_at + content->piece_bytes) < tar->entry.size_bytes)
    if (!next_piece (tar, error))
      return FALSE;
  return TRUE;
}

static gboolean
next_entry (VarveForeignTar *tar, const VarveForeignEntry **out_entry, GError **error)
{
  struct archive_entry *raw;
  if (!skip_pieces (tar, error))
    return FALSE;
  int result = archive_read_next_header (tar->archive, &raw);
  *out_entry = NULL;
  if (result == ARCHIVE_EOF && tar->failure == NULL)
    return TRUE;
  tar->n_entries++;
  if (result != ARCHIVE_OK)
    return foreign_fail (tar, error);
  if (tar->n_entries > VARVE_TAR_ENTRIES_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "tar: more than the limit of %u entries",
                   VARVE_TAR_ENTRIES_MAX);
      return FALSE;
    }
  if (!take_entry (tar, raw, error))
    return FALSE;
  *out_entry = &tar->entry;
  return TRUE;
}

gboolean
varve_foreign_tar_next (VarveForeignTar *tar, const VarveForeignEntry **out_entry, GError **error)
{
  locale_t before = uselocale (tar->utf8);
  gboolean ok = next_entry (tar, out_entry, error);
  uselocale (before);
  return ok;
}

gssize
varve_foreign_tar_read (VarveForeignTar *tar, void *buffer, gsize size_bytes, GError **error)
{
  Content *content = &tar->content;
  if (content->at == tar->entry.size_bytes || size_bytes == 0)
    return 0;
  if (content->at == content->piece_at + content->piece_bytes && !next_piece (tar, error))
    return -1;
  gsize n;
  if (content->at < content->piece_at)
    {
      n = (gsize)MIN (size_bytes, content->piece_at - content->at);
      memset (buffer, 0, n);
    }
  else
    {
      guint64 begin = content->at - content->piece_at;
      n = (gsize)MIN (size_bytes, content->piece_bytes - begin);
      memcpy (buffer, content->piece + begin, n);
    }
  content->at += n;
  return (gssize)n;
}
