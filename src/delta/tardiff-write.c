/* SPDX-License-Identifier: Apache-2.0 */
/* The writer; the reader is tardiff.c. */
#include "delta/tardiff.h"

#include <string.h>

#include "base/error.h"

enum { DATA_BYTES = 1 << 20, ADD_BYTES = 4 << 20 };

struct _VarveTardiffWriter {
  VarveSink out;
  GByteArray *data;   /* not written yet */
  guint64 copy_bytes; /* not written yet; one of the two is empty */
  guint64 position;   /* of an applier in the open file, behind these bytes */
};

VarveTardiffWriter *
varve_tardiff_writer_new (const VarveSink *out)
{
  VarveTardiffWriter *writer = g_new0 (VarveTardiffWriter, 1);
  writer->out = *out;
  writer->data = g_byte_array_new ();
  return writer;
}

void
varve_tardiff_writer_free (VarveTardiffWriter *writer)
{
  g_byte_array_unref (writer->data);
  g_free (writer);
}

static gsize
put_varint (guint8 *out, guint64 value)
{
  gsize n = 0;
  for (; value >= 0x80; value >>= 7)
    out[n++] = (guint8)(value | 0x80);
  out[n++] = (guint8)value;
  return n;
}

static gboolean
writer_op (VarveTardiffWriter *writer, VarveOpKind kind, guint64 size, const void *data, GError **error)
{
  guint8 head[16] = { (guint8)kind };
  gsize n = 1 + put_varint (head + 1, size);
  return writer->out.write (writer->out.data, head, n, error)
         && (data == NULL || writer->out.write (writer->out.data, data, (gsize)size, error));
}

static gboolean
writer_flush_copy (VarveTardiffWriter *writer, GError **error)
{
  guint64 size_bytes = writer->copy_bytes;
  writer->copy_bytes = 0;
  return size_bytes == 0 || writer_op (writer, VARVE_OP_COPY, size_bytes, NULL, error);
}

static gboolean
writer_flush (VarveTardiffWriter *writer, GError **error)
{
  if (!writer_flush_copy (writer, error))
    return FALSE;
  if (writer->data->len == 0)
    return TRUE;
  gboolean written = writer_op (writer, VARVE_OP_DATA, writer->data->len, writer->data->data, error);
  g_byte_array_set_size (writer->data, 0);
  return written;
}

gboolean
varve_tardiff_writer_data (VarveTardiffWriter *writer, const void *data, gsize size_bytes, GError **error)
{
  const guint8 *next = data;
  if (size_bytes > 0 && !writer_flush_copy (writer, error))
    return FALSE;
  while (size_bytes > 0)
    {
      gsize n = MIN (size_bytes, DATA_BYTES - writer->data->len);
      g_byte_array_append (writer->data, next, (guint)n);
      next += n;
      size_bytes -= n;
      if (writer->data->len == DATA_BYTES && !writer_flush (writer, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
varve_tardiff_writer_open (VarveTardiffWriter *writer, const char *name, GError **error)
{
  writer->position = 0;
  return writer_flush (writer, error) && writer_op (writer, VARVE_OP_OPEN, strlen (name), name, error);
}

guint64
varve_tardiff_writer_position (const VarveTardiffWriter *writer)
{
  return writer->position;
}

gboolean
varve_tardiff_writer_seek (VarveTardiffWriter *writer, guint64 position, GError **error)
{
  if (position == writer->position)
    return TRUE;
  writer->position = position;
  return writer_flush (writer, error) && writer_op (writer, VARVE_OP_SEEK, position, NULL, error);
}

gboolean
varve_tardiff_writer_copy (VarveTardiffWriter *writer, guint64 size_bytes, GError **error)
{
  if (writer->data->len > 0 && !writer_flush (writer, error))
    return FALSE;
  writer->position += size_bytes;
  writer->copy_bytes += size_bytes;
  return TRUE;
}

gboolean
varve_tardiff_writer_add (VarveTardiffWriter *writer, const guint8 *differences, gsize size_bytes, GError **error)
{
  if (!writer_flush (writer, error))
    return FALSE;
  writer->position += size_bytes;
  while (size_bytes > 0)
    {
      gsize n = MIN (size_bytes, ADD_BYTES);
      if (!writer_op (writer, VARVE_OP_ADD, n, differences, error))
        return FALSE;
      differences += n;
      size_bytes -= n;
    }
  return TRUE;
}

gboolean
varve_tardiff_writer_decode (VarveTardiffWriter *writer, guint8 codec, guint64 at, guint64 size_bytes, GError **error)
{
  guint8 data[32] = { codec };
  gsize n = 1;
  n += put_varint (data + n, at);
  n += put_varint (data + n, size_bytes);
  writer->position = 0;
  return writer_flush (writer, error) && writer_op (writer, VARVE_OP_DECODE, n, data, error);
}

gboolean
varve_tardiff_writer_layer (VarveTardiffWriter *writer, const VarveDigest *diff_id, GError **error)
{
  writer->position = 0;
  return writer_flush (writer, error)
         && writer_op (writer, VARVE_OP_LAYER, sizeof diff_id->bytes, diff_id->bytes, error);
}

gboolean
varve_tardiff_writer_encode (VarveTardiffWriter *writer, const char *recipe, GError **error)
{
  return writer_flush (writer, error) && writer_op (writer, VARVE_OP_ENCODE, strlen (recipe), recipe, error);
}

gboolean
varve_tardiff_writer_end (VarveTardiffWriter *writer, GError **error)
{
  return writer_flush (writer, error) && writer_op (writer, VARVE_OP_END, 0, NULL, error);
}

gboolean
varve_tardiff_writer_finish (VarveTardiffWriter *writer, GError **error)
{
  return writer_flush (writer, error);
}
