/* SPDX-License-Identifier: Apache-2.0 */
#include "model/whiteout.h"

static void
test_kinds (void)
{
  static const struct {
    const char *path;
    VarveWhiteout kind;
    const char *hidden;
  } CASES[] = {
    { "usr/bin/.wh.ls", VARVE_WHITEOUT_FILE, "ls" },
    { ".wh.etc", VARVE_WHITEOUT_FILE, "etc" },
    { "usr/.wh..wh..opq", VARVE_WHITEOUT_OPAQUE, NULL },
    { "usr/.wh..wh.plnk", VARVE_WHITEOUT_AUFS, NULL },
    { "usr/.wh.d/file", VARVE_WHITEOUT_NONE, NULL },
    { "usr/.whale", VARVE_WHITEOUT_NONE, NULL },
    { "", VARVE_WHITEOUT_NONE, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      const char *hidden = NULL;
      g_assert_cmpint (varve_whiteout_parse (CASES[i].path, &hidden), ==, CASES[i].kind);
      g_assert_cmpstr (hidden, ==, CASES[i].hidden);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/whiteout/kinds", test_kinds);
  return g_test_run ();
}
