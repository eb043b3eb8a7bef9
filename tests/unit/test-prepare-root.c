/* SPDX-License-Identifier: Apache-2.0 */
/* ostree/prepare-root: which settings make the root an overlay. */
#include "ostree/prepare-root.h"

#include <string.h>

#include "base/error.h"

static void
test_parse (void)
{
  static const struct {
    const char *text;
    gboolean overlays;
  } CASES[] = {
    { "", FALSE },
    { "[composefs]\nenabled = yes\n", TRUE },
    { "[composefs]\nenabled = true\n", TRUE },
    { "[composefs]\nenabled = 1\n", TRUE },
    { "[composefs]\nenabled = maybe\n", TRUE },
    { "[composefs]\nenabled = signed\n", TRUE },
    { "[composefs]\nenabled = verity\n", TRUE },
    { "[composefs]\nenabled = no\n", FALSE },
    { "[composefs]\nenabled = Yes\n", FALSE },
    { "[root]\ntransient = true\n", TRUE },
    { "[root]\ntransient = false\n[composefs]\nenabled=no\n", FALSE },
    { "[root]\ntransient-ro = true\n", FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean overlays = !CASES[i].overlays;
      g_test_message ("%s", CASES[i].text);
      g_assert_true (varve_prepare_root_parse (CASES[i].text, strlen (CASES[i].text), &overlays, &error));
      g_assert_no_error (error);
      g_assert_cmpint (overlays, ==, CASES[i].overlays);
    }
}

static void
test_refused (void)
{
  g_autoptr (GError) error = NULL;
  gboolean overlays;
  g_assert_false (varve_prepare_root_parse ("composefs\n", 10, &overlays, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prepare-root/parse", test_parse);
  g_test_add_func ("/prepare-root/refused", test_refused);
  return g_test_run ();
}
