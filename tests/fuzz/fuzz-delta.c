/* SPDX-License-Identifier: Apache-2.0 */
/* Ops of a delta, as they come out of zstd: the first byte chooses the format, the rest is the stream. They are carried
 * out against a small tree, with everything that decodes and encodes. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#include "delta/replay.h"

static gboolean
swallow (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  return TRUE;
}

static gboolean
append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

static char *paths[3];

static void
remove_tree (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      remove (paths[i]);
      g_free (paths[i]);
    }
}

/* "a" is text, "b.gz" and "c.xz" are small streams. */
static VarveOldTree *
make_tree (void)
{
  static const guint8 GZIP[]
      = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b, 0x4c, 0x4a, 6, 0, 0xc2, 0x41, 0x24, 0x35, 3, 0, 0, 0 };
  char *folder = g_dir_make_tmp ("varve-fuzz-XXXXXX", NULL);
  paths[0] = g_build_filename (folder, "a", NULL);
  paths[1] = g_build_filename (folder, "b.gz", NULL);
  paths[2] = folder;
  atexit (remove_tree);
  if (!g_file_set_contents (paths[0], "some text that is copied, and copied", -1, NULL)
      || !g_file_set_contents (paths[1], (const char *)GZIP, sizeof GZIP, NULL))
    abort ();
  return varve_old_tree_of_folder (folder, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static VarveOldTree *tree;
  if (tree == NULL)
    tree = make_tree ();
  if (size < 1)
    return 0;
  g_autoptr (GByteArray) blob = g_byte_array_new ();
  VarveSink keep = { .write = append, .data = blob }, sink = { .write = swallow };
  g_autoptr (VarveOpCompressor) compressor = varve_op_compressor_new (
      (data[0] & 1) != 0 ? VARVE_TARDIFF_OWN_MAGIC : VARVE_TARDIFF_MAGIC, 1, size, &keep, NULL);
  if (!varve_op_compressor_write (compressor, data + 1, size - 1, NULL)
      || !varve_op_compressor_finish (compressor, NULL))
    abort ();
  if ((data[0] & 2) != 0) /* zstd itself is changed */
    g_byte_array_append (blob, data, (guint)size);
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (blob->data, blob->len, NULL);
  g_autoptr (VarveReplayCache) cache = varve_replay_cache_new (NULL, NULL);
  VarveReplayOptions options
      = { .old = tree, .cache = cache, .max_bytes = 1 << 20, .max_memory_bytes = 64 << 20, .max_cpu_seconds = -1 };
  g_autoptr (GError) error = NULL;
  if (!varve_replay (stream, &options, &sink, NULL, &error) && error == NULL)
    abort ();
  return 0;
}
