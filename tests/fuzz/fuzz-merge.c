/* SPDX-License-Identifier: Apache-2.0 */
/* Ops of two deltas, as they come out of zstd: the first byte chooses the formats, the second how much belongs to the
 * first delta. All names and layers of the second are the tar of the first. */
#include "tests/fuzz/fuzz.h"

#include "delta/merge-ops.h"
#include "tests/fuzz/op-blob.h"

static VarveMiddleFile
find_file (gconstpointer data, const char *name)
{
  const VarveMiddleLayer *layer = data;
  VarveMiddleFile file = { .layer = name[0] == 'a' ? NULL : layer };
  file.content.size_bytes = varve_script_size_bytes (layer->own);
  return file;
}

static VarveMiddleFile
find_layer (gconstpointer data, const VarveDigest *diff_id)
{
  return find_file (data, "layer");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 3)
    return 0;
  size_t rest = size - 2, n_first = rest * data[1] / 255;
  g_autoptr (GByteArray) first = op_blob_new ((data[0] & 1) != 0, data + 2, n_first),
                         second = op_blob_new ((data[0] & 2) != 0, data + 2 + n_first, rest - n_first);
  g_autoptr (GInputStream) first_stream = g_memory_input_stream_new_from_data (first->data, first->len, NULL),
                           second_stream = g_memory_input_stream_new_from_data (second->data, second->len, NULL);
  g_autoptr (VarveChains) chains = varve_chains_new ();
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveScript) script = varve_script_read (first_stream, chains, spool, NULL, &error);
  if (script == NULL)
    {
      if (error == NULL)
        abort ();
      return 0;
    }
  VarveMiddleLayer layer = { .own = script };
  VarveMiddleImage middle = { .find_file = find_file, .find_layer = find_layer, .data = &layer };
  VarveMergeOptions options = { .middle = &middle, .chains = chains, .spool = spool, .kind = VARVE_MERGE_OWN };
  VarveSink sink = { .write = op_blob_swallow };
  g_autoptr (VarveTardiffWriter) writer = varve_tardiff_writer_new (&sink);
  VarveMergeCosts costs;
  if (!varve_merge_ops (second_stream, &options, writer, &costs, NULL, &error) && error == NULL)
    abort ();
  return 0;
}
