/* SPDX-License-Identifier: Apache-2.0 */
/* compose/image-config: the file of --config, and what it must not contain. */
#include "compose/image-config.h"

#include <glib/gstdio.h>

#include "base/error.h"

static VarveConfig *
config_from (const char *text, GError **error)
{
  g_autofree char *folder = g_dir_make_tmp ("varve-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);
  g_autoptr (GVariant) metadata = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
  VarveCommit commit = { .subject = "", .body = "", .metadata = metadata };
  char *labels[] = { "mine=1", NULL };
  VarveImageOrigin origin = { .commit = &commit };
  VarveImageConfigOptions options = { .labels = labels, .config_path = path, .architecture = "amd64" };
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  VarveConfig *config = varve_image_config_new (&origin, &options, NULL, error);
  g_assert_cmpint (g_remove (path) | g_rmdir (folder), ==, 0);
  return config;
}

static void
test_labels (void)
{
  static const char *const TEXTS[] = { "{\"config\": {\"Labels\": {\"a\": \"b\"}}}", "{\"Labels\": {\"a\": \"b\"}}" };
  for (guint i = 0; i < G_N_ELEMENTS (TEXTS); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveConfig) config = config_from (TEXTS[i], &error);
      g_assert_no_error (error);
      g_assert_cmpstr (varve_config_label (config, "a"), ==, "b");
      g_assert_cmpstr (varve_config_label (config, "mine"), ==, "1");
    }
}

static void
test_wrong (void)
{
  static const struct {
    const char *text, *message;
  } CASES[] = {
    { "{\"config\": {\"Labels\": \"a\"}}", "'Labels' is of type string: expected object" },
    { "{\"Labels\": [\"a\"]}", "'Labels'" },
    { "{\"Labels\": {\"a\": 5}}", "'Labels': 'a'" },
    { "{\"config\": []}", "the member 'config' is not an object" },
    { "{\"config\": null}", "the member 'config' is not an object" },
    { "[]", "expected a JSON object" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (config_from (CASES[i].text, &error));
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, CASES[i].message));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image-config/labels", test_labels);
  g_test_add_func ("/image-config/wrong", test_wrong);
  return g_test_run ();
}
