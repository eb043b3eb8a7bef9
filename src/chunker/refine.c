/* SPDX-License-Identifier: Apache-2.0 */
/* A layer's events are a union, from which a load cannot be subtracted. So the loads with each event are counted, which
 * shows the events that only one load has. */
#include "chunker/refine.h"

/* Each pass is O(loads * layers), or O(loads²) for exchanges. Further passes save almost nothing. */
enum { PASSES_MAX = 4, EXCHANGE_LOADS_MAX = 1024 };

typedef struct {
  VarveLoad load;
  guint32 n_loads;
  guint64 cost;
  VarveEvents once;                 /* the events that only one load has */
  guint16 counts[VARVE_EVENTS_MAX]; /* the number of loads with each event */
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
cost_of (const VarveCostModel *model, const VarveLoad *load, guint32 n_loads)
{
  return n_loads > 0 ? varve_cost (model, load) : 0;
}

/* The layer without one of its loads. */
static VarveLoad
layer_without (const Layer *layer, const VarveLoad *load)
{
  VarveEvents own = varve_events_both (load->changed, layer->once);
  return (VarveLoad){
    .risk = layer->load.risk - load->risk,
    .unseen_risk = layer->load.unseen_risk - load->unseen_risk,
    .changed = varve_events_without (layer->load.changed, own),
    .size_bytes = layer->load.size_bytes - load->size_bytes,
    .expected = layer->load.expected - load->expected,
  };
}

static void
layer_count (Layer *layer, VarveEvents changed, int by)
{
  for (guint step = 0; step < VARVE_EVENTS_MAX; step++)
    if (varve_events_has (changed, step))
      layer->counts[step] = (guint16)(layer->counts[step] + by);
  layer->once = (VarveEvents){ { 0, 0 } };
  for (guint step = 0; step < VARVE_EVENTS_MAX; step++)
    if (layer->counts[step] == 1)
      varve_events_set (&layer->once, step);
}

static void
layer_add (const VarveCostModel *model, Layer *layer, const VarveLoad *load)
{
  layer->load = varve_load_add (&layer->load, load);
  layer->n_loads++;
  layer_count (layer, load->changed, 1);
  layer->cost = cost_of (model, &layer->load, layer->n_loads);
}

static void
layer_take (const VarveCostModel *model, Layer *layer, const VarveLoad *load)
{
  layer->load = layer_without (layer, load);
  layer->n_loads--;
  layer_count (layer, load->changed, -1);
  layer->cost = cost_of (model, &layer->load, layer->n_loads);
}

static void
search_init (Search *search)
{
  search->layers = g_new0 (Layer, search->n_layers);
  for (guint32 i = 0; i < search->n_loads; i++)
    layer_add (search->model, &search->layers[search->layer_of[i]], &search->loads[i]);
}

static guint64
total_cost (const Search *search)
{
  guint64 total = 0;
  for (guint32 i = 0; i < search->n_layers; i++)
    total += search->layers[i].cost;
  return total;
}

/* The layer where this load saves most, or its own. Only the first empty layer is tried: all are alike. */
static guint32
search_best_layer (const Search *search, guint32 index)
{
  const VarveLoad *load = &search->loads[index];
  const Layer *from = &search->layers[search->layer_of[index]];
  gboolean seen_empty = from->n_loads == 1;
  VarveLoad rest = layer_without (from, load);
  guint64 rest_cost = cost_of (search->model, &rest, from->n_loads - 1);
  guint64 best_saved = 0, freed = from->cost > rest_cost ? from->cost - rest_cost : 0;
  guint32 best = search->layer_of[index];
  for (guint32 i = 0; i < search->n_layers; i++)
    {
      const Layer *layer = &search->layers[i];
      if (i == search->layer_of[index] || (layer->n_loads == 0 && seen_empty))
        continue;
      seen_empty = seen_empty || layer->n_loads == 0;
      VarveLoad with = varve_load_add (&layer->load, load);
      guint64 cost = varve_cost (search->model, &with), added = cost > layer->cost ? cost - layer->cost : 0;
      if (added >= freed || freed - added <= best_saved)
        continue;
      best_saved = freed - added;
      best = i;
    }
  return best;
}

static void
search_move (Search *search, guint32 index, guint32 to)
{
  layer_take (search->model, &search->layers[search->layer_of[index]], &search->loads[index]);
  layer_add (search->model, &search->layers[to], &search->loads[index]);
  search->layer_of[index] = to;
}

/* The cost of the layer of @out with @in in place of @out. */
static guint64
search_exchanged_cost (const Search *search, guint32 out, guint32 in)
{
  VarveLoad rest = layer_without (&search->layers[search->layer_of[out]], &search->loads[out]);
  VarveLoad with = varve_load_add (&rest, &search->loads[in]);
  return varve_cost (search->model, &with);
}

/* Exchanges two loads of different layers if that saves anything. */
static gboolean
search_exchange (Search *search, guint32 a, guint32 b)
{
  guint32 layer_a = search->layer_of[a], layer_b = search->layer_of[b];
  if (layer_a == layer_b)
    return FALSE;
  guint64 cost = search->layers[layer_a].cost + search->layers[layer_b].cost;
  if (search_exchanged_cost (search, a, b) + search_exchanged_cost (search, b, a) >= cost)
    return FALSE;
  search_move (search, a, layer_b);
  search_move (search, b, layer_a);
  return TRUE;
}

static gboolean
search_pass (Search *search, const guint32 *order)
{
  gboolean changed = FALSE;
  for (guint32 i = 0; i < search->n_loads; i++)
    {
      guint32 to = search_best_layer (search, order[i]);
      if (to == search->layer_of[order[i]])
        continue;
      search_move (search, order[i], to);
      changed = TRUE;
    }
  if (search->n_loads > EXCHANGE_LOADS_MAX)
    return changed;
  for (guint32 i = 0; i < search->n_loads; i++)
    for (guint32 j = i + 1; j < search->n_loads; j++)
      changed |= search_exchange (search, order[i], order[j]);
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
  g_return_val_if_fail (max_layers > 0 || n_loads == 0, 0);
  Search search = { .model = model, .loads = loads, .n_loads = n_loads, .n_layers = max_layers, .layer_of = layers };
  search_init (&search);
  g_autofree Layer *owned = search.layers;
  g_autofree guint32 *order = g_new (guint32, n_loads);
  for (guint32 i = 0; i < n_loads; i++)
    order[i] = i;
  g_qsort_with_data (order, (gint)n_loads, sizeof *order, compare_larger_first, (gpointer)loads);
  for (guint passes = 0; passes < PASSES_MAX && search_pass (&search, order); passes++)
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
