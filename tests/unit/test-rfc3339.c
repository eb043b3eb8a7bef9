/* SPDX-License-Identifier: Apache-2.0 */
/* base/rfc3339: the first and the last time that the format can write, and those beyond. */
#include "base/rfc3339.h"

static void
test_format (void)
{
  static const struct {
    gint64 seconds;
    const char *text;
  } CASES[] = {
    { 0, "1970-01-01T00:00:00Z" },
    { 951782399, "2000-02-28T23:59:59Z" },
    { -62135596800, "0001-01-01T00:00:00Z" },
    { 253402300799, "9999-12-31T23:59:59Z" },
    { -62135596801, NULL },
    { 253402300800, NULL },
    { G_MAXINT64, NULL },
    { G_MININT64, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *text = varve_rfc3339_format (CASES[i].seconds);
      g_assert_cmpstr (text, ==, CASES[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rfc3339/format", test_format);
  return g_test_run ();
}
