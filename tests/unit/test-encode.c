/* SPDX-License-Identifier: Apache-2.0 */
/* delta/encode: equal hashes are no proof of equal bytes. */
#include "delta/encode.h"

#include <string.h>

#include "tests/unit/one-file.h"

enum { SIZE_BYTES = 200000, HASH = 77 };

static VarveExtentFile *
spool_new (const guint8 *bytes, VarveExtent *out_content)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, &error);
  g_assert_no_error (error);
  *out_content = (VarveExtent){ .size_bytes = SIZE_BYTES };
  g_assert_true (varve_extent_file_reserve (spool, SIZE_BYTES, &out_content->at, &error));
  g_assert_true (varve_extent_file_write (spool, out_content->at, bytes, SIZE_BYTES, &error));
  return g_steal_pointer (&spool);
}

/* A section or a stream of these bytes, which has HASH too. */
static VarveAnatomy *
anatomy_new (VarvePieceKind kind, VarveExtent content)
{
  VarveAnatomy *anatomy = g_new0 (VarveAnatomy, 1);
  VarvePiece pieces[] = {
    { .kind = kind, .content = content, .name = "/.text", .hash = HASH, .end = 1 },
    { .kind = VARVE_PIECE_RAW, .content = content, .name = "/.text" },
  };
  anatomy->pieces = g_array_new (FALSE, FALSE, sizeof (VarvePiece));
  anatomy->strings = g_string_chunk_new (16);
  g_array_append_vals (anatomy->pieces, pieces, G_N_ELEMENTS (pieces));
  return anatomy;
}

static gboolean
take (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

static guint64
take_number (const guint8 **at)
{
  guint64 number = 0;
  for (guint shift = 0;; shift += 7)
    {
      guint8 byte = *(*at)++;
      number |= (guint64)(byte & 0x7f) << shift;
      if (byte < 0x80)
        return number;
    }
}

/* What the ops of tar-diff make of the old file. */
static GByteArray *
apply (const GByteArray *ops, const guint8 *old)
{
  GByteArray *made = g_byte_array_new ();
  const guint8 *at = ops->data;
  guint64 position = 0;
  while (at < ops->data + ops->len)
    {
      guint8 op = *at++;
      guint64 n = take_number (&at);
      guint was = made->len;
      if (op == VARVE_OP_DATA || op == VARVE_OP_ADD)
        g_byte_array_append (made, at, (guint)n);
      else if (op == VARVE_OP_COPY)
        g_byte_array_append (made, old + position, (guint)n);
      for (guint64 i = 0; op == VARVE_OP_ADD && i < n; i++)
        made->data[was + i] = (guint8)(made->data[was + i] + old[position + i]);
      at += op == VARVE_OP_DATA || op == VARVE_OP_ADD || op == VARVE_OP_OPEN ? n : 0;
      position += op == VARVE_OP_COPY || op == VARVE_OP_ADD ? n : 0;
      if (op == VARVE_OP_OPEN || op == VARVE_OP_SEEK)
        position = op == VARVE_OP_SEEK ? n : 0;
    }
  return made;
}

/* Returns the size of the ops. */
static guint
check (VarvePieceKind kind, const guint8 *old, const guint8 *new)
{
  VarveExtent old_content, new_content;
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveExtentFile) old_spool = spool_new (old, &old_content);
  g_autoptr (VarveExtentFile) new_spool = spool_new (new, &new_content);
  g_autoptr (VarveImageFiles) files = one_file_new ("usr/lib/old", old_content, HASH);
  g_autoptr (VarveSources) sources = varve_sources_new (files);
  g_autoptr (VarveAnatomy) anatomy = anatomy_new (kind, new_content);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_ptr_array_add (names, (gpointer) "usr/bin/new");
  g_autoptr (GByteArray) ops = g_byte_array_new ();
  VarveSink sink = { .write = take, .data = ops };
  g_autoptr (VarveTardiffWriter) writer = varve_tardiff_writer_new (&sink);
  VarveEncodeContext context = { .sources = sources, .old_spool = old_spool, .new_spool = new_spool };
  VarveEncodeFile file = { .content = new_content, .hash = HASH + 1, .names = names, .anatomy = anatomy };
  g_assert_true (varve_encode_plain (&context, &file, writer, &error));
  g_assert_true (varve_tardiff_writer_finish (writer, &error));
  g_autoptr (GByteArray) made = apply (ops, old);
  g_assert_cmpmem (made->data, made->len, new, SIZE_BYTES);
  return ops->len;
}

static void
test_same_hash (void)
{
  g_autofree guint8 *old = g_malloc (SIZE_BYTES);
  for (guint i = 0; i < SIZE_BYTES; i++)
    old[i] = (guint8)((i * 2654435761u) >> 24);
  for (guint i = 0; i < 2; i++)
    {
      VarvePieceKind kind = i == 0 ? VARVE_PIECE_SECTION : VARVE_PIECE_BEGIN;
      g_autofree guint8 *new = g_memdup2 (old, SIZE_BYTES);
      g_assert_cmpuint (check (kind, old, new), <, 64);
      new[SIZE_BYTES - 1] ^= 1;
      check (kind, old, new);
      memset (new, 1, SIZE_BYTES);
      check (kind, old, new);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/encode/same-hash", test_same_hash);
  return g_test_run ();
}
