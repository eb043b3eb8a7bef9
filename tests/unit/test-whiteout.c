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

static void
test_removed (void)
{
  static const char *const CASES[][2] = {
    { "usr/bin/.wh.ls", "usr/bin/ls" }, { ".wh.etc", "etc" }, { "usr/.wh..wh..opq", "usr/" }, { ".wh..wh..opq", "" },
    { "usr/.wh..wh.plnk", NULL },       { "usr/.wh.", NULL }, { "usr/.wh.d/file", NULL },     { "", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *removed = varve_whiteout_removed (CASES[i][0]);
      g_assert_cmpstr (removed, ==, CASES[i][1]);
    }
}

static void
test_of (void)
{
  static const char *const CASES[][2] = {
    { "a", ".wh.a" },
    { "usr/bin/ls", "usr/bin/.wh.ls" },
    { "usr/.wh.a", "usr/.wh..wh.a" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *whiteout = varve_whiteout_of (CASES[i][0]);
      g_assert_cmpstr (whiteout, ==, CASES[i][1]);
    }
}

static void
test_is_in (void)
{
  static const char *const WITH[] = { ".wh.a", "usr/.wh.a", "usr/.wh.a/b", ".wh.a/b", "usr/.wh..wh..opq", "usr/.wh." };
  static const char *const WITHOUT[] = { "", "usr", "usr/a.wh.b", "usr/.whale", "usr/wh.a", "a.wh.", "usr/.w" };
  for (guint i = 0; i < G_N_ELEMENTS (WITH); i++)
    g_assert_true (varve_whiteout_is_in (WITH[i]));
  for (guint i = 0; i < G_N_ELEMENTS (WITHOUT); i++)
    g_assert_false (varve_whiteout_is_in (WITHOUT[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/whiteout/kinds", test_kinds);
  g_test_add_func ("/whiteout/removed", test_removed);
  g_test_add_func ("/whiteout/of", test_of);
  g_test_add_func ("/whiteout/is-in", test_is_in);
  return g_test_run ();
}
