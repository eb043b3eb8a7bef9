/* SPDX-License-Identifier: Apache-2.0 */
/* The change point in the number of packages that change per day: the split of the time whose sides differ by the most
 * standard deviations, for counts of independent events. */
#include "chunker/regime.h"

enum { DAY_SECONDS = 24 * 60 * 60 };

/* On Debian 12, from half a year after its release on, the point lies in its freeze, March 2023, at 8 to 40 standard
 * deviations, and changes fall to a quarter or a fifth. The changelogs of CBL-Mariner 2 have no such point. */
enum { FALL_MIN = 3, DEVIATIONS_MIN = 8, SIDE_DAYS_MIN = 60 };
/* Fewer changes since then than one per this number of packages are too few to judge by. */
enum { PACKAGES_PER_CHANGE = 4 };

/* Changes of packages by their age in days; several of one package on one day count once. */
typedef struct {
  guint32 *by_age;
  guint32 n_days; /* to the oldest change */
  guint64 n_changes, n_packages;
} Changes;

static void
count_component (Changes *changes, const VarveComponent *component, gint64 today, guint32 window_days)
{
  gint64 last_age = -1;
  for (guint i = 0; i < component->change_times->len; i++)
    {
      gint64 age = today - g_array_index (component->change_times, gint64, i) / DAY_SECONDS;
      if (age < 0 || age >= window_days || age == last_age)
        continue;
      last_age = age;
      changes->by_age[age]++;
      changes->n_changes++;
      changes->n_days = MAX (changes->n_days, (guint32)age + 1);
    }
}

/* The squared number of standard deviations by which the @n changes of the @days newest days are below their share; 0
 * if they are above it. */
static guint64
contrast (const Changes *changes, guint32 days, guint64 n)
{
  guint64 expected = changes->n_changes * days, found = n * changes->n_days;
  if (found >= expected)
    return 0;
  unsigned __int128 lack = expected - found;
  unsigned __int128 variance = (unsigned __int128)changes->n_changes * days * (changes->n_days - days);
  return (guint64)MIN (lack * lack / variance, G_MAXUINT64);
}

/* Whether the @days newest days with @n changes, those with the largest contrast, are a regime of their own with enough
 * data. */
static gboolean
is_regime (const Changes *changes, guint32 days, guint64 n)
{
  guint64 older = changes->n_changes - n, older_days = changes->n_days - days;
  return contrast (changes, days, n) >= DEVIATIONS_MIN * DEVIATIONS_MIN && days >= SIDE_DAYS_MIN
         && older_days >= SIDE_DAYS_MIN && older * days >= FALL_MIN * n * older_days
         && n * PACKAGES_PER_CHANGE >= changes->n_packages;
}

/* Days since the change point, or 0. */
static guint32
find_regime (const Changes *changes)
{
  guint64 most = 0, n = 0, n_found = 0;
  guint32 found = 0;
  for (guint32 days = 1; days < changes->n_days; days++)
    {
      n += changes->by_age[days - 1];
      guint64 here = contrast (changes, days, n);
      if (here <= most)
        continue;
      most = here;
      found = days;
      n_found = n;
    }
  return found > 0 && is_regime (changes, found, n_found) ? found : 0;
}

guint32
varve_regime_days (const VarveComponents *components, gint64 now, guint32 window_days)
{
  g_autofree guint32 *by_age = g_new0 (guint32, MAX (window_days, 1));
  Changes changes = { .by_age = by_age };
  for (guint32 i = 0; i < components->components->len; i++)
    {
      const VarveComponent *component = varve_components_get (components, i);
      if (component->kind != VARVE_COMPONENT_PACKAGE)
        continue;
      changes.n_packages++;
      count_component (&changes, component, now / DAY_SECONDS, window_days);
    }
  guint32 found = find_regime (&changes);
  return found > 0 ? found : window_days;
}
