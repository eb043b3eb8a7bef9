/* SPDX-License-Identifier: Apache-2.0 */
/* No library is used, because the bytes of headers are checked, and because libraries follow other rules of precedence
 * than importers. */
#include "emit/tar-read.h"

#include <string.h>

#include "base/error.h"

enum { BUFFER_BYTES = 1 << 17 };
G_STATIC_ASSERT (BUFFER_BYTES % VARVE_TAR_BLOCK_BYTES == 0);

struct _VarveTarReader {
  VarveTarReadFunc read;
  gpointer source;
  VarveFindings *findings;
  char *place, *where;

  guint8 *buffer;
  gsize at, end;
  guint64 offset; /* of the next byte */
  guint64 content_left;
  gsize padding_left;
  guint n_entries;

  char *long_name, *long_link_name;
  VarvePax *pax;
  VarveTarHeader header;
  VarveTarReadEntry entry;
};

VarveTarReader *
varve_tar_reader_new (VarveTarReadFunc read, gpointer source, VarveFindings *findings, const char *place)
{
  VarveTarReader *self = g_new0 (VarveTarReader, 1);
  self->read = read;
  self->source = source;
  self->findings = findings;
  self->place = g_strdup (place);
  self->buffer = g_malloc (BUFFER_BYTES);
  return self;
}

static void
forget_entry (VarveTarReader *self)
{
  g_clear_pointer (&self->long_name, g_free);
  g_clear_pointer (&self->long_link_name, g_free);
  g_clear_pointer (&self->pax, varve_pax_free);
  g_clear_pointer (&self->where, g_free);
  self->entry = (VarveTarReadEntry){ 0 };
}

void
varve_tar_reader_free (VarveTarReader *self)
{
  forget_entry (self);
  g_free (self->place);
  g_free (self->buffer);
  g_free (self);
}

const char *
varve_tar_reader_where (VarveTarReader *self)
{
  if (self->where == NULL)
    self->where = self->entry.name != NULL ? g_strconcat (self->place, ": ", self->entry.name, NULL)
                                           : g_strdup_printf ("%s: byte %" G_GUINT64_FORMAT, self->place, self->offset);
  return self->where;
}

guint64
varve_tar_reader_offset (const VarveTarReader *self)
{
  return self->offset;
}

static void
add_note (VarveTarReader *self, const char *rule, const char *message)
{
  varve_findings_add (self->findings, VARVE_SEVERITY_NOTE, rule, varve_tar_reader_where (self), "%s", message);
}

static void
add_error (VarveTarReader *self, const char *rule, const char *message)
{
  varve_findings_add (self->findings, VARVE_SEVERITY_ERROR, rule, varve_tar_reader_where (self), "%s", message);
}

static gboolean
tar_fail (VarveTarReader *self, const char *message, GError **error)
{
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "tar, byte %" G_GUINT64_FORMAT ": %s", self->offset, message);
  return FALSE;
}

/* Makes @wanted bytes available, or as many as are left. */
static gboolean
fill (VarveTarReader *self, gsize wanted, GError **error)
{
  if (self->end - self->at >= wanted)
    return TRUE;
  memmove (self->buffer, self->buffer + self->at, self->end - self->at);
  self->end -= self->at;
  self->at = 0;
  while (self->end < wanted)
    {
      gssize n = self->read (self->source, self->buffer + self->end, BUFFER_BYTES - self->end, error);
      if (n < 0)
        return FALSE;
      if (n == 0)
        return TRUE;
      self->end += (gsize)n;
    }
  return TRUE;
}

static const guint8 *
take_bytes (VarveTarReader *self, gsize size_bytes)
{
  const guint8 *data = self->buffer + self->at;
  self->at += size_bytes;
  self->offset += size_bytes;
  return data;
}

gboolean
varve_tar_reader_chunk (VarveTarReader *self, const guint8 **out_data, gsize *out_bytes, GError **error)
{
  gsize available = 0;
  if (self->content_left > 0)
    {
      if (!fill (self, 1, error))
        return FALSE;
      available = (gsize)MIN (self->end - self->at, self->content_left);
      if (available == 0)
        return tar_fail (self, "the archive is truncated in the content of an entry", error);
    }
  *out_data = take_bytes (self, available);
  *out_bytes = available;
  self->content_left -= available;
  return TRUE;
}

static gboolean
skip_content (VarveTarReader *self, GError **error)
{
  const guint8 *data;
  gsize n;
  do
    if (!varve_tar_reader_chunk (self, &data, &n, error))
      return FALSE;
  while (n > 0);
  if (!fill (self, self->padding_left, error))
    return FALSE;
  if (self->end - self->at < self->padding_left)
    return tar_fail (self, "the archive is truncated after the content of an entry", error);
  const guint8 *padding = take_bytes (self, self->padding_left);
  for (gsize i = 0; i < self->padding_left; i++)
    if (padding[i] != 0)
      {
        add_note (self, "tar.padding", "the padding of the last block is not zero");
        break;
      }
  self->padding_left = 0;
  return TRUE;
}

GBytes *
varve_tar_reader_load (VarveTarReader *self, gsize max_bytes, GError **error)
{
  if (self->content_left > max_bytes)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "tar, byte %" G_GUINT64_FORMAT ": an entry of %" G_GUINT64_FORMAT
                   " bytes: the limit is %" G_GSIZE_FORMAT,
                   self->offset, self->content_left, max_bytes);
      return NULL;
    }
  g_autoptr (GByteArray) content = g_byte_array_sized_new ((guint)self->content_left);
  const guint8 *data;
  gsize n;
  do
    {
      if (!varve_tar_reader_chunk (self, &data, &n, error))
        return NULL;
      g_byte_array_append (content, data, (guint)n);
    }
  while (n > 0);
  return g_byte_array_free_to_bytes (g_steal_pointer (&content));
}

static void
begin_content (VarveTarReader *self, guint64 size_bytes)
{
  self->content_left = size_bytes;
  self->padding_left = (VARVE_TAR_BLOCK_BYTES - size_bytes % VARVE_TAR_BLOCK_BYTES) % VARVE_TAR_BLOCK_BYTES;
}

/* The content of an 'L' or 'K' entry. */
static gboolean
read_long_name (VarveTarReader *self, char **out_name, GError **error)
{
  if (*out_name != NULL)
    return tar_fail (self, "two long names for one entry", error);
  g_autoptr (GBytes) content = varve_tar_reader_load (self, VARVE_TAR_NAME_MAX_BYTES, error);
  if (content == NULL)
    return FALSE;
  gsize size_bytes;
  const char *text = g_bytes_get_data (content, &size_bytes);
  gsize length = size_bytes > 0 ? strnlen (text, size_bytes) : 0;
  if (length == 0)
    return tar_fail (self, "an empty long name", error);
  if (length + 1 != size_bytes)
    {
      if (length < size_bytes)
        add_error (self, "tar.name-nul", "a long name contains a NUL byte");
      else
        add_note (self, "tar.long-name", "a long name does not end in a NUL byte");
    }
  *out_name = g_strndup (text, length);
  return TRUE;
}

static gboolean
read_pax (VarveTarReader *self, GError **error)
{
  if (self->pax != NULL)
    return tar_fail (self, "two PAX headers for one entry", error);
  g_autoptr (GBytes) content = varve_tar_reader_load (self, VARVE_PAX_MAX_BYTES, error);
  if (content == NULL)
    return FALSE;
  self->pax = varve_pax_parse (content, self->findings, varve_tar_reader_where (self), error);
  if (self->pax == NULL)
    g_prefix_error (error, "tar, byte %" G_GUINT64_FORMAT ": ", self->offset);
  return self->pax != NULL;
}

/* Importers prefer a long name to a PAX record, libarchive the record. */
static const char *
choose_name (VarveTarReader *self, const char *long_name, const char *pax_name, const char *short_name)
{
  if (long_name != NULL && pax_name != NULL)
    add_error (self, "tar.name-both", "a long name and a PAX record: readers differ in which one they use");
  else if (pax_name != NULL)
    add_note (self, "pax.path", "a name in a PAX record");
  if (long_name != NULL)
    return long_name;
  return pax_name != NULL ? pax_name : short_name;
}

static void
judge_form (VarveTarReader *self)
{
  static const struct {
    VarveTarOddity oddity;
    const char *message;
  } FORMS[] = {
    { VARVE_TAR_ODD_MAGIC, "the header does not have GNU's magic" },
    { VARVE_TAR_ODD_NUMBER, "a number is not zero-padded octal with a final NUL" },
    { VARVE_TAR_ODD_OWNER_NAME, "the header names a user, a group or a device" },
    { VARVE_TAR_ODD_REMAINDER, "the header has data in bytes without a meaning" },
    { VARVE_TAR_ODD_TYPE, "the type of a regular file is NUL" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (FORMS); i++)
    if ((self->header.oddities & FORMS[i].oddity) != 0)
      add_note (self, "tar.header-form", FORMS[i].message);
  if ((self->header.oddities & VARVE_TAR_ODD_EMPTY_NUMBER) != 0)
    add_error (self, "tar.number-empty", "the header lacks a mode, an owner or a time");
  if (self->header.mtime != 0)
    add_error (self, "tar.mtime", "the time is not 0: a derived image treats the file as changed");
  if (self->entry.type == VARVE_TAR_FILE && g_str_has_suffix (self->entry.name, "/"))
    add_error (self, "tar.type-name", "a regular file whose name ends in '/' is a directory to some readers");
}

static gboolean
type_has_no_content (char type)
{
  return type >= '1' && type <= '6';
}

/* Files of 8 GiB and more have their size in a record (POSIX, pax), because the header has no room for it and says 0.
 * Where it says something else, importers differ in which of the two they use. */
static guint64
choose_size (VarveTarReader *self)
{
  guint64 in_header = self->header.size_bytes;
  if (self->pax == NULL || !self->pax->has_size)
    return in_header;
  if (in_header == 0 || in_header == self->pax->size_bytes)
    {
      add_note (self, "pax.size", "a size in a PAX record");
      return self->pax->size_bytes;
    }
  add_error (self, "pax.override", "the PAX record 'size' contradicts what importers read from the header");
  return in_header;
}

static gboolean
make_entry (VarveTarReader *self, GError **error)
{
  const VarveTarHeader *header = &self->header;
  g_clear_pointer (&self->where, g_free);
  self->entry.name = self->long_name != NULL ? self->long_name : header->name; /* for findings in choose_name() */
  const char *name = choose_name (self, self->long_name, self->pax != NULL ? self->pax->path : NULL, header->name);
  if (self->pax != NULL && self->pax->real_name != NULL)
    name = self->pax->real_name;
  const char *link_name
      = choose_name (self, self->long_link_name, self->pax != NULL ? self->pax->link_path : NULL, header->link_name);
  if (name[0] == '\0')
    return tar_fail (self, "an entry without a name", error);
  if (self->long_name != NULL && strncmp (self->long_name, header->name, strlen (header->name)) != 0)
    add_note (self, "tar.long-name", "the header does not repeat the beginning of the long name");
  guint64 size_bytes = choose_size (self);
  begin_content (self, size_bytes);
  if (type_has_no_content (header->type) && size_bytes != 0)
    return tar_fail (self, "an entry of a type without content has a size", error);
  self->entry = (VarveTarReadEntry){
    .name = name,
    .link_name = link_name,
    .type = header->type,
    .mode = header->mode,
    .uid = header->uid,
    .gid = header->gid,
    .size_bytes = size_bytes,
    .mtime = header->mtime,
    .xattrs = self->pax != NULL ? (const VarveXattr *)(void *)self->pax->xattrs->data : NULL,
    .n_xattrs = self->pax != NULL ? self->pax->xattrs->len : 0,
    .is_sparse = header->type == VARVE_TAR_SPARSE || (self->pax != NULL && self->pax->is_sparse),
  };
  g_clear_pointer (&self->where, g_free);
  judge_form (self);
  return TRUE;
}

static gboolean
read_header (VarveTarReader *self, const guint8 **out_block, GError **error)
{
  if (!fill (self, VARVE_TAR_BLOCK_BYTES, error))
    return FALSE;
  if (self->end - self->at < VARVE_TAR_BLOCK_BYTES)
    return tar_fail (self, "the archive is truncated: no two zero blocks at the end", error);
  *out_block = self->buffer + self->at;
  return TRUE;
}

/* The blocks between the header and the content of a sparse file in the old GNU format. */
static gboolean
skip_sparse_map (VarveTarReader *self, GError **error)
{
  gboolean is_extended = self->header.is_extended;
  for (guint n = 0; is_extended; n++)
    {
      if (n == VARVE_TAR_SPARSE_BLOCKS_MAX)
        return tar_fail (self, "the map of a sparse file has more than the limit of blocks", error);
      if (!fill (self, VARVE_TAR_BLOCK_BYTES, error))
        return FALSE;
      if (self->end - self->at < VARVE_TAR_BLOCK_BYTES)
        return tar_fail (self, "the archive is truncated in the map of a sparse file", error);
      is_extended = varve_tar_sparse_block_is_extended (take_bytes (self, VARVE_TAR_BLOCK_BYTES));
    }
  return TRUE;
}

/* After the first zero block, which ends the archive for importers. */
static gboolean
read_end (VarveTarReader *self, GError **error)
{
  gboolean is_zero = TRUE;
  guint64 end = self->offset;
  if (self->long_name != NULL || self->long_link_name != NULL || self->pax != NULL)
    return tar_fail (self, "the archive ends where an entry should follow", error);
  for (;;)
    {
      if (!fill (self, 1, error))
        return FALSE;
      gsize n = self->end - self->at;
      if (n == 0)
        break;
      const guint8 *data = take_bytes (self, n);
      for (gsize i = 0; i < n && is_zero; i++)
        is_zero = data[i] == 0;
    }
  if (!is_zero)
    add_error (self, "tar.trailing-data", "data after the end of the archive");
  else if (self->offset - end < VARVE_TAR_BLOCK_BYTES)
    add_error (self, "tar.end", "the archive does not end in two zero blocks");
  else if (self->offset - end > VARVE_TAR_BLOCK_BYTES)
    add_note (self, "tar.padding", "zero bytes after the two blocks that end the archive");
  return TRUE;
}

/* Reads one header; *@out_done is TRUE at an entry or the end. */
static gboolean
read_step (VarveTarReader *self, gboolean *out_done, GError **error)
{
  const guint8 *block;
  if (!read_header (self, &block, error))
    return FALSE;
  if (varve_tar_block_is_zero (block))
    {
      take_bytes (self, VARVE_TAR_BLOCK_BYTES);
      *out_done = TRUE;
      return read_end (self, error);
    }
  if (++self->n_entries > VARVE_TAR_ENTRIES_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "tar: more than the limit of %u entries",
                   VARVE_TAR_ENTRIES_MAX);
      return FALSE;
    }
  if (!varve_tar_header_parse (block, &self->header, error))
    {
      g_prefix_error (error, "tar, byte %" G_GUINT64_FORMAT ": ", self->offset);
      return FALSE;
    }
  take_bytes (self, VARVE_TAR_BLOCK_BYTES);
  begin_content (self, self->header.size_bytes);
  *out_done = FALSE;
  switch (self->header.type)
    {
    case 'L':
      return read_long_name (self, &self->long_name, error) && skip_content (self, error);
    case 'K':
      return read_long_name (self, &self->long_link_name, error) && skip_content (self, error);
    case 'x':
      return read_pax (self, error) && skip_content (self, error);
    default:
      *out_done = TRUE;
      return make_entry (self, error) && skip_sparse_map (self, error);
    }
}

gboolean
varve_tar_reader_next (VarveTarReader *self, const VarveTarReadEntry **out_entry, GError **error)
{
  if (!skip_content (self, error))
    return FALSE;
  forget_entry (self);
  gboolean done = FALSE;
  while (!done)
    if (!read_step (self, &done, error))
      return FALSE;
  *out_entry = self->entry.name != NULL ? &self->entry : NULL;
  return TRUE;
}

/* The content as a GInputStream. */

#define VARVE_TYPE_TAR_CONTENT (varve_tar_content_get_type ())
G_DECLARE_FINAL_TYPE (VarveTarContent, varve_tar_content, VARVE, TAR_CONTENT, GInputStream)

struct _VarveTarContent {
  GInputStream parent_instance;
  VarveTarReader *reader;
  const guint8 *data;
  gsize size_bytes;
};

G_DEFINE_FINAL_TYPE (VarveTarContent, varve_tar_content, G_TYPE_INPUT_STREAM)

static gssize
content_read (GInputStream *stream, void *buffer, gsize size_bytes, GCancellable *cancellable, GError **error)
{
  VarveTarContent *self = VARVE_TAR_CONTENT (stream);
  if (self->size_bytes == 0 && !varve_tar_reader_chunk (self->reader, &self->data, &self->size_bytes, error))
    return -1;
  gsize n = MIN (size_bytes, self->size_bytes);
  memcpy (buffer, self->data, n);
  self->data += n;
  self->size_bytes -= n;
  return (gssize)n;
}

static void
varve_tar_content_class_init (VarveTarContentClass *class)
{
  G_INPUT_STREAM_CLASS (class)->read_fn = content_read;
}

static void
varve_tar_content_init (VarveTarContent *self)
{
}

GInputStream *
varve_tar_reader_stream (VarveTarReader *reader)
{
  VarveTarContent *content = g_object_new (VARVE_TYPE_TAR_CONTENT, NULL);
  content->reader = reader;
  return G_INPUT_STREAM (content);
}

char *
varve_tar_clean_name (const char *name)
{
  g_autoptr (GString) clean = g_string_sized_new (strlen (name));
  for (const char *next = name; *next != '\0';)
    {
      gsize length = strcspn (next, "/");
      gboolean is_dot = length == 1 && next[0] == '.';
      if (length == 2 && strncmp (next, "..", 2) == 0)
        return NULL;
      if (length > 0 && !is_dot)
        {
          g_string_append (clean, clean->len > 0 ? "/" : "");
          g_string_append_len (clean, next, (gssize)length);
        }
      next += length;
      next += strspn (next, "/");
    }
  return g_string_free (g_steal_pointer (&clean), FALSE);
}
