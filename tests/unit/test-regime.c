/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/regime: a release ends the time before it, and nothing else does. */
#include "chunker/regime.h"

#include "tests/unit/prng.h"

enum { N_PACKAGES = 300, WINDOW_DAYS = VARVE_COMPONENT_PAST_DAYS };
static const gint64 DAY = 86400;
static const gint64 NOW = 20000 * 86400LL;

/* Changes of each package, at one in @interval_days, from @oldest to @newest days ago. */
static void
change (VarveComponents *components, guint64 *state, guint interval_days, guint oldest, guint newest)
{
  for (guint i = 0; i < components->components->len; i++)
    for (guint age = newest; age < oldest; age++)
      if (prng_below (state, interval_days) == 0)
        varve_component_add_change (varve_components_get (components, i), NOW - (gint64)age * DAY);
}

static VarveComponents *
packages (guint n)
{
  VarveComponents *components = varve_components_new (0);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("package%03u", i);
      varve_components_add (components, name, VARVE_COMPONENT_PACKAGE);
    }
  return components;
}

static void
test_release (void)
{
  static const guint AGES[] = { 200, 500, 1300 };
  for (guint i = 0; i < G_N_ELEMENTS (AGES); i++)
    {
      guint64 state = i;
      g_autoptr (VarveComponents) components = packages (N_PACKAGES);
      change (components, &state, 120, WINDOW_DAYS + 500, AGES[i]);
      change (components, &state, 600, AGES[i], 0);
      guint32 days = varve_regime_days (components, NOW, WINDOW_DAYS);
      g_assert_cmpuint (days, >, AGES[i] - 20);
      g_assert_cmpuint (days, <, AGES[i] + 20);
    }
}

/* As busy as ever; twice as busy before; a day on which everything was rebuilt; few packages; a release of last week;
 * nothing since. */
static void
test_none (void)
{
  static const struct {
    guint n_packages, interval_before, interval_since, since;
  } CASES[] = { { N_PACKAGES, 200, 200, 500 }, { N_PACKAGES, 200, 400, 500 }, { N_PACKAGES, 400, 100, 500 },
                { 3, 200, 1000, 500 },         { N_PACKAGES, 100, 1000, 7 },  { N_PACKAGES, 200, 10000000, 500 } };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      guint64 state = i;
      g_autoptr (VarveComponents) components = packages (CASES[i].n_packages);
      change (components, &state, CASES[i].interval_before, WINDOW_DAYS, CASES[i].since);
      change (components, &state, CASES[i].interval_since, CASES[i].since, 0);
      change (components, &state, 1, 901, 900);
      g_assert_cmpuint (varve_regime_days (components, NOW, WINDOW_DAYS), ==, WINDOW_DAYS);
    }
}

/* Only packages count, and dates that cannot be. */
static void
test_odd (void)
{
  guint64 state = 1;
  g_autoptr (VarveComponents) components = packages (0);
  g_assert_cmpuint (varve_regime_days (components, NOW, WINDOW_DAYS), ==, WINDOW_DAYS);
  g_assert_cmpuint (varve_regime_days (components, 0, 1), ==, 1);
  for (guint i = 0; i < N_PACKAGES; i++)
    {
      g_autofree char *name = g_strdup_printf ("unowned%03u", i);
      varve_components_add (components, name, VARVE_COMPONENT_UNOWNED);
    }
  change (components, &state, 10, 1000, 500);
  change (components, &state, 100, 500, 0);
  varve_component_add_change (varve_components_get (components, 0), G_MAXINT64);
  g_assert_cmpuint (varve_regime_days (components, NOW, WINDOW_DAYS), ==, WINDOW_DAYS);
  for (guint i = 0; i < N_PACKAGES; i++)
    varve_components_get (components, i)->kind = VARVE_COMPONENT_PACKAGE;
  g_assert_cmpuint (varve_regime_days (components, NOW, WINDOW_DAYS), <, 520);
  g_assert_cmpuint (varve_regime_days (components, G_MAXINT64, WINDOW_DAYS), ==, WINDOW_DAYS);
  g_assert_cmpuint (varve_regime_days (components, G_MININT64, WINDOW_DAYS), ==, WINDOW_DAYS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/regime/release", test_release);
  g_test_add_func ("/regime/none", test_none);
  g_test_add_func ("/regime/odd", test_odd);
  return g_test_run ();
}
