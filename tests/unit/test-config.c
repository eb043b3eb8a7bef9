/* SPDX-License-Identifier: Apache-2.0 */
/* oci/config, oci/architecture: bytes, labels, what is kept and what is refused. */
#include "oci/config.h"

#include <string.h>

#include "base/error.h"
#include "oci/architecture.h"
#include "transport/open-image.h"

#define DIGEST_A "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ROOTFS "\"rootfs\":{\"diff_ids\":[\"" DIGEST_A "\"],\"type\":\"layers\"}"
#define CONFIG(members) "{\"architecture\":\"amd64\"," members "\"os\":\"linux\"," ROOTFS "}"

static VarveConfig *
read_text (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  return varve_config_from_bytes (bytes, error);
}

static char *
write_text (const VarveConfig *config)
{
  g_autoptr (GBytes) bytes = varve_config_to_bytes (config);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
test_bytes (void)
{
  g_autoptr (VarveConfig) config = varve_config_new ("arm64");
  VarveDigest digest = varve_digest_of ("", 0);
  config->created = g_strdup ("2026-10-16T00:00:00Z");
  varve_config_add_layer (config, &digest, config->created, "one \xff");
  varve_config_set_label (config, "b", "2");
  varve_config_set_label (config, "a", "1");
  varve_config_set_label (config, "gone", "x");
  varve_config_set_label (config, "gone", NULL);
  g_autofree char *text = write_text (config);
  g_assert_cmpstr (text, ==,
                   "{\"architecture\":\"arm64\",\"config\":{\"Labels\":{\"a\":\"1\",\"b\":\"2\"}},"
                   "\"created\":\"2026-10-16T00:00:00Z\","
                   "\"history\":[{\"created\":\"2026-10-16T00:00:00Z\",\"created_by\":\"one \xef\xbf\xbd\"}],"
                   "\"os\":\"linux\"," ROOTFS "}");
  g_assert_cmpstr (varve_config_label (config, "b"), ==, "2");
  g_assert_null (varve_config_label (config, "gone"));
}

static void
test_foreign_members_stay (void)
{
  static const char TEXT[]
      = "{\"architecture\":\"arm\",\"author\":\"x\",\"config\":{\"Cmd\":[\"/sbin/init\"],\"Labels\":{\"k\":\"v\"},"
        "\"Unknown\":{\"deep\":[1,2.50,null,true]}},\"created\":\"2026-10-16T00:00:00Z\","
        "\"history\":[{\"comment\":\"c\",\"created\":\"t\",\"created_by\":\"b\"},{\"empty_layer\":true}],"
        "\"os\":\"linux\",\"os.features\":[\"f\"]," ROOTFS ",\"variant\":\"v7\"}";
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveConfig) config = read_text (TEXT, &error);
  g_assert_no_error (error);
  g_assert_true (varve_config_history (config, 1)->empty_layer);
  g_assert_cmpstr (varve_config_history (config, 0)->comment, ==, "c");
  g_assert_cmpstr (varve_config_label (config, "k"), ==, "v");
  g_autofree char *text = write_text (config);
  g_assert_cmpstr (text, ==, TEXT);
}

static void
test_sparse (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveConfig) config = read_text (CONFIG ("\"config\":null,\"history\":null,"), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (config->history->len, ==, 0);
  g_assert_cmpuint (config->diff_ids->len, ==, 1);
  g_assert_null (varve_config_label (config, "k"));
  varve_config_set_label (config, "k", NULL);
  g_autofree char *text = write_text (config);
  g_assert_cmpstr (text, ==, CONFIG ("\"config\":{},"));
}

static void
test_refused (void)
{
  static const struct {
    const char *text, *message;
  } WRONG[] = {
    { "[]", "config: 'architecture' is missing" },
    { "{\"architecture\":1}", "config: 'architecture' is of type int: expected string" },
    { "{\"architecture\":\"a\",\"os\":\"linux\"}", "config: 'rootfs' is missing" },
    { "{\"architecture\":\"a\",\"os\":\"linux\",\"rootfs\":{\"type\":\"tree\",\"diff_ids\":[]}}",
      "config: 'rootfs': 'type' is 'tree': expected 'layers'" },
    { "{\"architecture\":\"a\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"x\"]}}",
      "config: diff ID 0: 'x' is not a digest: expected 'sha256:' and 64 lower-case hexadecimal digits" },
    { "{\"architecture\":\"a\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[7]}}",
      "config: diff ID 0: '' is not a digest: expected 'sha256:' and 64 lower-case hexadecimal digits" },
    { CONFIG ("\"Rootfs\":{},"), "config: found the key 'Rootfs': expected 'rootfs'" },
    { CONFIG ("\"config\":{\"labels\":{}},"), "config: 'config': found the key 'labels': expected 'Labels'" },
    { CONFIG ("\"history\":[{\"Empty_layer\":true}],"),
      "config: 'history': entry 0: found the key 'Empty_layer': expected 'empty_layer'" },
    { CONFIG ("\"config\":[],"), "config: 'config' is of type array: expected object" },
    { CONFIG ("\"config\":{\"Labels\":{\"k\":1}},"), "config: 'Labels': 'k' is of type int: expected string" },
    { CONFIG ("\"config\":{\"Labels\":{\"k\":\"a\\u0000\"}},"), "config: 'Labels': 'k' contains a NUL byte" },
    { CONFIG ("\"history\":[3],"), "config: history 0: type is int: expected object" },
    { CONFIG ("\"history\":[{},{\"empty_layer\":1}],"),
      "config: history 1: 'empty_layer' is of type int: expected boolean" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", WRONG[i].text);
      g_assert_null (read_text (WRONG[i].text, &error));
      g_assert_nonnull (error);
      g_assert_cmpstr (error->message, ==, WRONG[i].message);
    }
}

static void
test_architecture (void)
{
  g_assert_cmpstr (varve_architecture_from_machine ("x86_64"), ==, "amd64");
  g_assert_cmpstr (varve_architecture_from_machine ("aarch64"), ==, "arm64");
  g_assert_cmpstr (varve_architecture_from_machine ("s390x"), ==, "s390x");
  g_assert_cmpuint (strlen (varve_architecture_host ()), >, 0);
  static const char *const NAMES[][2]
      = { { "aarch64", "arm64" }, { "arm64", "arm64" },     { "armv7hl", "arm" }, { "armhf", "arm" },
          { "x86_64", "amd64" },  { "ppc64el", "ppc64le" }, { "i686", "386" },    { "s390x", "s390x" } };
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    g_assert_cmpstr (varve_open_architecture (NAMES[i][0], NULL), ==, NAMES[i][1]);
  static const char *const WRONG[] = { "", "bogus", "AMD64", "amd64 ", "linux/amd64" };
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (varve_open_architecture (WRONG[i], &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_USAGE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/bytes", test_bytes);
  g_test_add_func ("/config/foreign-members-stay", test_foreign_members_stay);
  g_test_add_func ("/config/sparse", test_sparse);
  g_test_add_func ("/config/refused", test_refused);
  g_test_add_func ("/config/architecture", test_architecture);
  return g_test_run ();
}
