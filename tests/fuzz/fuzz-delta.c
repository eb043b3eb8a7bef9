/* SPDX-License-Identifier: Apache-2.0 */
/* Ops of a delta, as they come out of zstd: the first byte chooses the format, the rest is the stream. They are carried
 * out against a small tree, with everything that decodes and encodes. */
#include "tests/fuzz/fuzz.h"

#include "delta/replay.h"
#include "tests/fuzz/op-blob.h"
#include "tests/fuzz/small-folder.h"

static VarveOldTree *
make_tree (void)
{
  g_autofree char *path = small_folder_path ("old");
  return varve_old_tree_of_folder (path, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static VarveOldTree *tree;
  if (tree == NULL)
    tree = make_tree ();
  if (size < 1)
    return 0;
  g_autoptr (GByteArray) blob = op_blob_new ((data[0] & 1) != 0, data + 1, size - 1);
  VarveSink sink = { .write = op_blob_swallow };
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
