/* SPDX-License-Identifier: Apache-2.0 */
/* The reader; the writer is tardiff-write.c. */
#include "delta/tardiff.h"

#include <string.h>

#include "base/error.h"

enum { DECODE_MAX_BYTES = 32, VARINT_MAX_BYTES = 10 };

struct _VarveTardiffReader {
  VarveOpDecompressor *decompressor;
  gboolean is_own; /* varve's format: the ops from 16 on are allowed */
  const guint8 *at;
  gsize left;
  guint64 n_ops, n_taken, data_left;
  char *text;
};

char *
varve_tardiff_clean_name (const char *name)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  g_auto (GStrv) components = g_strsplit (name, "/", -1);
  for (char **c = components; *c != NULL; c++)
    {
      if (strcmp (*c, "..") == 0)
        g_ptr_array_set_size (parts, MAX ((int)parts->len - 1, 0));
      else if ((*c)[0] != '\0' && strcmp (*c, ".") != 0)
        g_ptr_array_add (parts, *c);
    }
  if (parts->len == 0)
    return NULL;
  g_ptr_array_add (parts, NULL);
  return g_strjoinv ("/", (char **)parts->pdata);
}

VarveTardiffReader *
varve_tardiff_reader_new (GInputStream *blob, GCancellable *cancellable, GError **error)
{
  char magic[VARVE_OP_MAGIC_BYTES];
  g_autoptr (VarveTardiffReader) reader = g_new0 (VarveTardiffReader, 1);
  reader->decompressor = varve_op_decompressor_new (blob, magic, cancellable, error);
  if (reader->decompressor == NULL)
    return NULL;
  reader->is_own = memcmp (magic, VARVE_TARDIFF_OWN_MAGIC, sizeof magic) == 0;
  if (reader->is_own || memcmp (magic, VARVE_TARDIFF_MAGIC, sizeof magic) == 0)
    return g_steal_pointer (&reader);
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "unknown magic, expected 'tardf1' or 'varved1'");
  return NULL;
}

void
varve_tardiff_reader_free (VarveTardiffReader *reader)
{
  g_clear_pointer (&reader->decompressor, varve_op_decompressor_free);
  g_free (reader->text);
  g_free (reader);
}

static gboolean
reader_fail (VarveTardiffReader *reader, VarveError code, GError **error, const char *message)
{
  g_set_error (error, VARVE_ERROR, code, "op %" G_GUINT64_FORMAT ": %s", reader->n_ops, message);
  return FALSE;
}

static gboolean
reader_set_too_large (VarveTardiffReader *reader, guint64 size_bytes, GError **error)
{
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
               "op %" G_GUINT64_FORMAT ": AddData of %" G_GUINT64_FORMAT " bytes, the limit is %u", reader->n_ops,
               size_bytes, VARVE_TARDIFF_ADD_MAX_BYTES);
  return FALSE;
}

/* FALSE without an error at the end of the stream. */
static gboolean
reader_take_byte (VarveTardiffReader *reader, guint8 *out_byte, GError **error)
{
  if (reader->left == 0 && !varve_op_decompressor_next (reader->decompressor, &reader->at, &reader->left, error))
    return FALSE;
  if (reader->left == 0)
    return FALSE;
  *out_byte = *reader->at++;
  reader->left--;
  reader->n_taken++;
  return TRUE;
}

static gboolean
reader_must_take_byte (VarveTardiffReader *reader, guint8 *out_byte, GError **error)
{
  GError *failure = NULL;
  if (reader_take_byte (reader, out_byte, &failure))
    return TRUE;
  if (failure == NULL)
    return reader_fail (reader, VARVE_ERROR_CORRUPT, error, "truncated");
  g_propagate_error (error, failure);
  return FALSE;
}

static gboolean
reader_take_varint (VarveTardiffReader *reader, guint64 *out_value, GError **error)
{
  guint64 value = 0;
  for (guint i = 0; i < VARINT_MAX_BYTES; i++)
    {
      guint8 byte;
      if (!reader_must_take_byte (reader, &byte, error))
        return FALSE;
      if (i == VARINT_MAX_BYTES - 1 && byte > 1)
        break;
      value |= (guint64)(byte & 0x7f) << (7 * i);
      if ((byte & 0x80) == 0)
        {
          *out_value = value;
          return TRUE;
        }
    }
  return reader_fail (reader, VARVE_ERROR_CORRUPT, error, "a number has more than 64 bits");
}

/* Text of at most @max_bytes, without NUL. */
static gboolean
reader_take_text (VarveTardiffReader *reader, guint64 size_bytes, gsize max_bytes, GError **error)
{
  if (size_bytes > max_bytes)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "op %" G_GUINT64_FORMAT ": text of %" G_GUINT64_FORMAT " bytes, the limit is %" G_GSIZE_FORMAT,
                   reader->n_ops, size_bytes, max_bytes);
      return FALSE;
    }
  g_free (reader->text);
  reader->text = g_malloc0 (size_bytes + 1);
  for (gsize i = 0; i < size_bytes; i++)
    if (!reader_must_take_byte (reader, (guint8 *)reader->text + i, error))
      return FALSE;
  if (strlen (reader->text) == size_bytes)
    return TRUE;
  return reader_fail (reader, VARVE_ERROR_CORRUPT, error, "a NUL byte in text");
}

static gboolean
reader_take_name (VarveTardiffReader *reader, guint64 size_bytes, VarveOp *op, GError **error)
{
  if (!reader_take_text (reader, size_bytes, VARVE_TARDIFF_NAME_MAX_BYTES, error))
    return FALSE;
  char *clean = varve_tardiff_clean_name (reader->text);
  if (clean == NULL)
    return reader_fail (reader, VARVE_ERROR_CORRUPT, error, "an empty file name");
  g_free (reader->text);
  op->text = reader->text = clean;
  return TRUE;
}

static gboolean
reader_take_piece (VarveTardiffReader *reader, guint64 size_bytes, VarveOp *op, GError **error)
{
  guint64 end = reader->n_taken + size_bytes;
  if (size_bytes > DECODE_MAX_BYTES)
    return reader_fail (reader, VARVE_ERROR_CORRUPT, error, "malformed Decode");
  if (!reader_must_take_byte (reader, &op->codec, error) || !reader_take_varint (reader, &op->piece_at, error)
      || !reader_take_varint (reader, &op->piece_bytes, error))
    return FALSE;
  return reader->n_taken == end || reader_fail (reader, VARVE_ERROR_CORRUPT, error, "malformed Decode");
}

static gboolean
reader_take_diff_id (VarveTardiffReader *reader, guint64 size_bytes, VarveOp *op, GError **error)
{
  if (size_bytes != sizeof op->diff_id.bytes)
    return reader_fail (reader, VARVE_ERROR_CORRUPT, error, "a diff ID does not have 32 bytes");
  for (gsize i = 0; i < sizeof op->diff_id.bytes; i++)
    if (!reader_must_take_byte (reader, &op->diff_id.bytes[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
reader_take_rest (VarveTardiffReader *reader, VarveOp *op, guint64 size, GError **error)
{
  if (op->kind >= VARVE_OP_DECODE && !reader->is_own)
    return reader_fail (reader, VARVE_ERROR_CORRUPT, error, "unknown op");
  switch (op->kind)
    {
    case VARVE_OP_ADD:
      if (size > VARVE_TARDIFF_ADD_MAX_BYTES)
        return reader_set_too_large (reader, size, error);
      reader->data_left = size;
      return TRUE;
    case VARVE_OP_DATA:
      reader->data_left = size;
      return TRUE;
    case VARVE_OP_COPY:
    case VARVE_OP_SEEK:
      return TRUE;
    case VARVE_OP_OPEN:
      return reader_take_name (reader, size, op, error);
    case VARVE_OP_DECODE:
      return reader_take_piece (reader, size, op, error);
    case VARVE_OP_ENCODE:
      if (!reader_take_text (reader, size, VARVE_TARDIFF_RECIPE_MAX_BYTES, error))
        return FALSE;
      op->text = reader->text;
      return TRUE;
    case VARVE_OP_END:
      return size == 0 || reader_fail (reader, VARVE_ERROR_CORRUPT, error, "End with data");
    case VARVE_OP_LAYER:
      return reader_take_diff_id (reader, size, op, error);
    }
  return reader_fail (reader, VARVE_ERROR_CORRUPT, error, "unknown op");
}

VarveOpResult
varve_tardiff_reader_next (VarveTardiffReader *reader, VarveOp *out_op, GError **error)
{
  GError *failure = NULL;
  guint8 kind;
  reader->n_ops++;
  if (!reader_take_byte (reader, &kind, &failure))
    {
      if (failure == NULL)
        return VARVE_OP_RESULT_END;
      g_propagate_error (error, failure);
      return VARVE_OP_RESULT_ERROR;
    }
  guint64 size;
  *out_op = (VarveOp){ .kind = kind };
  if (!reader_take_varint (reader, &size, error))
    return VARVE_OP_RESULT_ERROR;
  out_op->size_bytes = size;
  return reader_take_rest (reader, out_op, size, error) ? VARVE_OP_RESULT_OP : VARVE_OP_RESULT_ERROR;
}

gboolean
varve_tardiff_reader_chunk (VarveTardiffReader *reader, gsize max_bytes, const guint8 **out_data, gsize *out_bytes,
                            GError **error)
{
  *out_bytes = 0;
  if (reader->data_left == 0)
    return TRUE;
  if (reader->left == 0 && !varve_op_decompressor_next (reader->decompressor, &reader->at, &reader->left, error))
    return FALSE;
  if (reader->left == 0)
    return reader_fail (reader, VARVE_ERROR_CORRUPT, error, "truncated data");
  gsize n = (gsize)MIN (MIN (reader->left, reader->data_left), max_bytes);
  *out_data = reader->at;
  *out_bytes = n;
  reader->at += n;
  reader->left -= n;
  reader->data_left -= n;
  return TRUE;
}
