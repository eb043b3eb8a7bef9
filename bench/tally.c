/* SPDX-License-Identifier: Apache-2.0 */
/* Layers without a blob are compared by their lists of builds, not by a hash. */
#include "bench/tally.h"

enum { LAGS = 3 };

struct _VarveTally {
  GHashTable *layers[LAGS]; /* of the last releases, the newest first: GBytes of its identity; NULL: none */
  GArray *steps;            /* guint64, bytes */
  guint64 lag3_total_bytes, full_total_bytes, stale_total_bytes;
  guint32 lag3_steps, max_layers;
};

VarveTally *
varve_tally_new (void)
{
  VarveTally *tally = g_new0 (VarveTally, 1);
  tally->steps = g_array_new (FALSE, FALSE, sizeof (guint64));
  return tally;
}

static void
tally_forget (VarveTally *tally)
{
  for (guint i = 0; i < LAGS; i++)
    g_clear_pointer (&tally->layers[i], g_hash_table_unref);
}

void
varve_tally_free (VarveTally *tally)
{
  tally_forget (tally);
  g_array_unref (tally->steps);
  g_free (tally);
}

/* The packages of each layer in order of name: layer i has packages[starts[i]] up to packages[starts[i + 1] - 1]. */
typedef struct {
  guint32 *starts, *packages, n_layers;
} Layout;

static Layout
layout_of (const VarveRelease *release, const guint32 *layers)
{
  Layout layout = { 0 };
  for (guint32 i = 0; i < release->n_packages; i++)
    layout.n_layers = MAX (layout.n_layers, layers[i] + 1);
  layout.starts = g_new0 (guint32, layout.n_layers + 2);
  layout.packages = g_new (guint32, release->n_packages);
  for (guint32 i = 0; i < release->n_packages; i++)
    layout.starts[layers[i] + 2]++;
  for (guint32 i = 2; i < layout.n_layers + 2; i++)
    layout.starts[i] += layout.starts[i - 1];
  for (guint32 i = 0; i < release->n_packages; i++)
    layout.packages[layout.starts[layers[i] + 1]++] = i;
  return layout;
}

/* The costs of the new release, and its layers. */
typedef struct {
  GHashTable *layers;
  guint64 full_bytes, stale_bytes, lag_bytes[LAGS];
} Cost;

/* No build has the number that marks a blob. */
static GBytes *
identity_of (const VarveRelease *release, const guint32 *packages, guint32 n_packages, guint64 blob)
{
  const guint32 number[] = { G_MAXUINT32, (guint32)(blob >> 32), (guint32)blob };
  if (blob != 0)
    return g_bytes_new (number, sizeof number);
  g_autofree guint32 *builds = g_new (guint32, n_packages);
  for (guint32 i = 0; i < n_packages; i++)
    builds[i] = release->packages[packages[i]].build;
  return g_bytes_new_take (g_steal_pointer (&builds), n_packages * sizeof *builds);
}

static void
tally_add_layer (VarveTally *tally, Cost *cost, const VarveRelease *release, const guint32 *packages,
                 guint32 n_packages, guint64 blob, guint64 stale_bytes)
{
  guint64 size_bytes = stale_bytes;
  for (guint32 i = 0; i < n_packages; i++)
    size_bytes += release->packages[packages[i]].size_bytes;
  GBytes *layer = identity_of (release, packages, n_packages, blob);
  cost->full_bytes += size_bytes;
  cost->stale_bytes += stale_bytes;
  for (guint lag = 0; lag < LAGS; lag++)
    if (tally->layers[lag] == NULL || !g_hash_table_contains (tally->layers[lag], layer))
      cost->lag_bytes[lag] += size_bytes;
  g_hash_table_add (cost->layers, layer);
}

static Cost
tally_cost (VarveTally *tally, const VarveRelease *release, const VarvePolicyLayout *policy)
{
  Cost cost = { .layers = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL) };
  Layout layout = layout_of (release, policy->layers);
  for (guint32 i = 0; i < layout.n_layers; i++)
    if (layout.starts[i + 1] > layout.starts[i])
      tally_add_layer (tally, &cost, release, layout.packages + layout.starts[i],
                       layout.starts[i + 1] - layout.starts[i], policy->blobs[i], policy->stale_bytes[i]);
  g_free (layout.starts);
  g_free (layout.packages);
  return cost;
}

void
varve_tally_add (VarveTally *tally, const VarveRelease *release, const VarvePolicyLayout *layout, VarveTallyMode mode)
{
  if (release->is_first)
    tally_forget (tally);
  Cost cost = tally_cost (tally, release, layout);
  if (mode == VARVE_TALLY_COUNTED && tally->layers[0] != NULL)
    {
      g_array_append_val (tally->steps, cost.lag_bytes[0]);
      tally->full_total_bytes += cost.full_bytes;
      tally->stale_total_bytes += cost.stale_bytes;
      tally->max_layers = MAX (tally->max_layers, g_hash_table_size (cost.layers));
      if (tally->layers[LAGS - 1] != NULL)
        {
          tally->lag3_total_bytes += cost.lag_bytes[LAGS - 1];
          tally->lag3_steps++;
        }
    }
  g_clear_pointer (&tally->layers[LAGS - 1], g_hash_table_unref);
  for (guint lag = LAGS - 1; lag > 0; lag--)
    tally->layers[lag] = tally->layers[lag - 1];
  tally->layers[0] = cost.layers;
}

static int
compare_sizes (gconstpointer a, gconstpointer b)
{
  guint64 left = *(const guint64 *)a, right = *(const guint64 *)b;
  return (left > right) - (left < right);
}

static guint64
rounded_mean (guint64 total, guint32 n)
{
  return n > 0 ? (total + n / 2) / n : 0;
}

VarveTallyResult
varve_tally_finish (VarveTally *tally)
{
  guint n = tally->steps->len;
  VarveTallyResult result = { .steps = n,
                              .full_total_bytes = tally->full_total_bytes,
                              .stale_total_bytes = tally->stale_total_bytes,
                              .max_layers = tally->max_layers };
  if (n == 0)
    return result;
  g_array_sort (tally->steps, compare_sizes);
  const guint64 *steps = (const guint64 *)(const void *)tally->steps->data;
  for (guint i = 0; i < n; i++)
    result.total_bytes += steps[i];
  result.mean_bytes = rounded_mean (result.total_bytes, n);
  result.median_bytes = rounded_mean (steps[(n - 1) / 2] + steps[n / 2], 2);
  result.p90_bytes = steps[(n * 9 + 9) / 10 - 1]; /* the nearest rank */
  result.lag3_mean_bytes = rounded_mean (tally->lag3_total_bytes, tally->lag3_steps);
  result.full_mean_bytes = rounded_mean (tally->full_total_bytes, n);
  return result;
}

double
varve_tally_stale_share (const VarveTallyResult *result)
{
  return result->full_total_bytes > 0 ? (double)result->stale_total_bytes / (double)result->full_total_bytes : 0;
}
