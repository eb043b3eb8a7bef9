/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests, configs, indexes and oci-layout files, as registries and folders give them. */
#include "tests/fuzz/fuzz.h"

#include "oci/config.h"
#include "oci/index.h"
#include "oci/layout.h"
#include "oci/manifest.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (VarveManifest) manifest = varve_manifest_from_bytes (bytes, NULL);
  if (manifest != NULL && manifest->config != NULL)
    g_bytes_unref (varve_manifest_to_bytes (manifest));
  g_autoptr (VarveConfig) config = varve_config_from_bytes (bytes, NULL);
  if (config != NULL)
    g_bytes_unref (varve_config_to_bytes (config));
  g_autoptr (VarveIndex) index = varve_index_from_bytes (bytes, NULL);
  if (index != NULL)
    g_bytes_unref (varve_index_to_bytes (index));
  gboolean valid = varve_layout_check_file (bytes, NULL);
  (void)valid;
  return 0;
}
