/* SPDX-License-Identifier: Apache-2.0 */
/* Files that `delta create` looks into: kernels, cpio archives, sections, compressed streams, and these in one another.
 * The first byte says whether recipes are tried, which takes long. What is found is put together again. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "codec/anatomy.h"

enum { TRIED_MAX_BYTES = 8192 };

static VarveExtent
keep (VarveExtentFile *spool, const uint8_t *data, size_t size)
{
  g_autoptr (VarveExtentFileWriter) writer = varve_extent_file_writer_new (spool, size);
  VarveExtent extent;
  if (!varve_extent_file_writer_write (writer, data, size, NULL)
      || !varve_extent_file_writer_finish (writer, &extent, NULL))
    abort ();
  return extent;
}

/* The pieces of one level follow one another without a gap; returns where the level ends. */
static guint
check_level (const VarveAnatomy *anatomy, guint from, guint64 size_bytes)
{
  guint64 at = 0;
  guint i = from;
  for (; i < anatomy->pieces->len; i++)
    {
      const VarvePiece *piece = &g_array_index (anatomy->pieces, VarvePiece, i);
      if (piece->kind == VARVE_PIECE_END)
        break;
      if (piece->kind == VARVE_PIECE_SECTION)
        continue;
      g_assert_cmpuint (piece->at, ==, at);
      at += piece->content.size_bytes;
      if (piece->kind == VARVE_PIECE_BEGIN)
        i = check_level (anatomy, i + 1, piece->plain_bytes);
    }
  g_assert_cmpuint (at, ==, size_bytes);
  return i;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 1 || ((data[0] & 1) != 0 && size > TRIED_MAX_BYTES))
    return 0;
  (void)varve_anatomy_is_promising (data + 1, MIN (size - 1, VARVE_ANATOMY_HEAD_BYTES));
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autoptr (GError) error = NULL;
  VarveAnatomyOptions options = { .kind = (data[0] & 1) != 0 ? VARVE_ANATOMY_RECIPES : VARVE_ANATOMY_DECODE };
  g_autoptr (VarveAnatomy) anatomy
      = varve_anatomy_new (spool, keep (spool, data + 1, size - 1), &options, NULL, &error);
  g_assert_no_error (error);
  check_level (anatomy, 0, size - 1);
  return 0;
}
