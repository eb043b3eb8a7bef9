/* SPDX-License-Identifier: Apache-2.0 */
/* base/error, base/observer: what comes from outside cannot control a terminal or hide in a message. */
#include "base/error.h"

#include "base/observer.h"

static void
test_escape (void)
{
  static const struct {
    const char *text, *expected;
  } CASES[] = {
    { "a/b \\ ä € 𐀀 …", "a/b \\ ä € 𐀀 …" },
    { "\x1b[31m\r\n\t\x7f", "\\x1b[31m\\x0d\\x0a\\x09\\x7f" },
    { "\xff\xc3", "\\xff\\xc3" },
    { "\xc2\x85\xc2\x9b"
      "31m",
      "\\u0085\\u009b31m" },                       /* C1 */
    { "cod.\u202egnp.exe", "cod.\\u202egnp.exe" }, /* bidirectional controls */
    { "\u2066\u2069\u200e\u200f\u061c", "\\u2066\\u2069\\u200e\\u200f\\u061c" },
    { "a\u200bb\u200d\u2060\ufeff\u00ad", "a\\u200bb\\u200d\\u2060\\ufeff\\u00ad" }, /* no width */
    { "\u2028\u2029", "\\u2028\\u2029" },
    { "\u3164\u115f\u034f\ufe0f", "\\u3164\\u115f\\u034f\\ufe0f" },
    { "\U000e0041", "\\U000e0041" }, /* a tag */
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *escaped = varve_escape (CASES[i].text), *again = varve_escape_long (escaped, G_MAXSIZE);
      g_assert_cmpstr (escaped, ==, CASES[i].expected);
      g_assert_cmpstr (again, ==, escaped);
    }
}

static void
test_length (void)
{
  g_autofree char *long_text = g_strnfill (1000, 'x');
  g_autofree char *cut = varve_escape (long_text), *whole = varve_escape_long (long_text, G_MAXSIZE);
  g_assert_cmpuint (g_utf8_strlen (cut, -1), ==, 201);
  g_assert_true (g_str_has_suffix (cut, "…"));
  g_assert_cmpstr (whole, ==, long_text);
}

static void
test_warning (void)
{
  g_autoptr (VarveObserver) observer = varve_observer_new ();
  varve_observer_warn (observer, "'%s'", "\x1b[2J\u202e");
  g_autofree char *warning = varve_observer_take_warning (observer);
  g_assert_cmpstr (warning, ==, "'\\x1b[2J\\u202e'");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/escape", test_escape);
  g_test_add_func ("/error/length", test_length);
  g_test_add_func ("/error/warning", test_warning);
  return g_test_run ();
}
