/* SPDX-License-Identifier: Apache-2.0 */
/* packages/component-name: which names a manifest can hold, and names made from any path. */
#include "packages/component-name.h"

#include <string.h>

#include "base/error.h"

static void
test_check (void)
{
  g_autofree char *longest = g_strnfill (VARVE_COMPONENT_NAME_MAX_BYTES, 'x');
  g_autofree char *too_long = g_strnfill (VARVE_COMPONENT_NAME_MAX_BYTES + 1, 'x');
  const char *const GOOD[] = { "bash", "gtk+3.0", "ä b", longest };
  const char *const WRONG[] = { "", "a,b", "a\nb", "a\x7f", "a\xc2\x85", "\xff", too_long };
  for (guint i = 0; i < G_N_ELEMENTS (GOOD); i++)
    g_assert_true (varve_component_name_check (GOOD[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (varve_component_name_check (WRONG[i], &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
    }
}

static void
assert_name (const char *path, const char *expected)
{
  g_autofree char *name = varve_component_name_from_path ("unowned:/", path);
  g_assert_cmpstr (name, ==, expected);
  g_assert_true (varve_component_name_check (name, NULL));
}

static void
test_from_path (void)
{
  assert_name ("", "unowned:/");
  assert_name ("usr/share/x", "unowned:/usr/share/x");
  assert_name ("a,b%\n\xff"
               "ä",
               "unowned:/a%2Cb%25%0A%FFä");
}

static void
test_from_long_paths (void)
{
  g_autofree char *stem = g_strnfill (200, 'x');
  g_autofree char *first_path = g_strconcat (stem, "1", NULL), *second_path = g_strconcat (stem, "2", NULL);
  g_autofree char *first = varve_component_name_from_path ("", first_path);
  g_autofree char *second = varve_component_name_from_path ("", second_path);
  g_assert_true (varve_component_name_check (first, NULL));
  g_assert_cmpuint (strlen (first), ==, VARVE_COMPONENT_NAME_MAX_BYTES);
  g_assert_cmpstr (first, !=, second);
  /* a character is not cut in two */
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GString) umlauts = g_string_new (NULL);
      g_string_append_len (umlauts, "xxxx", (gssize)i);
      while (umlauts->len < 200)
        g_string_append (umlauts, "ä");
      g_autofree char *name = varve_component_name_from_path ("", umlauts->str);
      g_assert_true (varve_component_name_check (name, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/component-name/check", test_check);
  g_test_add_func ("/component-name/from-path", test_from_path);
  g_test_add_func ("/component-name/from-long-paths", test_from_long_paths);
  return g_test_run ();
}
