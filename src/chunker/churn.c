/* SPDX-License-Identifier: Apache-2.0 */
/* Changes come as a Poisson process whose rate is drawn, component by component, from a gamma distribution: the
 * estimate is (changes + shape) / (days + shape / pooled rate). So with few changes the
 * estimate is close to the pooled rate, with many it is the component's own rate, and a long quiet time lowers it but
 * never to zero. */
#include "chunker/churn.h"

#include "chunker/fixed.h"
#include "chunker/regime.h"

enum { DAY_SECONDS = 24 * 60 * 60 };

/* The shape of that distribution: half a change. The spread of rates between packages gives 0.6 and 0.3 in two Fedora
 * CoreOS histories (2019 to 2023, by moments); on Debian 12, where packages change a sixth as often, 0.5 is the best of
 * 0.1 to 4 as well. */
enum { SHAPES_PER_CHANGE = 2 };
/* The weight of a kind's default rate, in days of the past: one component's year. */
enum { DEFAULT_DAYS = 365 };

/* Days from one change to the next, for kinds without a past. Packages: 131 and 107 in the same histories. Kernels: 17
 * and 6; stable releases come weekly, distributions skip some. Changes of unowned and exclusive files are not recorded;
 * the value is between a package's and a generated file's. */
static const guint32 DEFAULT_INTERVAL_DAYS[VARVE_CHURN_KINDS] = {
  [VARVE_COMPONENT_PACKAGE] = 120,        [VARVE_COMPONENT_EXCLUSIVE] = 30,
  [VARVE_COMPONENT_KERNEL] = 14,          [VARVE_COMPONENT_INITRAMFS] = 1,
  [VARVE_COMPONENT_PACKAGE_DATABASE] = 1, [VARVE_COMPONENT_GENERATED] = 3,
  [VARVE_COMPONENT_UNOWNED] = 30,         [VARVE_COMPONENT_UKI] = 1,
};
/* A long quiet time of a kernel is an embargo or a stale database; its rate stays above this one. */
enum { KERNEL_INTERVAL_DAYS_MAX = 45 };

/* Derived from the rest of the system, so package databases do not date their changes. The database changes with any
 * package; an initramfs, also one in a UKI, has systemd, udev, the modules, and often a timestamp; a cache changes with
 * the files it lists.
 */
static const guint32 DATABASE_PROBABILITY = VARVE_PROBABILITY_ONE / 100 * 99;
static const guint32 INITRAMFS_PROBABILITY = VARVE_PROBABILITY_ONE / 100 * 96;
static const guint32 GENERATED_PROBABILITY = VARVE_PROBABILITY_ONE / 100 * 85;

/* Limits for a package's own record: never "always" (a changelog lists what was written, not what was released), nor
 * "never" (every package is rebuilt at times; once in ten years of weekly builds is close enough to never). */
static const guint32 PROBABILITY_MAX = VARVE_PROBABILITY_ONE / 10 * 9;
static const guint32 PROBABILITY_MIN = VARVE_PROBABILITY_ONE / 512;

/* The number of days with changes, within the number of days for which changes are known. */
typedef struct {
  guint32 changes, days;
} Past;

static gint64
newest_change (const VarveComponent *component)
{
  const GArray *times = component->change_times;
  return times->len > 0 ? g_array_index (times, gint64, times->len - 1) : component->build_time;
}

/* Several changes of one day count once: they cannot be in different builds. The record starts with its oldest entry,
 * or with the window if it goes back further; the oldest entry counts, since it ended a waiting time too. */
static Past
look_back (const VarveComponent *component, gint64 now, guint32 window_days)
{
  Past past = { 0 };
  gint64 newest = newest_change (component);
  if (newest < 1)
    return past;
  gint64 today = MAX (now, newest) / DAY_SECONDS, last_day = -1;
  const GArray *times = component->change_times;
  for (guint i = MAX (times->len, 1); i-- > 0;)
    {
      gint64 day = (times->len > 0 ? g_array_index (times, gint64, i) : newest) / DAY_SECONDS;
      if (today - day >= window_days)
        {
          past.days = window_days;
          break;
        }
      if (day == last_day)
        continue;
      last_day = day;
      past.changes++;
      past.days = (guint32)(today - day) + 1;
    }
  return past;
}

static guint32
bounded_days (guint32 days)
{
  return CLAMP (days, 1, VARVE_CHURN_DAYS_MAX);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;
  return (left > right) - (left < right);
}

gint64
varve_churn_reference_time (const VarveComponents *components, gint64 now)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint32 i = 0; i < components->components->len; i++)
    {
      gint64 newest = newest_change (varve_components_get (components, i));
      if (newest > 0)
        g_array_append_val (times, newest);
    }
  if (times->len == 0)
    return MAX (now, 0);
  g_array_sort (times, compare_times);
  return MAX (now, g_array_index (times, gint64, times->len - 1 - times->len / 20));
}

void
varve_churn_survey (VarveChurnOptions *options, const VarveComponents *components, gint64 now)
{
  options->window_days = varve_regime_days (components, now, bounded_days (options->window_days));
  guint64 changes[VARVE_CHURN_KINDS] = { 0 }, days[VARVE_CHURN_KINDS] = { 0 };
  for (guint32 i = 0; i < components->components->len; i++)
    {
      const VarveComponent *component = varve_components_get (components, i);
      Past past = look_back (component, now, bounded_days (options->window_days));
      changes[component->kind] += past.changes;
      days[component->kind] += past.days;
    }
  for (guint kind = 0; kind < VARVE_CHURN_KINDS; kind++)
    {
      guint64 prior = VARVE_FIXED_ONE * DEFAULT_DAYS / DEFAULT_INTERVAL_DAYS[kind];
      unsigned __int128 sum = (unsigned __int128)changes[kind] * VARVE_FIXED_ONE + prior;
      options->pooled[kind] = (guint64)(sum / (days[kind] + DEFAULT_DAYS));
    }
}

/* The expected number of changes in one period, which is a risk. */
static guint64
expected_changes (const VarveComponent *component, gint64 now, const VarveChurnOptions *options)
{
  guint64 pooled = options->pooled[component->kind];
  if (pooled == 0)
    pooled = VARVE_FIXED_ONE / DEFAULT_INTERVAL_DAYS[component->kind];
  Past past = look_back (component, now, bounded_days (options->window_days));
  guint64 shape_days = MIN (VARVE_FIXED_ONE / SHAPES_PER_CHANGE / pooled + 1, VARVE_CHURN_DAYS_MAX);
  guint64 a_day
      = (past.changes * VARVE_FIXED_ONE + shape_days * MIN (pooled, VARVE_FIXED_ONE)) / (past.days + shape_days);
  if (component->kind == VARVE_COMPONENT_KERNEL)
    a_day = MAX (a_day, VARVE_FIXED_ONE / KERNEL_INTERVAL_DAYS_MAX);
  return a_day * bounded_days (options->period_days);
}

guint32
varve_churn_probability (const VarveComponent *component, gint64 now, const VarveChurnOptions *options)
{
  if (component->kind == VARVE_COMPONENT_PACKAGE_DATABASE)
    return DATABASE_PROBABILITY;
  if (component->kind == VARVE_COMPONENT_INITRAMFS || component->kind == VARVE_COMPONENT_UKI)
    return INITRAMFS_PROBABILITY;
  if (component->kind == VARVE_COMPONENT_GENERATED)
    return GENERATED_PROBABILITY;
  guint32 probability = varve_fixed_probability (varve_fixed_chance (expected_changes (component, now, options)));
  return CLAMP (probability, PROBABILITY_MIN, PROBABILITY_MAX);
}
