/* SPDX-License-Identifier: Apache-2.0 */
/* packages/text-lines: where lines end, and what is a string or a path. */
#include "packages/text-lines.h"

#include <string.h>

static void
test_lines (void)
{
  static const char TEXT[] = "one\n\na\0b\n\r\nlast";
  static const gsize LENGTHS[] = { 3, 0, 3, 1, 4 };
  static const gboolean ARE_STRINGS[] = { TRUE, TRUE, FALSE, TRUE, TRUE };
  g_autoptr (GBytes) bytes = g_bytes_new_static (TEXT, sizeof TEXT - 1);
  g_autoptr (VarveTextLines) lines = varve_text_lines_new (bytes);
  for (guint i = 0; i < G_N_ELEMENTS (LENGTHS); i++)
    {
      g_assert_true (varve_text_lines_next (lines));
      g_assert_cmpuint (lines->number, ==, i + 1);
      g_assert_cmpuint (lines->length_bytes, ==, LENGTHS[i]);
      g_assert_cmpint (varve_text_lines_is_string (lines), ==, ARE_STRINGS[i]);
      g_assert_cmpint (lines->text[lines->length_bytes], ==, '\0');
    }
  g_assert_cmpstr (lines->text, ==, "last");
  g_assert_false (varve_text_lines_next (lines));
}

static void
test_empty (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("", 0);
  g_autoptr (VarveTextLines) lines = varve_text_lines_new (bytes);
  g_assert_false (varve_text_lines_next (lines));
}

static void
test_paths (void)
{
  g_autoptr (GString) text = g_string_new ("/usr\n\n");
  for (guint i = 0; i < VARVE_LISTED_PATH_MAX_BYTES; i++)
    g_string_append_c (text, 'x');
  g_string_append_c (text, '\n');
  for (guint i = 0; i <= VARVE_LISTED_PATH_MAX_BYTES; i++)
    g_string_append_c (text, 'x');
  static const gboolean ARE_PATHS[] = { TRUE, FALSE, TRUE, FALSE };
  g_autoptr (GBytes) bytes = g_bytes_new (text->str, text->len);
  g_autoptr (VarveTextLines) lines = varve_text_lines_new (bytes);
  for (guint i = 0; i < G_N_ELEMENTS (ARE_PATHS); i++)
    {
      g_assert_true (varve_text_lines_next (lines));
      g_assert_cmpint (varve_text_lines_is_path (lines), ==, ARE_PATHS[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text-lines/lines", test_lines);
  g_test_add_func ("/text-lines/empty", test_empty);
  g_test_add_func ("/text-lines/paths", test_paths);
  return g_test_run ();
}
