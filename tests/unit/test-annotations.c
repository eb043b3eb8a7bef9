/* SPDX-License-Identifier: Apache-2.0 */
/* compose/annotations: the values of annotations. */
#include "compose/annotations.h"

static void
test_probability (void)
{
  static const struct {
    guint32 probability;
    const char *text;
  } CASES[] = {
    { 0, "0.0000" }, { VARVE_PROBABILITY_ONE, "1.0000" },    { VARVE_PROBABILITY_ONE / 2, "0.5000" }, { 3, "0.0000" },
    { 4, "0.0001" }, { VARVE_PROBABILITY_ONE - 1, "1.0000" }
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *text = varve_probability_to_string (CASES[i].probability);
      g_assert_cmpstr (text, ==, CASES[i].text);
    }
  for (guint32 probability = 0; probability <= VARVE_PROBABILITY_ONE; probability += 13)
    {
      g_autofree char *text = varve_probability_to_string (probability);
      gint64 back = varve_probability_from_string (text);
      g_assert_cmpint (ABS (back - (gint64)probability), <=, 4);
    }
  static const char *const BAD[]
      = { "", "0", "1", "0.5", "0.50000", "1.0001", "2.0000", "-0.500", " 0.500", "0,5000", "0.50 0", "0.5e-1", "nan" };
  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++)
    g_assert_cmpint (varve_probability_from_string (BAD[i]), ==, -1);
}

static void
test_components (void)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *none = varve_components_join (names);
  g_assert_cmpstr (none, ==, "");
  g_ptr_array_add (names, (gpointer) "a");
  g_ptr_array_add (names, (gpointer) "p:usr/with,comma");
  g_autofree char *joined = varve_components_join (names);
  g_assert_cmpstr (joined, ==, "a,p:usr/with_comma");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/annotations/probability", test_probability);
  g_test_add_func ("/annotations/components", test_components);
  return g_test_run ();
}
