/* SPDX-License-Identifier: Apache-2.0 */
/* packages/path-glob: what matches, what does not, and which patterns are refused. */
#include "packages/path-glob.h"

#include "base/error.h"

typedef struct {
  const char *pattern, *path;
} Case;

static void
test_matches (void)
{
  static const Case CASES[] = {
    { "usr/bin/sh", "usr/bin/sh" },
    { "usr/*/sh", "usr/bin/sh" },
    { "usr/bin/*", "usr/bin/sh" },
    { "usr/**", "usr/bin/a/b" },
    { "**", "x" },
    { "**/x", "x" },
    { "**/x", "a/b/x" },
    { "a/**/x", "a/x" },
    { "a/**/x", "a/b/c/x" },
    { "a/**x", "a/b/cx" },
    { "**/*.pyc", "usr/lib/p.pyc/q.pyc" },
    { "a*b*c/**/d*", "aXbbYc/c/e/dd" },
    { "fo?", "foo" },
    { "fo?", "foä" },
    { "[abc]x", "bx" },
    { "[a-c]x", "cx" },
    { "[!a-c]x", "dx" },
    { "[]]x", "]x" },
    { "[a-]x", "-x" },
    { "\\*x", "*x" },
    { "\\[x", "[x" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("%s %s", CASES[i].pattern, CASES[i].path);
      g_assert_true (varve_path_glob_check (CASES[i].pattern, NULL));
      g_assert_true (varve_path_glob_match (CASES[i].pattern, CASES[i].path));
    }
}

static void
test_does_not_match (void)
{
  static const Case CASES[] = {
    { "usr/*", "usr/bin/sh" },   { "usr/bin", "usr/bin/sh" },
    { "usr/bin/sh", "usr/bin" }, { "usr?bin", "usr/bin" },
    { "usr[!a]bin", "usr/bin" }, { "usr/**", "usr" },
    { "a/**/x", "a/yx" },        { "**/x", "ax" },
    { "*/x", "a/b/x" },          { "\\*x", "ax" },
    { "[a-c]x", "dx" },          { "*.conf", ".conf/x" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("%s %s", CASES[i].pattern, CASES[i].path);
      g_assert_false (varve_path_glob_match (CASES[i].pattern, CASES[i].path));
    }
}

static void
test_refused (void)
{
  static const char *const WRONG[] = { "", "a[", "a[]", "a[b", "a\\", "[!", "[a]/[" };
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", WRONG[i]);
      g_assert_false (varve_path_glob_check (WRONG[i], &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
    }
}

static void
test_literal_folder (void)
{
  g_assert_cmpuint (varve_path_glob_literal_folder ("usr/share/f*/x"), ==, 10);
  g_assert_cmpuint (varve_path_glob_literal_folder ("usr/share/x"), ==, 10);
  g_assert_cmpuint (varve_path_glob_literal_folder ("**"), ==, 0);
  g_assert_cmpuint (varve_path_glob_literal_folder ("x"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/path-glob/matches", test_matches);
  g_test_add_func ("/path-glob/does-not-match", test_does_not_match);
  g_test_add_func ("/path-glob/refused", test_refused);
  g_test_add_func ("/path-glob/literal-folder", test_literal_folder);
  return g_test_run ();
}
