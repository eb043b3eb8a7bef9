/* SPDX-License-Identifier: Apache-2.0 */
/* The packer of ostree-ext, which rpm-ostree and bootc use, after its chunking.rs of 2026, including its quirks. Its
 * components are binary packages; the frequency of a package is the number of its changelog entries in the last year.
 * Where the original panics (no package of medium size), this one continues. */
#include "bench/policy.h"

#include <math.h>
#include <string.h>

#include "base/fasthash.h"

static const float HIGH_SIZE_CUTOFF = 0.6f;
static const double THRESHOLD = 2;
enum { LOW_SIZE_BINS = 1, NEW_BINS = 1 };
/* For packages without entries in the table: a Fedora package gets at least one mass rebuild a year. */
enum { ENTRIES_UNKNOWN = 1 };

/* In the order in which buckets are cut into bins: each large component has its own bin, the small ones share one, the
 * others are sorted by frequency (high, medium, low) and within each by size (high, low, medium, the sort order of the
 * names of these buckets). */
typedef enum { BUCKET_LARGE, BUCKET_SMALL, BUCKET_FIRST_MEDIUM, N_BUCKETS = BUCKET_FIRST_MEDIUM + 9 } Bucket;

typedef struct {
  guint64 size_bytes;
  guint32 frequency; /* G_MAXUINT32: changes in every release */
  guint32 package;   /* index into the release's */
  char *identifier;
} Component;

static void
component_clear (gpointer data)
{
  g_free (((Component *)data)->identifier);
}

static int
compare_components (gconstpointer a, gconstpointer b)
{
  const Component *left = a, *right = b;
  if (left->size_bytes != right->size_bytes)
    return left->size_bytes > right->size_bytes ? -1 : 1;
  return strcmp (left->identifier, right->identifier);
}

/* Descending by size, then by name and version. */
static GArray *
list_components (const VarveRelease *release)
{
  GArray *components = g_array_new (FALSE, FALSE, sizeof (Component));
  g_array_set_clear_func (components, component_clear);
  for (guint32 i = 0; i < release->n_packages; i++)
    {
      const VarveReleasePackage *package = &release->packages[i];
      gboolean is_known = package->changelog_entries != VARVE_COMPONENTS_TABLE_UNKNOWN;
      Component component = { .size_bytes = package->size_bytes, .package = i };
      component.frequency = is_known ? package->changelog_entries : ENTRIES_UNKNOWN;
      if (package->kind != VARVE_COMPONENT_PACKAGE)
        component.frequency = G_MAXUINT32;
      component.identifier = g_strconcat (package->name, "-", package->version, NULL);
      g_array_append_val (components, component);
    }
  g_array_sort (components, compare_components);
  return components;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

static double
median_of_sorted (const double *values, guint n)
{
  return n % 2 == 1 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

/* Median, and the median of the distances from it. */
static void
median_deviation (GPtrArray *components, double *out_median, double *out_deviation)
{
  guint n = components->len;
  g_autofree double *values = g_new (double, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    values[i] = (double)((const Component *)components->pdata[i])->size_bytes;
  qsort (values, n, sizeof *values, compare_doubles);
  *out_median = median_of_sorted (values, n);
  for (guint i = 0; i < n; i++)
    values[i] = fabs (values[i] - *out_median);
  qsort (values, n, sizeof *values, compare_doubles);
  *out_deviation = median_of_sorted (values, n);
}

/* Values up to low are low, values from high on are high. */
typedef struct {
  double low, high;
} Limits;

static Limits
limits_around (double center, double deviation)
{
  return (Limits){ 0.5 * fabs (center - THRESHOLD * deviation), center + THRESHOLD * deviation };
}

typedef enum { FIELD_SIZE, FIELD_FREQUENCY } Field;

static double
value_of (const Component *component, Field field)
{
  return field == FIELD_SIZE ? (double)component->size_bytes : (double)component->frequency;
}

static Limits
limits_by_mean (GPtrArray *components, Field field)
{
  double sum = 0, squares = 0, n = components->len;
  for (guint i = 0; i < components->len; i++)
    sum += value_of (components->pdata[i], field);
  for (guint i = 0; i < components->len; i++)
    {
      double distance = sum / n - value_of (components->pdata[i], field);
      squares += distance * distance;
    }
  return limits_around (sum / n, sqrt (squares / n));
}

static int
compare_frequency (gconstpointer a, gconstpointer b)
{
  const Component *left = *(Component *const *)a, *right = *(Component *const *)b;
  return (left->frequency > right->frequency) - (left->frequency < right->frequency);
}

typedef enum { LEVEL_LOW, LEVEL_MEDIUM, LEVEL_HIGH, N_LEVELS } Level;

/* The places of the levels in the order of buckets. */
static const guint FREQUENCY_ORDER[N_LEVELS] = { 2, 1, 0 }, SIZE_ORDER[N_LEVELS] = { 1, 2, 0 };

static Level
level_of (const Limits *limits, double value)
{
  if (value >= limits->high)
    return LEVEL_HIGH;
  return value <= limits->low ? LEVEL_LOW : LEVEL_MEDIUM;
}

static void
sort_medium (GPtrArray *medium, GPtrArray **buckets)
{
  if (medium->len == 0)
    return;
  g_ptr_array_sort (medium, compare_frequency);
  Limits sizes = limits_by_mean (medium, FIELD_SIZE), frequencies = limits_by_mean (medium, FIELD_FREQUENCY);
  for (guint i = 0; i < medium->len; i++)
    {
      double size = value_of (medium->pdata[i], FIELD_SIZE), frequency = value_of (medium->pdata[i], FIELD_FREQUENCY);
      Level by_frequency = level_of (&frequencies, frequency), by_size = level_of (&sizes, size);
      g_ptr_array_add (buckets[BUCKET_FIRST_MEDIUM + 3 * FREQUENCY_ORDER[by_frequency] + SIZE_ORDER[by_size]],
                       medium->pdata[i]);
    }
}

/* @components are sorted by descending size. The medium ones are then sorted by frequency, which keeps that order among
 * equals. */
static void
sort_into_buckets (GPtrArray *components, guint max_large, GPtrArray **buckets)
{
  double median, deviation;
  median_deviation (components, &median, &deviation);
  Limits limits = limits_around (median, deviation);
  g_autoptr (GPtrArray) spilled = g_ptr_array_new (), medium = g_ptr_array_new ();
  for (guint i = 0; i < components->len; i++)
    {
      double size = value_of (components->pdata[i], FIELD_SIZE);
      if (size >= limits.high)
        g_ptr_array_add (buckets[BUCKET_LARGE]->len < max_large ? buckets[BUCKET_LARGE] : spilled,
                         components->pdata[i]);
      else
        g_ptr_array_add (size <= limits.low ? buckets[BUCKET_SMALL] : medium, components->pdata[i]);
    }
  g_ptr_array_extend (spilled, medium, NULL, NULL);
  sort_medium (spilled, buckets);
}

static GPtrArray *
add_bin (GPtrArray *bins)
{
  GPtrArray *bin = g_ptr_array_new ();
  g_ptr_array_add (bins, bin);
  return bin;
}

static void
add_all (GPtrArray *bins, GPtrArray *components)
{
  g_ptr_array_extend (add_bin (bins), components, NULL, NULL);
}

/* Cuts a bucket into bins of @per_bin components; if that is 0, into an empty bin and one bin for each component. */
static void
cut_medium (GPtrArray *bins, GPtrArray *bucket, guint per_bin)
{
  if (bucket->len == 0)
    return;
  GPtrArray *bin = add_bin (bins);
  for (guint i = 0; i < bucket->len; i++)
    {
      if (bin->len >= MAX (per_bin, i > 0 ? 1 : 0))
        bin = add_bin (bins);
      g_ptr_array_add (bin, bucket->pdata[i]);
    }
}

/* From the end, every second bin is merged with its predecessor. As in the original, the result is inserted one place
 * too late, which mixes buckets, and finally a medium bin with the small one. */
static void
merge_bins (GPtrArray *bins, guint first, guint max_bins)
{
  while (bins->len > max_bins)
    for (guint steps = (bins->len - 1 - first + 1) / 2; steps-- > 0 && bins->len > max_bins;)
      {
        guint i = first + 2 * steps;
        GPtrArray *merged = g_ptr_array_new ();
        g_ptr_array_extend (merged, bins->pdata[i - 1], NULL, NULL);
        g_ptr_array_extend (merged, bins->pdata[i], NULL, NULL);
        g_ptr_array_remove_range (bins, i - 1, 2);
        g_ptr_array_insert (bins, (gint)i, merged);
      }
}

static void
pack_normal (GPtrArray *bins, GPtrArray *components, guint n_bins, guint n_always_bins)
{
  guint n_other = LOW_SIZE_BINS + NEW_BINS + n_always_bins;
  guint max_large = (guint)floorf (HIGH_SIZE_CUTOFF * (float)(n_bins - n_other));
  guint max_medium = n_bins - (max_large + n_other);
  GPtrArray *buckets[N_BUCKETS];
  for (guint i = 0; i < N_BUCKETS; i++)
    buckets[i] = g_ptr_array_new ();
  sort_into_buckets (components, max_large, buckets);
  guint n_rest = max_large + buckets[BUCKET_SMALL]->len;
  guint per_bin = components->len > n_rest ? (components->len - n_rest) / MAX (max_medium, 1) : 0;
  for (guint i = 0; i < buckets[BUCKET_LARGE]->len; i++)
    g_ptr_array_add (add_bin (bins), buckets[BUCKET_LARGE]->pdata[i]);
  if (buckets[BUCKET_SMALL]->len > 0)
    add_all (bins, buckets[BUCKET_SMALL]);
  for (guint i = BUCKET_FIRST_MEDIUM; i < N_BUCKETS; i++)
    cut_medium (bins, buckets[i], per_bin);
  for (guint i = 0; i < N_BUCKETS; i++)
    g_ptr_array_unref (buckets[i]);
  merge_bins (bins, LOW_SIZE_BINS + max_large, n_bins - NEW_BINS - n_always_bins);
}

/* Writes each package's bin and returns the number of bins; the last is empty, for new packages. */
static guint32
ostree_ext_pack (const VarveRelease *release, guint32 n_bins, guint32 *out_layers)
{
  g_autoptr (GArray) components = list_components (release);
  g_autoptr (GPtrArray) bins = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  g_autoptr (GPtrArray) normal = g_ptr_array_new (), always = g_ptr_array_new ();
  for (guint i = 0; i < components->len; i++)
    {
      Component *component = &g_array_index (components, Component, i);
      if (components->len < n_bins)
        g_ptr_array_add (add_bin (bins), component);
      else
        g_ptr_array_add (component->frequency == G_MAXUINT32 ? always : normal, component);
    }
  if (normal->len > 0)
    pack_normal (bins, normal, n_bins, always->len > 0 ? 1 : 0);
  if (always->len > 0)
    add_all (bins, always);
  add_bin (bins);
  for (guint i = 0; i < bins->len; i++)
    for (guint j = 0; j < ((GPtrArray *)bins->pdata[i])->len; j++)
      out_layers[((const Component *)((GPtrArray *)bins->pdata[i])->pdata[j])->package] = i;
  return bins->len;
}

typedef struct {
  guint32 max_layers;
  GHashTable *bins; /* name -> the bin it was in, both in the release before; NULL before the first */
  guint32 last_bin;
} State;

static gpointer
ostree_ext_create (const VarvePolicyOptions *options)
{
  State *state = g_new0 (State, 1);
  state->max_layers = options->max_layers;
  return state;
}

static void
ostree_ext_destroy (gpointer data)
{
  State *state = data;
  g_clear_pointer (&state->bins, g_hash_table_unref);
  g_free (state);
}

static void
ostree_ext_step_anew (gpointer data, const VarveRelease *release, const VarvePolicyLayout *out_layout)
{
  State *state = data;
  ostree_ext_pack (release, state->max_layers, out_layout->layers);
}

/* Keeps the bins of the previous release, by name; new packages join the last bin. */
static void
ostree_ext_keep (const State *state, const VarveRelease *release, guint32 *out_layers)
{
  for (guint32 i = 0; i < release->n_packages; i++)
    {
      gpointer bin;
      gboolean was_there = g_hash_table_lookup_extended (state->bins, release->packages[i].name, NULL, &bin);
      out_layers[i] = was_there ? GPOINTER_TO_UINT (bin) : state->last_bin;
    }
}

static void
ostree_ext_step_with_previous (gpointer data, const VarveRelease *release, const VarvePolicyLayout *out_layout)
{
  State *state = data;
  if (state->bins != NULL)
    ostree_ext_keep (state, release, out_layout->layers);
  else
    {
      state->last_bin = ostree_ext_pack (release, state->max_layers, out_layout->layers) - 1;
      state->bins = g_hash_table_new (varve_fasthash_string, g_str_equal);
    }
  g_hash_table_remove_all (state->bins);
  for (guint32 i = 0; i < release->n_packages; i++)
    g_hash_table_insert (state->bins, (gpointer)release->packages[i].name, GUINT_TO_POINTER (out_layout->layers[i]));
}

const VarvePolicy varve_policy_ostree_ext
    = { "ostree-ext", ostree_ext_create, ostree_ext_step_anew, ostree_ext_destroy };
const VarvePolicy varve_policy_ostree_ext_previous
    = { "ostree-ext-previous", ostree_ext_create, ostree_ext_step_with_previous, ostree_ext_destroy };
