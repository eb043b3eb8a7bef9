/* SPDX-License-Identifier: Apache-2.0 */
/* best[j] is the least cost of the first j loads in exactly k runs; the row of each k is computed from the row of k
 * - 1. The cost of a run takes constant time: risks and sizes come from running sums, the union of events from two
 * overlapping runs whose length is a power of two. */
#include "chunker/partition.h"

enum { LEVELS_MAX = 14 }; /* 2^13 is VARVE_PARTITION_LOADS_MAX */

typedef struct {
  VarveLoad *sums;                 /* sums[j]: of the first j loads, without events */
  VarveEvents *unions[LEVELS_MAX]; /* unions[k][j]: of the 2^k loads from j on */
} Runs;

typedef struct {
  const VarveCostModel *model;
  const Runs *runs;
  const guint64 *before; /* best for one run less */
  guint64 *best;
  guint32 *starts; /* where the last run starts in the best for the first j */
} Row;

static guint64
run_cost (const Row *row, guint32 start, guint32 end)
{
  const VarveLoad *from = &row->runs->sums[start], *to = &row->runs->sums[end];
  VarveLoad load = {
    .risk = to->risk - from->risk,
    .unseen_risk = to->unseen_risk - from->unseen_risk,
    .size_bytes = to->size_bytes - from->size_bytes,
    .expected = to->expected - from->expected,
  };
  guint level = g_bit_storage (end - start) - 1;
  const VarveEvents *unions = row->runs->unions[level];
  load.changed = varve_events_union (unions[start], unions[end - (1u << level)]);
  return varve_cost (row->model, &load);
}

/* Fills best[low … high], whose last runs are known to start within low_start … high_start. */
static void
row_fill (const Row *row, guint32 low, guint32 high, guint32 low_start, guint32 high_start)
{
  guint32 middle = low + (high - low) / 2;
  guint64 best = G_MAXUINT64;
  guint32 best_start = low_start;
  for (guint32 start = low_start; start <= MIN (high_start, middle - 1); start++)
    {
      guint64 cost = row->before[start] + run_cost (row, start, middle);
      if (cost >= best)
        continue;
      best = cost;
      best_start = start;
    }
  row->best[middle] = best;
  row->starts[middle] = best_start;
  if (middle > low)
    row_fill (row, low, middle - 1, low_start, best_start);
  if (middle < high)
    row_fill (row, middle + 1, high, best_start, high_start);
}

static void
runs_init (Runs *runs, const VarveLoad *loads, guint32 n_loads)
{
  runs->sums = g_new0 (VarveLoad, n_loads + 1);
  runs->unions[0] = g_new (VarveEvents, n_loads);
  for (guint32 i = 0; i < n_loads; i++)
    {
      runs->sums[i + 1] = varve_load_add (&runs->sums[i], &loads[i]);
      runs->unions[0][i] = loads[i].changed;
    }
  for (guint level = 1; n_loads >> level > 0; level++)
    {
      guint32 half = 1u << (level - 1), n = n_loads - 2 * half + 1;
      runs->unions[level] = g_new (VarveEvents, n);
      for (guint32 i = 0; i < n; i++)
        runs->unions[level][i] = varve_events_union (runs->unions[level - 1][i], runs->unions[level - 1][i + half]);
    }
}

static void
runs_clear (Runs *runs)
{
  g_clear_pointer (&runs->sums, g_free);
  for (guint level = 0; level < LEVELS_MAX; level++)
    g_clear_pointer (&runs->unions[level], g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Runs, runs_clear)

/* Writes the runs of the first @n_loads, from the last one back. */
static void
write_runs (const guint32 *starts, guint32 n_loads, guint32 n_runs, guint32 *out_layers)
{
  guint32 end = n_loads;
  for (guint32 run = n_runs; run-- > 0;)
    {
      guint32 start = starts[run * (gsize)(n_loads + 1) + end];
      for (guint32 i = start; i < end; i++)
        out_layers[i] = run;
      end = start;
    }
}

guint32
varve_partition (const VarveCostModel *model, const VarveLoad *loads, guint32 n_loads, guint32 max_layers,
                 guint32 *out_layers)
{
  g_return_val_if_fail (n_loads <= VARVE_PARTITION_LOADS_MAX && max_layers > 0, 0);
  if (n_loads == 0)
    return 0;
  guint32 max_runs = MIN (max_layers, n_loads), n_runs = 1;
  g_auto (Runs) runs = { 0 };
  runs_init (&runs, loads, n_loads);
  g_autofree guint32 *starts = g_new0 (guint32, max_runs * (gsize)(n_loads + 1));
  g_autofree guint64 *before = g_new (guint64, n_loads + 1), *best = g_new (guint64, n_loads + 1);
  Row row = { .model = model, .runs = &runs, .starts = starts, .best = best };
  best[0] = 0; /* unused: every run has a load */
  for (guint32 end = 1; end <= n_loads; end++)
    best[end] = run_cost (&row, 0, end);
  guint64 least = best[n_loads];
  for (guint32 n = 2; n <= max_runs; n++)
    {
      guint64 *filled = best;
      best = before;
      before = filled;
      row = (Row){ model, &runs, before, best, starts + (n - 1) * (gsize)(n_loads + 1) };
      row_fill (&row, n, n_loads, n - 1, n_loads - 1);
      if (best[n_loads] >= least)
        continue;
      least = best[n_loads];
      n_runs = n;
    }
  write_runs (starts, n_loads, n_runs, out_layers);
  return n_runs;
}
