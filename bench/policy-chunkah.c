/* SPDX-License-Identifier: Apache-2.0 */
/* The packer of chunkah 0.6, written from a description of it. Its components are source packages, the initramfs (a
 * large unclaimed file) and the other unclaimed files. The probability that a component stays is exp (-7 days * entries
 * / span of the changelog); the table has only the entries of a year, so the span is a year. */
#include "bench/policy.h"

#include <math.h>
#include <string.h>

#include "base/fasthash.h"
#include "bench/median.h"

static const double STABILITY_QUIET = 0.99; /* no entry in a year */
static const double OUTLIER_DEVIATIONS = 1.5, OUTLIER_SHARE = 0.8, DEVIATION_MIN = 0.01;
enum { PERIOD_DAYS = 7, YEAR_DAYS = 365 };

/* A component's full name is its prefix and its name, hashed as Rust hashes a string: the bytes, then 0xff. */
static const char PACKAGE_PREFIX[] = "rpm/", BIG_FILE_PREFIX[] = "bigfiles/", UNCLAIMED_PREFIX[] = "chunkah/";
static const guint64 FNV_OFFSET = G_GUINT64_CONSTANT (0xcbf29ce484222325),
                     FNV_PRIME = G_GUINT64_CONSTANT (0x100000001b3);

typedef struct {
  const char *prefix, *name;
  guint64 size_bytes;
  double stability;
  guint32 layer;
} Component;

/* Components that share bins by hash. */
typedef enum { TIER_HIGH, TIER_MIDDLE, TIER_LOW, N_TIERS } Tier;

static guint64
hash_text (guint64 hash, const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    hash = (hash ^ (guint8)*c) * FNV_PRIME;
  return hash;
}

static guint64
hash_name (const Component *component)
{
  guint64 hash = hash_text (hash_text (FNV_OFFSET, component->prefix), component->name);
  return (hash ^ 0xff) * FNV_PRIME;
}

static const char *
prefix_of (const VarveReleasePackage *package)
{
  if (package->kind == VARVE_COMPONENT_PACKAGE)
    return PACKAGE_PREFIX;
  return package->kind == VARVE_COMPONENT_INITRAMFS ? BIG_FILE_PREFIX : UNCLAIMED_PREFIX;
}

static double
stability_of (const VarveReleasePackage *package)
{
  if (package->kind != VARVE_COMPONENT_PACKAGE)
    return 0;
  if (package->changelog_entries == VARVE_COMPONENTS_TABLE_UNKNOWN || package->changelog_entries == 0)
    return STABILITY_QUIET;
  return exp (-(double)PERIOD_DAYS * package->changelog_entries / YEAR_DAYS);
}

/* A source package is as unstable as the most unstable of its binaries. */
static GArray *
list_components (const VarveRelease *release, guint32 *out_component_of)
{
  GArray *components = g_array_new (FALSE, FALSE, sizeof (Component));
  g_autoptr (GHashTable) by_source = g_hash_table_new (varve_fasthash_string, g_str_equal);
  for (guint32 i = 0; i < release->n_packages; i++)
    {
      const VarveReleasePackage *package = &release->packages[i];
      gpointer found;
      if (!g_hash_table_lookup_extended (by_source, package->source, NULL, &found))
        {
          found = GUINT_TO_POINTER (components->len);
          Component component = { .prefix = prefix_of (package), .name = package->source, .stability = 1 };
          g_array_append_val (components, component);
          g_hash_table_insert (by_source, (gpointer)package->source, found);
        }
      Component *component = &g_array_index (components, Component, GPOINTER_TO_UINT (found));
      component->size_bytes += package->size_bytes;
      component->stability = MIN (component->stability, stability_of (package));
      out_component_of[i] = GPOINTER_TO_UINT (found);
    }
  return components;
}

static double
outlier_limit (GPtrArray *components)
{
  guint n = components->len;
  g_autofree double *values = g_new (double, n);
  for (guint i = 0; i < n; i++)
    values[i] = (double)((const Component *)components->pdata[i])->size_bytes;
  double center = varve_median (values, n);
  for (guint i = 0; i < n; i++)
    values[i] = fabs (values[i] - center);
  double deviation = varve_median (values, n);
  return deviation < DEVIATION_MIN * center ? center : center + OUTLIER_DEVIATIONS * deviation;
}

static int
compare_sizes (gconstpointer a, gconstpointer b)
{
  const Component *left = *(Component *const *)a, *right = *(Component *const *)b;
  if (left->size_bytes != right->size_bytes)
    return left->size_bytes > right->size_bytes ? -1 : 1;
  return strcmp (left->name, right->name);
}

/* The number of components, sorted by descending size, with a layer of their own. */
static guint
count_outliers (GPtrArray *components, guint32 max_layers)
{
  double limit = outlier_limit (components);
  guint max = (guint)(OUTLIER_SHARE * (max_layers - 1)), n = 0;
  while (n < MIN (max, components->len) && (double)((const Component *)components->pdata[n])->size_bytes >= limit)
    n++;
  return n;
}

static void
sort_into_tiers (GPtrArray *components, guint first, GPtrArray **tiers)
{
  double n = components->len - first, sum = 0, squares = 0;
  for (guint i = first; i < components->len; i++)
    sum += ((const Component *)components->pdata[i])->stability;
  for (guint i = first; i < components->len; i++)
    {
      double distance = ((const Component *)components->pdata[i])->stability - sum / n;
      squares += distance * distance;
    }
  double mean = sum / n, deviation = sqrt (squares / n);
  for (guint i = first; i < components->len; i++)
    {
      double stability = ((const Component *)components->pdata[i])->stability;
      Tier tier = TIER_MIDDLE;
      if (stability >= mean + deviation)
        tier = TIER_HIGH;
      else if (stability <= mean - deviation)
        tier = TIER_LOW;
      g_ptr_array_add (tiers[tier], components->pdata[i]);
    }
}

/* An empty bin gets the largest component that shares one. */
static void
fill_bin (GPtrArray *tier, const guint32 *counts, guint32 first_layer, guint32 bin)
{
  for (guint i = 0; i < tier->len; i++)
    {
      Component *component = tier->pdata[i];
      if (counts[component->layer - first_layer] > 1)
        {
          component->layer = first_layer + bin;
          return;
        }
    }
}

/* @tier is sorted by descending size. */
static void
pack_tier (GPtrArray *tier, guint32 first_layer, guint32 n_bins)
{
  g_autofree guint32 *counts = g_new (guint32, n_bins);
  for (guint i = 0; i < tier->len; i++)
    {
      Component *component = tier->pdata[i];
      component->layer = first_layer + (guint32)(hash_name (component) % n_bins);
    }
  for (guint32 bin = 0; bin < n_bins; bin++)
    {
      memset (counts, 0, n_bins * sizeof *counts);
      for (guint i = 0; i < tier->len; i++)
        counts[((const Component *)tier->pdata[i])->layer - first_layer]++;
      if (counts[bin] == 0)
        fill_bin (tier, counts, first_layer, bin);
    }
}

/* Bins are assigned in proportion to the components of a tier, at least one, and all others to the last tier with
 * components; if there are fewer bins than tiers, the last tiers share one. */
static void
pack_tiers (GPtrArray **tiers, guint n_components, guint32 first_layer, guint32 n_bins)
{
  Tier last = TIER_LOW;
  while (last > TIER_HIGH && tiers[last]->len == 0)
    last--;
  guint32 next = 0;
  for (Tier tier = TIER_HIGH; tier <= last; tier++)
    {
      if (tiers[tier]->len == 0)
        continue;
      guint32 start = MIN (next, n_bins - 1);
      guint32 share = MAX (1, (guint32)((guint64)n_bins * tiers[tier]->len / n_components));
      guint32 n = tier == last ? n_bins - start : MIN (share, n_bins - start);
      pack_tier (tiers[tier], first_layer + start, n);
      next = start + n;
    }
}

static void
chunkah_pack (GArray *components, guint32 max_layers)
{
  g_autoptr (GPtrArray) by_size = g_ptr_array_new ();
  for (guint i = 0; i < components->len; i++)
    g_ptr_array_add (by_size, &g_array_index (components, Component, i));
  g_ptr_array_sort (by_size, compare_sizes);
  guint n_alone = components->len <= max_layers ? components->len : count_outliers (by_size, max_layers);
  for (guint i = 0; i < n_alone; i++)
    ((Component *)by_size->pdata[i])->layer = i;
  if (n_alone == by_size->len)
    return;
  GPtrArray *tiers[N_TIERS];
  for (Tier tier = 0; tier < N_TIERS; tier++)
    tiers[tier] = g_ptr_array_new ();
  sort_into_tiers (by_size, n_alone, tiers);
  pack_tiers (tiers, by_size->len - n_alone, n_alone, max_layers - n_alone);
  for (Tier tier = 0; tier < N_TIERS; tier++)
    g_ptr_array_unref (tiers[tier]);
}

static gpointer
chunkah_create (const VarvePolicyOptions *options)
{
  return g_memdup2 (&options->max_layers, sizeof options->max_layers);
}

static void
chunkah_step (gpointer state, const VarveRelease *release, const VarvePolicyLayout *out_layout)
{
  g_autofree guint32 *component_of = g_new (guint32, release->n_packages);
  g_autoptr (GArray) components = list_components (release, component_of);
  chunkah_pack (components, *(const guint32 *)state);
  for (guint32 i = 0; i < release->n_packages; i++)
    out_layout->layers[i] = g_array_index (components, Component, component_of[i]).layer;
}

const VarvePolicy varve_policy_chunkah = { "chunkah", chunkah_create, chunkah_step, g_free };
