#include "chunker/refine.h"

/* Each pass is O(loads * layers), or O(loads²) for exchanges. What a further pass finds is next to nothing. */
enum { PASSES_MAX = 4, EXCHANGE_LOADS_MAX = 1024 };

typedef struct {
  VarveLoad load;
  guint32 n_loads;
  guint64 cost;
} Layer;

typedef struct {
  const VarveCostModel *model;
  const VarveLoad *loads;
  guint32 n_loads;
  Layer *layers;
  guint32 n_layers;
  guint32 *layer_of;
} Search;

static guint64
layer_cost (const VarveCostModel *model, const Layer *layer)
{
  return layer->n_loads > 0 ? varve_cost (model, layer->load.risk, layer->load.size_bytes) : 0;
}

static void
add (Layer *layer, const VarveLoad *load)
{
  layer->load.risk += load->risk;
  layer->load.size_bytes += load->size_bytes;
  layer->n_loads++;
}

static void
remove_from (Layer *layer, const VarveLoad *load)
{
  layer->load.risk -= load->risk;
  layer->load.size_bytes -= load->size_bytes;
  layer->n_loads--;
}

static void
search_init (Search *search)
{
  search->layers = g_new0 (Layer, search->n_layers);
  for (guint32 i = 0; i < search->n_loads; i++)
    add (&search->layers[search->layer_of[i]], &search->loads[i]);
  for (guint32 i = 0; i < search->n_layers; i++)
    search->layers[i].cost = layer_cost (search->model, &search->layers[i]);
}

static guint64
total_cost (const Search *search)
{
  guint64 total = 0;
  for (guint32 i = 0; i < search->n_layers; i++)
    total += search->layers[i].cost;
  return total;
}

/* Moves one load to where it saves most, if anywhere. Only the first empty layer is looked at: all are alike. */
static gboolean
move (Search *search, guint32 index)
{
  const VarveLoad *load = &search->loads[index];
  Layer *from = &search->layers[search->layer_of[index]], without = *from, best_with = { 0 };
  gboolean seen_empty = from->n_loads == 1;
  guint32 best = search->n_layers;
  remove_from (&without, load);
  without.cost = layer_cost (search->model, &without);
  guint64 best_saved = 0, freed = from->cost > without.cost ? from->cost - without.cost : 0;
  for (guint32 i = 0; i < search->n_layers; i++)
    {
      Layer with = search->layers[i];
      if (i == search->layer_of[index] || (with.n_loads == 0 && seen_empty))
        continue;
      seen_empty = seen_empty || with.n_loads == 0;
      add (&with, load);
      with.cost = layer_cost (search->model, &with);
      guint64 added = with.cost - search->layers[i].cost;
      if (added >= freed || freed - added <= best_saved)
        continue;
      best_saved = freed - added;
      best = i;
      best_with = with;
    }
  if (best == search->n_layers)
    return FALSE;
  *from = without;
  search->layers[best] = best_with;
  search->layer_of[index] = best;
  return TRUE;
}

/* Exchanges two loads of different layers if that saves anything. */
static gboolean
exchange (Search *search, guint32 a, guint32 b)
{
  if (search->layer_of[a] == search->layer_of[b])
    return FALSE;
  Layer *layer_a = &search->layers[search->layer_of[a]], *layer_b = &search->layers[search->layer_of[b]];
  Layer new_a = *layer_a, new_b = *layer_b;
  remove_from (&new_a, &search->loads[a]);
  add (&new_a, &search->loads[b]);
  remove_from (&new_b, &search->loads[b]);
  add (&new_b, &search->loads[a]);
  new_a.cost = layer_cost (search->model, &new_a);
  new_b.cost = layer_cost (search->model, &new_b);
  if (new_a.cost + new_b.cost >= layer_a->cost + layer_b->cost)
    return FALSE;
  *layer_a = new_a;
  *layer_b = new_b;
  guint32 layer_of_a = search->layer_of[a];
  search->layer_of[a] = search->layer_of[b];
  search->layer_of[b] = layer_of_a;
  return TRUE;
}

static gboolean
pass (Search *search, const guint32 *order)
{
  gboolean changed = FALSE;
  for (guint32 i = 0; i < search->n_loads; i++)
    changed |= move (search, order[i]);
  if (search->n_loads > EXCHANGE_LOADS_MAX)
    return changed;
  for (guint32 i = 0; i < search->n_loads; i++)
    for (guint32 j = i + 1; j < search->n_loads; j++)
      changed |= exchange (search, order[i], order[j]);
  return changed;
}

static int
compare_larger_first (gconstpointer a, gconstpointer b, gpointer loads)
{
  guint64 left = ((const VarveLoad *)loads)[*(const guint32 *)a].size_bytes;
  guint64 right = ((const VarveLoad *)loads)[*(const guint32 *)b].size_bytes;
  return (left < right) - (left > right);
}

guint64
varve_refine (const VarveCostModel *model, const VarveLoad *loads, guint32 n_loads, guint32 max_layers, guint32 *layers)
{
  Search search = { .model = model, .loads = loads, .n_loads = n_loads, .n_layers = max_layers, .layer_of = layers };
  search_init (&search);
  g_autofree Layer *owned = search.layers;
  g_autofree guint32 *order = g_new (guint32, n_loads);
  for (guint32 i = 0; i < n_loads; i++)
    order[i] = i;
  g_qsort_with_data (order, (gint)n_loads, sizeof *order, compare_larger_first, (gpointer)loads);
  for (guint passes = 0; passes < PASSES_MAX && pass (&search, order); passes++)
    ;
  return total_cost (&search);
}

guint64
varve_refine_cost (const VarveCostModel *model, const VarveLoad *loads, guint32 n_loads, guint32 max_layers,
                   const guint32 *layers)
{
  g_autofree guint32 *layer_of = g_memdup2 (layers, n_loads * sizeof *layers);
  Search search = { .model = model, .loads = loads, .n_loads = n_loads, .n_layers = max_layers, .layer_of = layer_of };
  search_init (&search);
  g_autofree Layer *owned = search.layers;
  return total_cost (&search);
}
