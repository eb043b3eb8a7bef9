/* SPDX-License-Identifier: Apache-2.0 */
/* transport/skopeo-version: what it says of itself, and what it gets of our environment. */
#include "skopeo/skopeo-version.h"

#include "base/error.h"

static void
test_parse (void)
{
  static const struct {
    const char *line, *version;
    guint major, minor;
  } RIGHT[] = {
    { "skopeo version 1.9.3", "1.9.3", 1, 9 },
    { "skopeo version 1.18.0 commit: abc", "1.18.0", 1, 18 },
    { "skopeo version 1.21.0-dev", "1.21.0-dev", 1, 21 },
    { "skopeo version 2.0", "2.0", 2, 0 },
  };
  static const char *const WRONG[] = { "",
                                       "skopeo",
                                       "skopeo version ",
                                       "skopeo version x.y",
                                       "skopeo version 1",
                                       "podman version 1.9.3",
                                       "skopeo version -1.9.3",
                                       "skopeo version 99999999999.1" };
  for (guint i = 0; i < G_N_ELEMENTS (RIGHT); i++)
    {
      g_autoptr (GError) error = NULL;
      VarveSkopeoVersion version;
      g_assert_true (varve_skopeo_version_parse (RIGHT[i].line, &version, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (version.version, ==, RIGHT[i].version);
      g_assert_cmpuint (version.major, ==, RIGHT[i].major);
      g_assert_cmpuint (version.minor, ==, RIGHT[i].minor);
      g_free (version.version);
    }
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      VarveSkopeoVersion version;
      g_assert_false (varve_skopeo_version_parse (WRONG[i], &version, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED);
    }
}

static void
test_environment (void)
{
  g_setenv ("REGISTRY_AUTH_FILE", "/a", TRUE);
  g_setenv ("CONTAINERS_CONF", "/b", TRUE);
  g_setenv ("LD_PRELOAD_X", "no", TRUE);
  g_setenv ("MY_SECRET", "no", TRUE);
  g_setenv ("LANG", "de_DE.UTF-8", TRUE);
  g_auto (GStrv) environment = varve_skopeo_environment ();
  g_assert_true (g_strv_contains ((const char *const *)environment, "REGISTRY_AUTH_FILE=/a"));
  g_assert_true (g_strv_contains ((const char *const *)environment, "CONTAINERS_CONF=/b"));
  g_assert_true (g_strv_contains ((const char *const *)environment, "LANG=C.UTF-8"));
  g_assert_false (g_strv_contains ((const char *const *)environment, "LANG=de_DE.UTF-8"));
  g_assert_false (g_strv_contains ((const char *const *)environment, "MY_SECRET=no"));
  g_assert_false (g_strv_contains ((const char *const *)environment, "LD_PRELOAD_X=no"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/skopeo-version/parse", test_parse);
  g_test_add_func ("/skopeo-version/environment", test_environment);
  return g_test_run ();
}
