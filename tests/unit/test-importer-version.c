/* SPDX-License-Identifier: Apache-2.0 */
/* host/importer-version: which versions import plain images, and which label them. */
#include "host/importer-version.h"

#include "base/error.h"

static void
test_parse (void)
{
  static const struct {
    const char *program, *text;
    gboolean takes, labels;
  } CASES[] = {
    { "bootc", "bootc 0.1.11\n", FALSE, FALSE },
    { "bootc", "bootc 1.1.2\n", FALSE, FALSE },
    { "bootc", "bootc 1.1.3\n", TRUE, FALSE },
    { "bootc", "bootc 1.2.0\n", TRUE, FALSE },
    { "bootc", "bootc 1.14.1-1.fc43\n", TRUE, FALSE },
    { "bootc", "bootc 1.15.0\n", TRUE, TRUE },
    { "bootc", "bootc 1.16.9 (git abc)\n", TRUE, TRUE },
    { "bootc", "bootc 2.0\n", TRUE, TRUE },
    { "rpm-ostree", "rpm-ostree:\n Version: '2025.1'\n Git: 5\n", FALSE, FALSE },
    { "rpm-ostree", "rpm-ostree:\n Version: '2025.2'\n Git: 5\n", TRUE, FALSE },
    { "rpm-ostree", "rpm-ostree:\n Version: '2026.1.4.g5'\n", TRUE, FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      VarveImporterVersion version;
      g_test_message ("%s", CASES[i].text);
      g_assert_true (varve_importer_version_parse (CASES[i].program, CASES[i].text, &version, &error));
      g_assert_no_error (error);
      g_assert_cmpint (version.takes_plain, ==, CASES[i].takes);
      g_assert_cmpint (version.labels_plain, ==, CASES[i].labels);
    }
}

static void
test_name (void)
{
  VarveImporterVersion version;
  g_assert_true (varve_importer_version_parse ("bootc", "bootc 1.1.2", &version, NULL));
  g_assert_cmpstr (version.name, ==, "bootc 1.1.2");
}

static void
test_refused (void)
{
  static const char *const TEXTS[] = { "", "bootc", "bootc x", "bootc 1", "other 1.2.3", "bootc .1.2" };
  for (guint i = 0; i < G_N_ELEMENTS (TEXTS); i++)
    {
      g_autoptr (GError) error = NULL;
      VarveImporterVersion version;
      g_assert_false (varve_importer_version_parse ("bootc", TEXTS[i], &version, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/importer-version/parse", test_parse);
  g_test_add_func ("/importer-version/name", test_name);
  g_test_add_func ("/importer-version/refused", test_refused);
  return g_test_run ();
}
