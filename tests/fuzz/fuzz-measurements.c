/* SPDX-License-Identifier: Apache-2.0 */
/* Measurements: documents for `report`, and histories and tables of packages for `bench replay`. The first byte
 * chooses. A history to be replayed is followed by "%%\n" and its table. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "bench/components-table.h"
#include "bench/replay.h"
#include "page/page.h"
#include "tests/fuzz/memory-file.h"

enum { DOCUMENT_MAX_BYTES = 1 << 20, REPLAYED_MAX_BYTES = 4096 };

static void
render (GBytes *bytes)
{
  g_autoptr (json_object) document = varve_json_parse (bytes, DOCUMENT_MAX_BYTES, NULL);
  if (document == NULL || !varve_page_check (document, NULL))
    return;
  VarvePageInput input = { .name = "a<b>.json", .document = document };
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof input);
  g_array_append_val (inputs, input);
  g_array_append_val (inputs, input);
  g_free (varve_page_render (inputs));
}

static void
replay (const uint8_t *data, size_t size)
{
  static const char BETWEEN[] = { '%', '%', '\n' };
  const uint8_t *end = size <= REPLAYED_MAX_BYTES ? memmem (data, size, BETWEEN, sizeof BETWEEN) : NULL;
  if (end == NULL)
    return;
  g_auto (MemoryFile) history = memory_file_of (data, (size_t)(end - data)),
                      table = memory_file_of (end + sizeof BETWEEN, size - (size_t)(end - data) - sizeof BETWEEN);
  const char *paths[] = { history.path, NULL };
  VarveReplayOptions options = { .history_paths = paths,
                                 .warm_up_paths = paths,
                                 .components_path = table.path,
                                 .max_layers = VARVE_REPLAY_LAYERS_MIN + data[0] % 4,
                                 .jobs = 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveReplayResult) result = varve_replay_run (&options, NULL, NULL, &error);
  g_assert ((result == NULL) == (error != NULL));
  g_autoptr (json_object) json = result != NULL ? varve_replay_to_json (result) : NULL;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 2)
    return 0;
  if (data[0] == 'r')
    {
      replay (data + 1, size - 1);
      return 0;
    }
  g_autoptr (GBytes) bytes = g_bytes_new (data + 1, size - 1);
  if (data[0] == 'd')
    render (bytes);
  if (data[0] != 't')
    return 0;
  g_auto (MemoryFile) file = memory_file_of (data + 1, size - 1);
  g_autoptr (VarveComponentsTable) table = varve_components_table_read (file.path, NULL, NULL);
  return 0;
}
