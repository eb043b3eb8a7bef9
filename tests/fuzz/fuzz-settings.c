/* SPDX-License-Identifier: Apache-2.0 */
/* The file that --config names. */
#include "tests/fuzz/fuzz.h"

#include "compose/image-config.h"
#include "tests/fuzz/memory-file.h"

/* Written by hand: a commit with no metadata. */
static VarveCommit *
empty_commit (void)
{
  static const guint8 NO_CHECKSUM[32];
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new (
      "(@a{sv}@ay@a(say)sst@ay@ay)", g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0),
      g_variant_new_array (G_VARIANT_TYPE_BYTE, NULL, 0), g_variant_new_array (G_VARIANT_TYPE ("(say)"), NULL, 0), "",
      "", (guint64)0, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, NO_CHECKSUM, sizeof NO_CHECKSUM, 1),
      g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, NO_CHECKSUM, sizeof NO_CHECKSUM, 1)));
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (variant);
  return varve_commit_parse (bytes, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static VarveCommit *commit;
  if (commit == NULL)
    commit = empty_commit ();
  g_assert_nonnull (commit);
  g_auto (MemoryFile) file = memory_file_of (data, size);
  char *labels[] = { "a=b", "c-", NULL }, *environment[] = { "PATH=/bin", NULL };
  VarveImageOrigin origin = { .commit = commit, .ref = "os" };
  VarveImageConfigOptions options
      = { .config_path = file.path, .labels = labels, .env = environment, .cmd = "[\"a\"]" };
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveConfig) config = varve_image_config_new (&origin, &options, NULL, &error);
  g_assert ((config == NULL) == (error != NULL));
  if (config == NULL)
    return 0;
  g_autoptr (VarveStringMap) annotations = varve_image_annotations_new (config, &options, NULL);
  g_autoptr (GBytes) bytes = varve_config_to_bytes (config);
  g_autoptr (VarveConfig) again = varve_config_from_bytes (bytes, &error);
  g_assert_no_error (error); /* what is written can be read */
  return 0;
}
