/* best[j] is the least cost of the first j loads in exactly k runs; a row of it for each k from the row before. */
#include "chunker/partition.h"

typedef struct {
  const VarveCostModel *model;
  const VarveLoad *sums; /* sums[j]: of the first j loads */
  const guint64 *before; /* best for one run less */
  guint64 *best;
  guint32 *starts;       /* where the last run starts in the best for the first j */
} Row;

static guint64
run_cost (const Row *row, guint32 start, guint32 end)
{
  const VarveLoad *from = &row->sums[start], *to = &row->sums[end];
  return varve_cost (row->model, to->risk - from->risk, to->size_bytes - from->size_bytes);
}

/* Fills best[low … high], whose last runs are known to start within low_start … high_start. */
static void
fill (const Row *row, guint32 low, guint32 high, guint32 low_start, guint32 high_start)
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
    fill (row, low, middle - 1, low_start, best_start);
  if (middle < high)
    fill (row, middle + 1, high, best_start, high_start);
}

static VarveLoad *
sum_up (const VarveLoad *loads, guint32 n_loads)
{
  VarveLoad *sums = g_new0 (VarveLoad, n_loads + 1);
  for (guint32 i = 0; i < n_loads; i++)
    {
      sums[i + 1].risk = sums[i].risk + loads[i].risk;
      sums[i + 1].size_bytes = sums[i].size_bytes + loads[i].size_bytes;
    }
  return sums;
}

/* Writes the runs of the first @n_loads, from the last one back. */
static void
follow (const guint32 *starts, guint32 n_loads, guint32 n_runs, guint32 *out_layers)
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
  g_autofree VarveLoad *sums = sum_up (loads, n_loads);
  g_autofree guint32 *starts = g_new0 (guint32, max_runs * (gsize)(n_loads + 1));
  g_autofree guint64 *before = g_new (guint64, n_loads + 1), *best = g_new (guint64, n_loads + 1);
  Row row = { .model = model, .sums = sums, .starts = starts, .best = best };
  for (guint32 end = 0; end <= n_loads; end++)
    best[end] = run_cost (&row, 0, end);
  guint64 least = best[n_loads];
  for (guint32 runs = 2; runs <= max_runs; runs++)
    {
      guint64 *filled = best;
      best = before;
      before = filled;
      row = (Row){ model, sums, before, best, starts + (runs - 1) * (gsize)(n_loads + 1) };
      fill (&row, runs, n_loads, runs - 1, n_loads - 1);
      if (best[n_loads] >= least)
        continue;
      least = best[n_loads];
      n_runs = runs;
    }
  follow (starts, n_loads, n_runs, out_layers);
  return n_runs;
}
