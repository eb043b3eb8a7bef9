/* SPDX-License-Identifier: Apache-2.0 */
/* Everything after the first zero block is the end of the archive, as in Go's reader, which the format's other
 * implementation uses. */
#include "emit/tar-splitter.h"

#include <string.h>

#include "base/error.h"
#include "emit/tar.h"

/* What the next bytes are. */
typedef enum {
  AT_HEADER,
  IN_EXTENSION, /* a long name or PAX records */
  IN_CONTENT,
  IN_PADDING,
  AT_END,
} State;

struct _VarveTarSplitter {
  const VarveTarSplitterFuncs *funcs;
  gpointer data;
  State state;
  guint64 offset; /* of the next byte */
  guint64 left;   /* of the extension or the content */
  gsize padding_left;
  gsize filled; /* of the block */
  guint8 block[VARVE_TAR_BLOCK_BYTES];
  VarveTarHeader header;
  GByteArray *extension;
  char *long_name, *long_link_name;
  VarvePax *pax;
};

VarveTarSplitter *
varve_tar_splitter_new (const VarveTarSplitterFuncs *funcs, gpointer data)
{
  VarveTarSplitter *self = g_new0 (VarveTarSplitter, 1);
  self->funcs = funcs;
  self->data = data;
  self->extension = g_byte_array_new ();
  return self;
}

static void
splitter_forget (VarveTarSplitter *self)
{
  g_clear_pointer (&self->long_name, g_free);
  g_clear_pointer (&self->long_link_name, g_free);
  g_clear_pointer (&self->pax, varve_pax_free);
}

void
varve_tar_splitter_free (VarveTarSplitter *self)
{
  splitter_forget (self);
  g_byte_array_unref (self->extension);
  g_free (self);
}

static gboolean
splitter_fail (const VarveTarSplitter *self, VarveError code, const char *message, GError **error)
{
  g_set_error (error, VARVE_ERROR, code, "tar, byte %" G_GUINT64_FORMAT ": %s", self->offset, message);
  return FALSE;
}

static gboolean
splitter_frame (VarveTarSplitter *self, const guint8 *bytes, gsize size_bytes, GError **error)
{
  return size_bytes == 0 || self->funcs->frame (self->data, bytes, size_bytes, error);
}

static void
begin_content (VarveTarSplitter *self, State state, guint64 size_bytes)
{
  self->left = size_bytes;
  self->padding_left = (VARVE_TAR_BLOCK_BYTES - size_bytes % VARVE_TAR_BLOCK_BYTES) % VARVE_TAR_BLOCK_BYTES;
  self->state = size_bytes > 0 ? state : AT_HEADER;
}

static gboolean
check_entry (const VarveTarSplitter *self, const VarveTarReadEntry *entry, GError **error)
{
  static const char KNOWN[] = "0123456";
  if (entry->name[0] == '\0')
    return splitter_fail (self, VARVE_ERROR_CORRUPT, "an entry without a name", error);
  if (entry->is_sparse || strchr (KNOWN, entry->type) == NULL)
    return splitter_fail (self, VARVE_ERROR_UNSUPPORTED, "an entry that a table of contents has no type for", error);
  if (entry->type != VARVE_TAR_FILE && entry->size_bytes != 0)
    return splitter_fail (self, VARVE_ERROR_CORRUPT, "an entry of a type without content has a size", error);
  if (!g_utf8_validate (entry->name, -1, NULL) || !g_utf8_validate (entry->link_name, -1, NULL))
    return splitter_fail (self, VARVE_ERROR_UNSUPPORTED, "a name that is not UTF-8: a table of contents cannot have it",
                          error);
  return TRUE;
}

static gboolean
take_entry (VarveTarSplitter *self, GError **error)
{
  const VarvePax *pax = self->pax;
  const VarveTarHeader *header = &self->header;
  const char *name = pax != NULL && pax->path != NULL ? pax->path : header->name;
  const char *link_name = pax != NULL && pax->link_path != NULL ? pax->link_path : header->link_name;
  VarveTarReadEntry entry = {
    .name = self->long_name != NULL ? self->long_name : name,
    .link_name = self->long_link_name != NULL ? self->long_link_name : link_name,
    .type = header->type,
    .mode = header->mode,
    .uid = header->uid,
    .gid = header->gid,
    .size_bytes = pax != NULL && pax->has_size ? pax->size_bytes : header->size_bytes,
    .mtime = header->mtime,
    .xattrs = pax != NULL ? (const VarveXattr *)(void *)pax->xattrs->data : NULL,
    .n_xattrs = pax != NULL ? pax->xattrs->len : 0,
    .is_sparse = header->type == VARVE_TAR_SPARSE || (pax != NULL && pax->is_sparse),
  };
  if (!check_entry (self, &entry, error) || !self->funcs->entry (self->data, &entry, error))
    return FALSE;
  begin_content (self, IN_CONTENT, entry.size_bytes);
  splitter_forget (self);
  return TRUE;
}

/* The whole block is already passed on. */
static gboolean
take_header (VarveTarSplitter *self, GError **error)
{
  if (varve_tar_block_is_zero (self->block))
    {
      self->state = AT_END;
      return TRUE;
    }
  if (!varve_tar_header_parse (self->block, &self->header, error))
    {
      g_prefix_error (error, "tar, byte %" G_GUINT64_FORMAT ": ", self->offset);
      return FALSE;
    }
  gboolean is_pax = self->header.type == 'x';
  if (!is_pax && self->header.type != 'L' && self->header.type != 'K')
    return take_entry (self, error);
  if (self->header.size_bytes > (is_pax ? VARVE_PAX_MAX_BYTES : VARVE_TAR_NAME_MAX_BYTES))
    return splitter_fail (self, VARVE_ERROR_LIMIT, "a long name or a PAX header is larger than the limit", error);
  g_byte_array_set_size (self->extension, 0);
  begin_content (self, IN_EXTENSION, self->header.size_bytes);
  return TRUE;
}

static gboolean
take_extension (VarveTarSplitter *self, GError **error)
{
  if (self->header.type != 'x')
    {
      char **name = self->header.type == 'L' ? &self->long_name : &self->long_link_name;
      g_free (*name);
      *name = g_strndup ((const char *)self->extension->data, self->extension->len);
      return TRUE;
    }
  g_autoptr (GBytes) records = g_bytes_new (self->extension->data, self->extension->len);
  g_clear_pointer (&self->pax, varve_pax_free);
  self->pax = varve_pax_parse (records, NULL, "", error);
  return self->pax != NULL;
}

static gboolean
end_content (VarveTarSplitter *self, State state, GError **error)
{
  self->state = self->padding_left > 0 ? IN_PADDING : AT_HEADER;
  return state == IN_EXTENSION ? take_extension (self, error) : self->funcs->content_end (self->data, error);
}

/* Takes at least one of the bytes; returns how many, 0 on failure. */
static gsize
splitter_step (VarveTarSplitter *self, const guint8 *bytes, gsize size_bytes, GError **error)
{
  gsize n = size_bytes;
  State state = self->state;
  switch (state)
    {
    case AT_HEADER:
      n = MIN (n, VARVE_TAR_BLOCK_BYTES - self->filled);
      memcpy (self->block + self->filled, bytes, n);
      self->filled = (self->filled + n) % VARVE_TAR_BLOCK_BYTES;
      return self->filled != 0
                     || (splitter_frame (self, self->block, VARVE_TAR_BLOCK_BYTES, error) && take_header (self, error))
                 ? n
                 : 0;
    case IN_EXTENSION:
    case IN_CONTENT:
      n = (gsize)MIN (n, self->left);
      self->left -= n;
      if (state == IN_EXTENSION)
        g_byte_array_append (self->extension, bytes, (guint)n);
      if (!(state == IN_EXTENSION ? splitter_frame (self, bytes, n, error)
                                  : self->funcs->content (self->data, bytes, n, error)))
        return 0;
      return self->left > 0 || end_content (self, state, error) ? n : 0;
    case IN_PADDING:
      n = MIN (n, self->padding_left);
      self->padding_left -= n;
      if (self->padding_left == 0)
        self->state = AT_HEADER;
      return splitter_frame (self, bytes, n, error) ? n : 0;
    case AT_END:
      break;
    }
  return splitter_frame (self, bytes, n, error) ? n : 0;
}

gboolean
varve_tar_splitter_write (VarveTarSplitter *self, const void *bytes, gsize size_bytes, GError **error)
{
  const guint8 *next = bytes;
  while (size_bytes > 0)
    {
      gsize n = splitter_step (self, next, size_bytes, error);
      if (n == 0)
        return FALSE;
      self->offset += n;
      next += n;
      size_bytes -= n;
    }
  return TRUE;
}

gboolean
varve_tar_splitter_finish (VarveTarSplitter *self, GError **error)
{
  if (self->state == AT_END)
    return TRUE;
  return splitter_fail (self, VARVE_ERROR_CORRUPT, "the archive is truncated: no zero block at the end", error);
}
