/* SPDX-License-Identifier: Apache-2.0 */
/* A header has POSIX ustar's offsets and GNU's magic. Numbers, the checksum too, are zero-padded octal with a final
 * NUL; a number that does not fit is in GNU's base-256. */
#include "emit/tar.h"

#include <string.h>

typedef struct {
  char name[100];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char mtime[12];
  char checksum[8];
  char type;
  char link_name[100];
  char magic[8]; /* with the version */
  char rest[247];
} TarHeader;
G_STATIC_ASSERT (sizeof (TarHeader) == VARVE_TAR_BLOCK_BYTES);

static const char GNU_MAGIC[8] = { 'u', 's', 't', 'a', 'r', ' ', ' ', '\0' };
static const char USTAR_MAGIC[8] = { 'u', 's', 't', 'a', 'r', '\0', '0', '0' };
static const char LONG_LINK[] = "././@LongLink";
static const char ZEROS[2 * VARVE_TAR_BLOCK_BYTES];

static void
put_number (char *field, gsize width, guint64 value)
{
  if (value >> (3 * (width - 1)) == 0)
    {
      field[width - 1] = '\0';
      for (gsize i = width - 1; i-- > 0; value >>= 3)
        field[i] = (char)('0' + (value & 7));
      return;
    }
  for (gsize i = width; i-- > 0; value >>= 8)
    field[i] = (char)(value & 0xff);
  field[0] = (char)0x80;
}

static void
put_checksum (TarHeader *header)
{
  memset (header->checksum, ' ', sizeof header->checksum);
  guint32 sum = 0;
  for (gsize i = 0; i < sizeof *header; i++)
    sum += ((const guint8 *)header)[i];
  put_number (header->checksum, sizeof header->checksum, sum);
}

/* As much of a text as fits; one that fills the field has no NUL. */
static void
put_text (char *field, gsize width, const char *text)
{
  memcpy (field, text, strnlen (text, width));
}

static gboolean
write_bytes (VarveSink *sink, const void *bytes, gsize size_bytes, GError **error)
{
  return sink->write (sink->data, bytes, size_bytes, error);
}

gboolean
varve_tar_write_padding (VarveSink *sink, guint64 content_size_bytes, GError **error)
{
  gsize used = content_size_bytes % VARVE_TAR_BLOCK_BYTES;
  return used == 0 || write_bytes (sink, ZEROS, VARVE_TAR_BLOCK_BYTES - used, error);
}

gboolean
varve_tar_write_end (VarveSink *sink, GError **error)
{
  return write_bytes (sink, ZEROS, sizeof ZEROS, error);
}

/* A name that does not fit is in a separate entry before the header. */
static gboolean
write_long_text (VarveSink *sink, char type, const char *text, GError **error)
{
  gsize size_bytes = strlen (text) + 1;
  TarHeader header = { .type = type };
  put_text (header.name, sizeof header.name, LONG_LINK);
  memcpy (header.magic, GNU_MAGIC, sizeof header.magic);
  put_number (header.mode, sizeof header.mode, 0644);
  put_number (header.uid, sizeof header.uid, 0);
  put_number (header.gid, sizeof header.gid, 0);
  put_number (header.size, sizeof header.size, size_bytes);
  put_number (header.mtime, sizeof header.mtime, 0);
  put_checksum (&header);
  return write_bytes (sink, &header, sizeof header, error) && write_bytes (sink, text, size_bytes, error)
         && varve_tar_write_padding (sink, size_bytes, error);
}

/* The PAX header has ustar magic, and neither name nor owner. */
static gboolean
write_pax (VarveSink *sink, GBytes *records, GError **error)
{
  gsize size_bytes;
  const void *data = g_bytes_get_data (records, &size_bytes);
  TarHeader header = { .type = 'x' };
  memcpy (header.magic, USTAR_MAGIC, sizeof header.magic);
  put_number (header.size, sizeof header.size, size_bytes);
  put_number (header.mtime, sizeof header.mtime, 0);
  put_checksum (&header);
  return write_bytes (sink, &header, sizeof header, error) && write_bytes (sink, data, size_bytes, error)
         && varve_tar_write_padding (sink, size_bytes, error);
}

gboolean
varve_tar_write_entry (VarveSink *sink, const VarveTarEntry *entry, GError **error)
{
  TarHeader header = { .type = (char)entry->type };
  const char *link_name = entry->link_name != NULL ? entry->link_name : "";
  if (entry->pax != NULL && !write_pax (sink, entry->pax, error))
    return FALSE;
  if (strlen (entry->name) > sizeof header.name && !write_long_text (sink, 'L', entry->name, error))
    return FALSE;
  if (strlen (link_name) > sizeof header.link_name && !write_long_text (sink, 'K', link_name, error))
    return FALSE;
  put_text (header.name, sizeof header.name, entry->name);
  put_text (header.link_name, sizeof header.link_name, link_name);
  memcpy (header.magic, GNU_MAGIC, sizeof header.magic);
  put_number (header.mode, sizeof header.mode, entry->mode);
  put_number (header.uid, sizeof header.uid, entry->uid);
  put_number (header.gid, sizeof header.gid, entry->gid);
  put_number (header.size, sizeof header.size, entry->size_bytes);
  put_number (header.mtime, sizeof header.mtime, entry->mtime);
  put_checksum (&header);
  return write_bytes (sink, &header, sizeof header, error);
}

static guint64
blocks_bytes (guint64 size_bytes)
{
  return (size_bytes + VARVE_TAR_BLOCK_BYTES - 1) / VARVE_TAR_BLOCK_BYTES * VARVE_TAR_BLOCK_BYTES;
}

guint64
varve_tar_entry_bytes (const VarveTarEntry *entry)
{
  guint64 bytes = VARVE_TAR_BLOCK_BYTES + blocks_bytes (entry->size_bytes);
  gsize name_length = strlen (entry->name);
  gsize link_length = entry->link_name != NULL ? strlen (entry->link_name) : 0;
  if (entry->pax != NULL)
    bytes += VARVE_TAR_BLOCK_BYTES + blocks_bytes (g_bytes_get_size (entry->pax));
  if (name_length > sizeof ((TarHeader *)0)->name)
    bytes += VARVE_TAR_BLOCK_BYTES + blocks_bytes (name_length + 1);
  if (link_length > sizeof ((TarHeader *)0)->link_name)
    bytes += VARVE_TAR_BLOCK_BYTES + blocks_bytes (link_length + 1);
  return bytes;
}

/* A record's length counts its own digits. */
static void
append_record (GByteArray *records, const VarveXattr *xattr)
{
  static const char PREFIX[] = "SCHILY.xattr.";
  gsize body = 1 + strlen (PREFIX) + strlen (xattr->name) + 1 + xattr->size_bytes + 1;
  gsize length = body + 1;
  for (gsize digits = 1, limit = 10; digits < 20; digits++, limit *= 10)
    {
      length = body + digits;
      if (length < limit)
        break;
    }
  g_autofree char *start = g_strdup_printf ("%" G_GSIZE_FORMAT " %s%s=", length, PREFIX, xattr->name);
  g_byte_array_append (records, (const guint8 *)start, (guint)strlen (start));
  g_byte_array_append (records, xattr->value, (guint)xattr->size_bytes);
  g_byte_array_append (records, (const guint8 *)"\n", 1);
}

GBytes *
varve_tar_pax_from_xattrs (const VarveXattrs *xattrs)
{
  g_autoptr (GByteArray) records = g_byte_array_new ();
  for (guint i = 0; i < xattrs->n; i++)
    if (strcmp (xattrs->list[i].name, "security.selinux") != 0)
      append_record (records, &xattrs->list[i]);
  return records->len > 0 ? g_byte_array_free_to_bytes (g_steal_pointer (&records)) : NULL;
}
