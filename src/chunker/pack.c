/* SPDX-License-Identifier: Apache-2.0 */
/* Decides which atoms are alone in a layer; the others are ordered by risk per byte, cut by chunker/partition and
 * improved by chunker/refine. */
#include "chunker/pack.h"

#include <string.h>

#include "chunker/cost.h"
#include "chunker/fixed.h"
#include "chunker/partition.h"
#include "chunker/refine.h"

/* A layer's descriptor with its annotations, its diff ID and its history entry: 0.5 to 0.9 kB in images of 64 layers.
 */
enum { ALWAYS_BYTES = 768 };
/* For smaller atoms the overhead of a layer of their own exceeds the cost of changing their neighbours' layer. */
static const guint64 ALONE_BYTES_MIN = 1 << 20;
/* Atoms that changed at nearly every step cost nothing in one layer with each other, nor do small atoms with them;
 * alone they take a layer from the rest. Excess over the bound at 64 layers, the mean of two Fedora CoreOS histories
 * and eight derived from them: 0.0304, with all special atoms alone 0.0312; at 32 layers 0.121 and 0.127. */
static const guint32 CERTAIN = VARVE_PROBABILITY_ONE / 100 * 97;
enum { CERTAIN_STEPS_MIN = 8 };

/* Of at most this number of atoms that may be alone, all counts are tried, else only halves, quarters…: a try costs a
 * partition. */
enum { ALONE_TRIES = 12 };

/* Classes of atoms that may be alone, in the order in which they get a layer. Near-certain packages have none: with
 * them the partition is still within 0.4 % of exact, and two of them in one layer cost nothing; alone they take bins
 * from others, which costs up to 9 % of the whole. */
typedef enum { CLASS_EXCLUSIVE, CLASS_INITRAMFS, CLASS_KERNEL, CLASS_DATABASE, CLASS_GENERATED, CLASS_POOL } Class;

typedef struct {
  VarvePlan *plan;
  VarveRecency *recency;
  VarveCostModel model;
  VarveLoad *loads; /* of each atom of the plan */
  guint32 *order;   /* the atoms to pack: those that may be alone, by class, then the others; ties by identity */
  guint32 n_atoms;
  guint32 n_forced;  /* these, at the start of the order, are exclusive */
  guint32 n_special; /* these may be alone */
  guint32 n_bins;
  gboolean shares_exclusive; /* more atoms are exclusive than can be alone: then none is */
} Packer;

/* The atoms that are not alone, in order of risk per byte; where they are too many, neighbours are joined. */
typedef struct {
  guint32 *atoms;
  guint32 n_atoms;
  VarveLoad *loads;
  guint32 n_loads;
  guint32 atoms_per_load;
  guint32 *layers; /* of each load */
  guint64 cost;
} Pool;

static void
pool_clear (Pool *pool)
{
  g_clear_pointer (&pool->atoms, g_free);
  g_clear_pointer (&pool->loads, g_free);
  g_clear_pointer (&pool->layers, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pool, pool_clear)

static gboolean
is_certain (const VarveAtom *atom)
{
  return atom->probability >= CERTAIN && atom->n_steps >= CERTAIN_STEPS_MIN;
}

static Class
classify (const Packer *packer, guint32 index)
{
  const VarveAtom *atom = varve_plan_atom (packer->plan, index);
  if (packer->shares_exclusive && atom->kind == VARVE_COMPONENT_EXCLUSIVE)
    return CLASS_POOL;
  if (is_certain (atom) && atom->kind != VARVE_COMPONENT_EXCLUSIVE && atom->kind != VARVE_COMPONENT_UKI)
    return CLASS_POOL;
  switch (atom->kind)
    {
    case VARVE_COMPONENT_EXCLUSIVE:
    case VARVE_COMPONENT_UKI: /* which is added to an image as one last layer */
      return CLASS_EXCLUSIVE;
    case VARVE_COMPONENT_INITRAMFS:
      return CLASS_INITRAMFS;
    case VARVE_COMPONENT_KERNEL:
      return CLASS_KERNEL;
    case VARVE_COMPONENT_PACKAGE_DATABASE:
      return CLASS_DATABASE;
    case VARVE_COMPONENT_GENERATED:
      return atom->size_bytes >= ALONE_BYTES_MIN ? CLASS_GENERATED : CLASS_POOL;
    case VARVE_COMPONENT_PACKAGE:
    case VARVE_COMPONENT_UNOWNED:
      break;
    }
  return CLASS_POOL;
}

/* A total order, except for atoms that are equal in all these fields. */
static int
compare_identity (gconstpointer a, gconstpointer b, gpointer plan)
{
  const VarveAtom *left = varve_plan_atom (plan, *(const guint32 *)a);
  const VarveAtom *right = varve_plan_atom (plan, *(const guint32 *)b);
  int order = strcmp (left->name, right->name);
  if (order == 0)
    order = varve_digest_compare (&left->digest, &right->digest);
  if (order == 0)
    order = (left->kind > right->kind) - (left->kind < right->kind);
  if (order == 0)
    order = (left->size_bytes > right->size_bytes) - (left->size_bytes < right->size_bytes);
  return order != 0 ? order : (left->probability > right->probability) - (left->probability < right->probability);
}

/* By class; within a class the larger first, in case there are not enough layers. */
static int
compare_class (gconstpointer a, gconstpointer b, gpointer data)
{
  const Packer *packer = data;
  const VarveAtom *left = varve_plan_atom (packer->plan, *(const guint32 *)a);
  const VarveAtom *right = varve_plan_atom (packer->plan, *(const guint32 *)b);
  Class left_class = classify (packer, *(const guint32 *)a), right_class = classify (packer, *(const guint32 *)b);
  if (left_class != right_class)
    return left_class < right_class ? -1 : 1;
  return (left->size_bytes < right->size_bytes) - (left->size_bytes > right->size_bytes);
}

/* Risk per byte, descending, by cross-multiplication; an empty atom counts as one byte. */
static int
compare_ratio (gconstpointer a, gconstpointer b, gpointer loads)
{
  const VarveLoad *left = (const VarveLoad *)loads + *(const guint32 *)a;
  const VarveLoad *right = (const VarveLoad *)loads + *(const guint32 *)b;
  unsigned __int128 left_weight = (unsigned __int128)left->risk * MAX (right->size_bytes, 1);
  unsigned __int128 right_weight = (unsigned __int128)right->risk * MAX (left->size_bytes, 1);
  return (left_weight < right_weight) - (left_weight > right_weight);
}

/* For the quietest atoms too: packages are rebuilt at times. */
static const guint64 UNSEEN_RISK_MIN = VARVE_FIXED_ONE / 200;

/* In the unit of costs. */
static guint64
expected_bytes (const VarveAtom *atom, guint64 size_bytes)
{
  G_STATIC_ASSERT (VARVE_PROBABILITY_ONE == VARVE_COST_BYTE);
  return MIN (size_bytes, VARVE_COST_SIZE_MAX) * atom->probability;
}

static VarveLoad
load_of (const VarveAtom *atom, const VarveRecency *recency)
{
  VarveLoad load
      = { .risk = varve_fixed_risk (atom->probability), .changed = atom->changed, .size_bytes = atom->size_bytes };
  guint64 share = varve_recency_share (recency, atom->changed);
  guint64 seen = varve_fixed_risk (varve_fixed_probability (share));
  load.expected = expected_bytes (atom, load.size_bytes);
  load.unseen_risk = MAX (load.risk > seen ? load.risk - seen : 0, MIN (load.risk, UNSEEN_RISK_MIN));
  return load;
}

/* Sizes whose sum exceeds the limit of a cost are halved until they fit; only absurd input has such sizes. */
static VarveLoad *
measure_loads (const VarvePlan *plan, const VarveRecency *recency)
{
  VarveLoad *loads = g_new (VarveLoad, plan->atoms->len);
  unsigned __int128 total = 0;
  for (guint32 i = 0; i < plan->atoms->len; i++)
    total += varve_plan_atom (plan, i)->size_bytes;
  guint shift = 0;
  while (total >> shift > VARVE_COST_SIZE_MAX)
    shift++;
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      loads[i] = load_of (varve_plan_atom (plan, i), recency);
      loads[i].size_bytes >>= shift;
      loads[i].expected = expected_bytes (varve_plan_atom (plan, i), loads[i].size_bytes);
    }
  return loads;
}

/* The atoms that are in no layer. */
static guint32 *
loose_atoms (const VarvePlan *plan, guint32 *out_n_atoms)
{
  g_autofree guint8 *is_held = g_new0 (guint8, plan->atoms->len);
  for (guint32 i = 0; i < plan->layers->len; i++)
    for (guint32 j = 0; j < varve_plan_layer (plan, i)->n_atoms; j++)
      is_held[varve_plan_layer (plan, i)->atoms[j]] = 1;
  guint32 *atoms = g_new (guint32, plan->atoms->len), n_atoms = 0;
  for (guint32 i = 0; i < plan->atoms->len; i++)
    if (!is_held[i])
      atoms[n_atoms++] = i;
  *out_n_atoms = n_atoms;
  return atoms;
}

static guint32
count_exclusive (const Packer *packer)
{
  guint32 n = 0;
  for (guint32 i = 0; i < packer->n_atoms; i++)
    n += varve_plan_atom (packer->plan, packer->order[i])->kind == VARVE_COMPONENT_EXCLUSIVE;
  return n;
}

static void
packer_init (Packer *packer, VarvePlan *plan, const VarvePackOptions *options)
{
  guint32 max_layers = CLAMP (options->max_layers, 1, VARVE_PACK_LAYERS_MAX);
  packer->plan = plan;
  packer->recency = g_new (VarveRecency, 1);
  varve_recency_init (packer->recency, plan->n_steps, plan->prior_steps);
  packer->model = (VarveCostModel){ packer->recency, options->overhead_bytes, ALWAYS_BYTES, options->may_keep_stale };
  packer->n_bins = max_layers > plan->layers->len ? max_layers - plan->layers->len : 1;
  packer->loads = measure_loads (plan, packer->recency);
  packer->order = loose_atoms (plan, &packer->n_atoms);
  packer->shares_exclusive = count_exclusive (packer) >= packer->n_bins;
  /* The sort is stable, so the second breaks its ties by the first. */
  g_qsort_with_data (packer->order, (gint)packer->n_atoms, sizeof (guint32), compare_identity, plan);
  g_qsort_with_data (packer->order, (gint)packer->n_atoms, sizeof (guint32), compare_class, packer);
  for (guint32 i = 0; i < packer->n_atoms; i++)
    {
      Class class = classify (packer, packer->order[i]);
      packer->n_forced += class == CLASS_EXCLUSIVE;
      packer->n_special += class != CLASS_POOL;
    }
}

static void
packer_clear (Packer *packer)
{
  g_clear_pointer (&packer->recency, g_free);
  g_clear_pointer (&packer->loads, g_free);
  g_clear_pointer (&packer->order, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Packer, packer_clear)

/* How many of @n_wanted atoms may be alone: all bins, or all but one when others are left. */
static guint32
alone_limit (const Packer *packer, guint32 n_wanted)
{
  if (n_wanted == packer->n_atoms && n_wanted <= packer->n_bins)
    return n_wanted;
  return MIN (n_wanted, packer->n_bins - 1);
}

static void
pool_join (Pool *pool, const VarveLoad *atom_loads)
{
  pool->atoms_per_load = MAX (1, (pool->n_atoms + VARVE_PARTITION_LOADS_MAX - 1) / VARVE_PARTITION_LOADS_MAX);
  pool->n_loads = (pool->n_atoms + pool->atoms_per_load - 1) / pool->atoms_per_load;
  pool->loads = g_new0 (VarveLoad, pool->n_loads);
  for (guint32 i = 0; i < pool->n_atoms; i++)
    {
      VarveLoad *load = &pool->loads[i / pool->atoms_per_load];
      *load = varve_load_add (load, &atom_loads[pool->atoms[i]]);
    }
}

/* Partitions all but the first @n_alone atoms; the cost includes these. */
static void
pool_partition (Pool *pool, const Packer *packer, guint32 n_alone)
{
  pool->n_atoms = packer->n_atoms - n_alone;
  pool->atoms = g_memdup2 (packer->order + n_alone, pool->n_atoms * sizeof *pool->atoms);
  /* Sorted by identity first, which then breaks the ties. */
  g_qsort_with_data (pool->atoms, (gint)pool->n_atoms, sizeof (guint32), compare_identity, packer->plan);
  g_qsort_with_data (pool->atoms, (gint)pool->n_atoms, sizeof (guint32), compare_ratio, packer->loads);
  pool_join (pool, packer->loads);
  pool->layers = g_new0 (guint32, pool->n_loads);
  guint32 n_bins = packer->n_bins - n_alone;
  if (pool->n_loads > 0)
    varve_partition (&packer->model, pool->loads, pool->n_loads, n_bins, pool->layers);
  pool->cost = varve_refine_cost (&packer->model, pool->loads, pool->n_loads, n_bins, pool->layers);
  for (guint32 i = 0; i < n_alone; i++)
    {
      pool->cost += varve_cost (&packer->model, &packer->loads[packer->order[i]]);
    }
}

/* How many of the special atoms are alone: all if there are enough bins, else the number with the least total cost, so
 * that four layers do not go to a few caches while everything else shares the fifth. */
static guint32
choose_alone (const Packer *packer)
{
  guint32 fewest = alone_limit (packer, packer->n_forced), most = alone_limit (packer, packer->n_special);
  if (most == packer->n_special && most <= packer->n_bins / 4)
    return most;
  guint64 least = G_MAXUINT64;
  guint32 chosen = most;
  for (guint32 n_more = most - fewest;; n_more = most - fewest <= ALONE_TRIES ? n_more - 1 : n_more / 2)
    {
      g_auto (Pool) pool = { 0 };
      pool_partition (&pool, packer, fewest + n_more);
      if (pool.cost < least)
        {
          least = pool.cost;
          chosen = fewest + n_more;
        }
      if (n_more == 0)
        return chosen;
    }
}

static void
add_pool_layers (const Packer *packer, const Pool *pool, guint32 n_bins)
{
  g_autofree guint32 *atoms = g_new (guint32, pool->n_atoms), *ends = g_new0 (guint32, n_bins + 1);
  for (guint32 i = 0; i < pool->n_atoms; i++)
    ends[pool->layers[i / pool->atoms_per_load] + 1]++;
  for (guint32 i = 0; i < n_bins; i++)
    ends[i + 1] += ends[i];
  g_autofree guint32 *next = g_memdup2 (ends, n_bins * sizeof *ends);
  for (guint32 i = 0; i < pool->n_atoms; i++)
    atoms[next[pool->layers[i / pool->atoms_per_load]]++] = pool->atoms[i];
  for (guint32 i = 0; i < n_bins; i++)
    if (ends[i + 1] > ends[i])
      varve_plan_add_layer (packer->plan, atoms + ends[i], ends[i + 1] - ends[i]);
}

static int
compare_layers (gconstpointer a, gconstpointer b, gpointer plan)
{
  const VarvePlanLayer *left = *(VarvePlanLayer *const *)a, *right = *(VarvePlanLayer *const *)b;
  if (left->probability != right->probability)
    return left->probability < right->probability ? -1 : 1;
  return compare_identity (&left->atoms[0], &right->atoms[0], plan);
}

void
varve_pack (VarvePlan *plan, const VarvePackOptions *options)
{
  g_auto (Packer) packer = { 0 };
  g_auto (Pool) pool = { 0 };
  guint32 n_before = plan->layers->len;
  packer_init (&packer, plan, options);
  if (packer.n_atoms == 0)
    return;
  guint32 n_alone = choose_alone (&packer), n_bins = packer.n_bins - n_alone;
  pool_partition (&pool, &packer, n_alone);
  varve_refine (&packer.model, pool.loads, pool.n_loads, n_bins, pool.layers);
  for (guint32 i = 0; i < n_alone; i++)
    varve_plan_add_layer (plan, &packer.order[i], 1);
  add_pool_layers (&packer, &pool, n_bins);
  gint n_new = (gint)(plan->layers->len - n_before);
  g_qsort_with_data (plan->layers->pdata + n_before, n_new, sizeof (gpointer), compare_layers, plan);
}

guint64
varve_pack_expected_bytes (const VarvePlan *plan)
{
  unsigned __int128 sum = 0;
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (plan, i);
      sum += (unsigned __int128)layer->probability * layer->size_bytes;
    }
  return (guint64)MIN (sum / VARVE_PROBABILITY_ONE, G_MAXUINT64);
}

guint64
varve_pack_cost_bytes (const VarvePlan *plan, const VarvePackOptions *options)
{
  g_autofree VarveRecency *recency = g_new (VarveRecency, 1);
  varve_recency_init (recency, plan->n_steps, plan->prior_steps);
  VarveCostModel model = { recency, options->overhead_bytes, ALWAYS_BYTES, options->may_keep_stale };
  unsigned __int128 sum = 0;
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (plan, i);
      VarveLoad load = { 0 };
      for (guint32 j = 0; j < layer->n_atoms; j++)
        {
          VarveLoad of_atom = load_of (varve_plan_atom (plan, layer->atoms[j]), recency);
          load = varve_load_add (&load, &of_atom);
        }
      load.size_bytes = MIN (layer->size_bytes, VARVE_COST_SIZE_MAX);
      sum += varve_cost (&model, &load);
    }
  return (guint64)MIN (sum / VARVE_COST_BYTE, G_MAXUINT64);
}
