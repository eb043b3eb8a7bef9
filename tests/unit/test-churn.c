/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/churn: what a past says about the next build. */
#include "chunker/churn.h"

#include "chunker/fixed.h"

static const gint64 DAY = 86400;
static const gint64 NOW = 20000 * 86400LL;
static const VarveChurnOptions OPTIONS = VARVE_CHURN_OPTIONS_INIT;

/* A component that changed every @interval_days, for @n times, the last @quiet_days before NOW. */
static VarveComponent *
regular (VarveComponents *components, VarveComponentKind kind, guint interval_days, guint n, guint quiet_days)
{
  VarveComponent *component = varve_components_get (components, varve_components_add (components, "x", kind));
  for (guint i = 0; i < n; i++)
    varve_component_add_change (component, NOW - (gint64)(quiet_days + i * interval_days) * DAY);
  return component;
}

/* With the default options. */
static guint32
probability (const VarveComponent *component)
{
  return varve_churn_probability (component, NOW, &OPTIONS);
}

static void
assert_between (guint32 found, double low, double high)
{
  double share = (double)found / VARVE_PROBABILITY_ONE;
  g_assert_cmpfloat (share, >=, low);
  g_assert_cmpfloat (share, <=, high);
}

static void
test_rates (void)
{
  g_autoptr (VarveComponents) components = varve_components_new (0);
  VarveComponentKind kind = VARVE_COMPONENT_PACKAGE;
  /* Expected shares: 1 - e^-(7 / interval), drawn a little towards one in 120 days. */
  assert_between (probability (regular (components, kind, 7, 60, 3)), 0.55, 0.64);
  assert_between (probability (regular (components, kind, 30, 20, 10)), 0.17, 0.22);
  assert_between (probability (regular (components, kind, 180, 4, 100)), 0.03, 0.06);
  assert_between (probability (regular (components, kind, 1, 365, 0)), 0.89, 0.9);
}

static void
test_few_changes_mean_about_as_the_others (void)
{
  g_autoptr (VarveComponents) components = varve_components_new (0);
  VarveComponent *unknown = regular (components, VARVE_COMPONENT_PACKAGE, 1, 0, 0);
  VarveComponent *yesterday = regular (components, VARVE_COMPONENT_PACKAGE, 1, 1, 1);
  VarveComponent *long_ago = regular (components, VARVE_COMPONENT_PACKAGE, 1, 1, 3000);
  guint32 of_unknown = probability (unknown);
  guint32 of_yesterday = probability (yesterday);
  guint32 of_long_ago = probability (long_ago);
  assert_between (of_unknown, 0.05, 0.06); /* 7 / 120 */
  g_assert_cmpuint (of_long_ago, <, of_unknown);
  g_assert_cmpuint (of_long_ago, >, 0);
  g_assert_cmpuint (of_yesterday, >, of_unknown);
  assert_between (of_yesterday, 0.05, 0.2);
}

static void
test_a_day_counts_once (void)
{
  g_autoptr (VarveComponents) components = varve_components_new (0);
  VarveComponent *once = regular (components, VARVE_COMPONENT_PACKAGE, 60, 3, 20);
  VarveComponent *often = regular (components, VARVE_COMPONENT_PACKAGE, 60, 3, 20);
  for (gint64 i = 1; i < 100; i++)
    varve_component_add_change (often, NOW - 20 * DAY + i);
  g_assert_cmpuint (probability (once), ==, probability (often));
}

static void
test_build_time_alone (void)
{
  g_autoptr (VarveComponents) components = varve_components_new (0);
  VarveComponent *changed = regular (components, VARVE_COMPONENT_PACKAGE, 1, 1, 50);
  VarveComponent *built = regular (components, VARVE_COMPONENT_PACKAGE, 1, 0, 0);
  built->build_time = NOW - 50 * DAY;
  g_assert_cmpuint (probability (changed), ==, probability (built));
}

static void
test_clock_at_zero (void)
{
  g_autoptr (VarveComponents) components = varve_components_new (0);
  VarveComponent *hot = regular (components, VARVE_COMPONENT_PACKAGE, 5, 70, 0);
  VarveComponent *cold = regular (components, VARVE_COMPONENT_PACKAGE, 5, 1, 300);
  g_assert_cmpint (varve_churn_reference_time (components, 0), ==, NOW);
  gint64 times[] = { G_MININT64, -1, 0, NOW };
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      gint64 now = varve_churn_reference_time (components, times[i]);
      g_assert_cmpint (now, ==, NOW);
      g_assert_cmpuint (varve_churn_probability (hot, times[i], &OPTIONS), ==, probability (hot));
      guint32 of_hot = varve_churn_probability (hot, now, &OPTIONS);
      g_assert_cmpuint (varve_churn_probability (cold, now, &OPTIONS), <, of_hot / 4);
    }
}

/* A date far in the future, as changelogs have them, ages no other component. */
static void
test_one_wrong_date (void)
{
  g_autoptr (VarveComponents) components = varve_components_new (0);
  for (guint i = 0; i < 30; i++)
    regular (components, VARVE_COMPONENT_PACKAGE, 10, 20, i);
  varve_component_add_change (varve_components_get (components, 3), G_MAXINT64);
  g_assert_cmpint (varve_churn_reference_time (components, NOW), ==, NOW);
  g_assert_cmpint (varve_churn_reference_time (components, 0), ==, NOW);
  assert_between (probability (varve_components_get (components, 3)), 0.0, 0.1);
}

static void
test_pool (void)
{
  g_autoptr (VarveComponents) components = varve_components_new (0);
  for (guint i = 0; i < 50; i++)
    regular (components, VARVE_COMPONENT_PACKAGE, 14, 40, i % 14);
  VarveComponent *unknown = regular (components, VARVE_COMPONENT_PACKAGE, 1, 0, 0);
  VarveComponent *of_another_kind = regular (components, VARVE_COMPONENT_UNOWNED, 1, 0, 0);
  VarveChurnOptions pooled = OPTIONS;
  varve_churn_survey (&pooled, components, NOW);
  assert_between (varve_churn_probability (unknown, NOW, &pooled), 0.35, 0.42); /* 1 - e^-(7/14) */
  g_assert_cmpuint (varve_churn_probability (of_another_kind, NOW, &pooled), ==, probability (of_another_kind));
}

static void
test_kinds (void)
{
  g_autoptr (VarveComponents) components = varve_components_new (0);
  assert_between (probability (regular (components, VARVE_COMPONENT_INITRAMFS, 1, 0, 0)), 0.95, 1);
  assert_between (probability (regular (components, VARVE_COMPONENT_PACKAGE_DATABASE, 1, 0, 0)), 0.95, 1);
  assert_between (probability (regular (components, VARVE_COMPONENT_GENERATED, 1, 0, 0)), 0.8, 0.95);
  /* A kernel is never as quiet as other packages. */
  assert_between (probability (regular (components, VARVE_COMPONENT_KERNEL, 1, 1, 3000)), 0.14, 0.2);
  assert_between (probability (regular (components, VARVE_COMPONENT_KERNEL, 5, 100, 1)), 0.6, 0.8);
}

static void
test_never_certain (void)
{
  g_autoptr (VarveComponents) components = varve_components_new (0);
  for (guint kind = 0; kind < VARVE_CHURN_KINDS; kind++)
    for (guint interval = 1; interval < 1000; interval = interval * 3 + 1)
      for (guint n = 0; n < 400; n = n * 2 + 1)
        for (guint32 days = 0; days < 20000; days = days * 9 + 1)
          {
            VarveChurnOptions options = { .window_days = days, .period_days = days };
            VarveComponent *component = regular (components, kind, interval, n, n);
            guint32 found = varve_churn_probability (component, NOW, &options);
            g_assert_cmpuint (found, >, 0);
            g_assert_cmpuint (found, <, VARVE_PROBABILITY_ONE);
            varve_churn_survey (&options, components, NOW);
            g_assert_cmpuint (varve_churn_probability (component, NOW, &options), <, VARVE_PROBABILITY_ONE);
            g_ptr_array_set_size (components->components, 0);
          }
}

static void
test_no_components (void)
{
  g_autoptr (VarveComponents) components = varve_components_new (0);
  VarveChurnOptions options = OPTIONS;
  varve_churn_survey (&options, components, 0);
  g_assert_cmpint (varve_churn_reference_time (components, 5), ==, 5);
  g_assert_cmpint (varve_churn_reference_time (components, -5), ==, 0);
  for (guint kind = 0; kind < VARVE_CHURN_KINDS; kind++)
    g_assert_cmpuint (options.pooled[kind], >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/churn/rates", test_rates);
  g_test_add_func ("/churn/few-changes", test_few_changes_mean_about_as_the_others);
  g_test_add_func ("/churn/a-day-counts-once", test_a_day_counts_once);
  g_test_add_func ("/churn/build-time-alone", test_build_time_alone);
  g_test_add_func ("/churn/clock-at-zero", test_clock_at_zero);
  g_test_add_func ("/churn/one-wrong-date", test_one_wrong_date);
  g_test_add_func ("/churn/pool", test_pool);
  g_test_add_func ("/churn/kinds", test_kinds);
  g_test_add_func ("/churn/never-certain", test_never_certain);
  g_test_add_func ("/churn/no-components", test_no_components);
  return g_test_run ();
}
