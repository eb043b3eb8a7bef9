/* SPDX-License-Identifier: Apache-2.0 */
#include "chunker/kept-layers.h"

#include <string.h>

#include "chunker/atoms.h"
#include "chunker/fixed.h"
#include "chunker/stale-paths.h"

/* Headers and attributes in a tar. */
enum { OBJECT_BYTES = 1024 };

typedef struct {
  VarvePlan *plan;
  const VarveInventory *inventory;
  const VarveKeptCandidate *candidates;
  guint32 n;
  const char *shown_directory; /* see VarveKeepOptions */
  guint8 *is_kept;
  guint32 *shown_by; /* of each file: the last kept candidate that has its path */
  guint32 *serves;   /* of each object: the candidate that serves it, or VARVE_NO_LAYER */
  guint32 n_served;
  guint8 *is_pinned; /* of each object: a pinned candidate has it */
  guint32 *atom_of;  /* of each object */
} Keeper;

static void
keeper_clear (Keeper *keeper)
{
  g_clear_pointer (&keeper->is_kept, g_free);
  g_clear_pointer (&keeper->shown_by, g_free);
  g_clear_pointer (&keeper->serves, g_free);
  g_clear_pointer (&keeper->is_pinned, g_free);
  g_clear_pointer (&keeper->atom_of, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Keeper, keeper_clear)

static guint64
weight_of (guint64 size_bytes)
{
  return varve_saturating_add (size_bytes, OBJECT_BYTES);
}

static void
show_objects (Keeper *keeper, guint32 candidate)
{
  const VarveInventory *inventory = keeper->inventory;
  const VarveLayerEntries *entries = keeper->candidates[candidate].entries;
  for (guint32 i = 0; i < entries->objects->len; i++)
    {
      const VarveObject *object = &inventory->objects[g_array_index (entries->objects, guint32, i)];
      for (guint32 file = object->first_file; file != VARVE_NO_INDEX; file = inventory->files[file].next_file)
        keeper->shown_by[file] = candidate;
    }
  for (guint32 i = 0; i < entries->stale->len; i++)
    for (char **path = ((VarveStaleObject *)entries->stale->pdata[i])->paths; *path != NULL; path++)
      {
        guint32 file = varve_inventory_find_file (inventory, *path);
        if (file != VARVE_NO_INDEX)
          keeper->shown_by[file] = candidate;
      }
}

static gboolean
is_served (const Keeper *keeper, guint32 object, guint32 candidate)
{
  const VarveInventory *inventory = keeper->inventory;
  for (guint32 i = inventory->objects[object].first_file; i != VARVE_NO_INDEX; i = inventory->files[i].next_file)
    if (keeper->shown_by[i] != candidate)
      return FALSE;
  return TRUE;
}

/* Finds who serves each object, if those of is_kept are kept. */
static void
find_served (Keeper *keeper)
{
  memset (keeper->shown_by, 0xff, keeper->inventory->n_files * sizeof *keeper->shown_by);
  memset (keeper->serves, 0xff, keeper->inventory->n_objects * sizeof *keeper->serves);
  keeper->n_served = 0;
  for (guint32 i = 0; i < keeper->n; i++)
    if (keeper->is_kept[i])
      show_objects (keeper, i);
  for (guint32 i = 0; i < keeper->n; i++)
    for (guint32 j = 0; keeper->is_kept[i] && j < keeper->candidates[i].entries->objects->len; j++)
      {
        guint32 object = g_array_index (keeper->candidates[i].entries->objects, guint32, j);
        if (!is_served (keeper, object, i))
          continue;
        keeper->serves[object] = i;
        keeper->n_served++;
      }
}

/* The objects that pinned layers have: another layer need not be kept for them. */
static void
find_pinned (Keeper *keeper)
{
  for (guint32 i = 0; i < keeper->n; i++)
    for (guint32 j = 0;
         keeper->is_kept[i] && keeper->candidates[i].is_pinned && j < keeper->candidates[i].entries->objects->len; j++)
      keeper->is_pinned[g_array_index (keeper->candidates[i].entries->objects, guint32, j)] = 1;
}

/* A layer of another image: nothing in it is stale, and no other kept layer has any of it. */
static gboolean
is_useful_extra (const Keeper *keeper, guint32 candidate)
{
  const VarveLayerEntries *entries = keeper->candidates[candidate].entries;
  if (!keeper->candidates[candidate].is_extra || entries == NULL || entries->stale->len > 0
      || entries->objects->len == 0)
    return FALSE;
  for (guint32 i = 0; i < entries->objects->len; i++)
    if (keeper->serves[g_array_index (entries->objects, guint32, i)] != VARVE_NO_LAYER)
      return FALSE;
  return TRUE;
}

static VarveKeepCandidate
weigh (const Keeper *keeper, guint32 candidate)
{
  const VarveLayerEntries *entries = keeper->candidates[candidate].entries;
  VarveKeepCandidate weighed = { .is_pinned = keeper->candidates[candidate].is_pinned };
  if (!keeper->is_kept[candidate])
    return weighed;
  for (guint32 i = 0; i < entries->objects->len; i++)
    {
      guint32 object = g_array_index (entries->objects, guint32, i);
      gboolean is_live = keeper->serves[object] == candidate && (weighed.is_pinned || !keeper->is_pinned[object]);
      guint64 *bytes = is_live ? &weighed.live_bytes : &weighed.stale_bytes;
      *bytes = varve_saturating_add (*bytes, weight_of (keeper->inventory->objects[object].size_bytes));
      weighed.is_usable |= is_live;
      weighed.has_stale |= !is_live;
    }
  for (guint32 i = 0; i < entries->stale->len; i++)
    weighed.stale_bytes = varve_saturating_add (weighed.stale_bytes,
                                                weight_of (((VarveStaleObject *)entries->stale->pdata[i])->size_bytes));
  weighed.has_stale |= entries->stale->len > 0;
  weighed.is_usable |= weighed.is_pinned;
  return weighed;
}

static void
choose (Keeper *keeper, guint32 stale_permille)
{
  g_auto (VarveStalePaths) stale = { 0 };
  varve_stale_paths_init (&stale, keeper->inventory, keeper->shown_directory);
  for (guint32 i = 0; i < keeper->n; i++)
    keeper->is_kept[i] = keeper->candidates[i].entries != NULL && !keeper->candidates[i].is_extra
                         && varve_stale_paths_add (&stale, keeper->candidates[i].entries);
  find_served (keeper);
  find_pinned (keeper);
  g_autofree VarveKeepCandidate *weighed = g_new (VarveKeepCandidate, MAX (keeper->n, 1));
  guint64 tree_bytes = 0;
  for (guint32 i = 0; i < keeper->n; i++)
    weighed[i] = weigh (keeper, i);
  for (guint32 i = 0; i < keeper->inventory->n_objects; i++)
    tree_bytes = varve_saturating_add (tree_bytes, weight_of (keeper->inventory->objects[i].size_bytes));
  varve_keep_choose (weighed, keeper->n, tree_bytes, stale_permille, keeper->is_kept);
  find_served (keeper);
  for (guint32 i = 0; i < keeper->n; i++)
    if (is_useful_extra (keeper, i))
      {
        keeper->is_kept[i] = 1;
        find_served (keeper);
      }
}

static void
add_layer (Keeper *keeper, guint32 candidate)
{
  const VarveLayerEntries *entries = keeper->candidates[candidate].entries;
  GArray *objects = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 i = 0; i < entries->objects->len; i++)
    {
      guint32 object = g_array_index (entries->objects, guint32, i);
      if (keeper->serves[object] == candidate)
        g_array_append_val (objects, object);
    }
  VarvePlanLayer *layer = varve_atoms_add_part (keeper->plan, keeper->inventory, keeper->atom_of, objects);
  layer->previous = candidate;
  layer->is_pinned = keeper->candidates[candidate].is_pinned;
}

static void
add_kept (Keeper *keeper)
{
  varve_plan_clear_layers (keeper->plan);
  for (guint32 i = 0; i < keeper->n; i++)
    if (keeper->is_kept[i])
      add_layer (keeper, i);
}

static void
list_stale (const Keeper *keeper, VarvePlanLayer *layer)
{
  const VarveLayerEntries *entries = keeper->candidates[layer->previous].entries;
  layer->stale = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_stale_object_free);
  layer->stale_bytes = 0;
  for (guint32 i = 0; i < entries->stale->len; i++)
    g_ptr_array_add (layer->stale, varve_stale_object_copy (entries->stale->pdata[i]));
  for (guint32 i = 0; i < entries->objects->len; i++)
    {
      guint32 object = g_array_index (entries->objects, guint32, i);
      if (keeper->serves[object] != layer->previous)
        g_ptr_array_add (layer->stale, varve_stale_object_of (keeper->inventory, object));
    }
  for (guint32 i = 0; i < layer->stale->len; i++)
    layer->stale_bytes
        = varve_saturating_add (layer->stale_bytes, ((VarveStaleObject *)layer->stale->pdata[i])->size_bytes);
}

static GPtrArray *
find_absent (const Keeper *keeper)
{
  g_auto (VarveStalePaths) stale = { 0 };
  varve_stale_paths_init (&stale, keeper->inventory, keeper->shown_directory);
  for (guint32 i = 0; i < keeper->n; i++)
    {
      gboolean is_hidden = !keeper->is_kept[i] || varve_stale_paths_add (&stale, keeper->candidates[i].entries);
      g_warn_if_fail (is_hidden);
    }
  return varve_stale_paths_absent (&stale);
}

/* Opens layers until there is room for what is new. */
static GPtrArray *
make_room (Keeper *keeper, const VarveKeepOptions *options)
{
  for (;;)
    {
      add_kept (keeper);
      if (varve_keep_is_rebase (keeper->plan))
        {
          varve_plan_clear_layers (keeper->plan);
          return g_ptr_array_new_with_free_func (g_free);
        }
      g_autoptr (GPtrArray) absent = find_absent (keeper);
      guint32 n_free = keeper->n_served < keeper->inventory->n_objects ? MAX (options->n_free, 1) : 0;
      guint32 n_new = n_free + (absent->len > 0), opened = VARVE_NO_LAYER;
      if (keeper->plan->layers->len + n_new > options->max_layers)
        opened = varve_keep_cheapest (keeper->plan, options->stale_permille > 0);
      if (opened == VARVE_NO_LAYER)
        return g_steal_pointer (&absent);
      keeper->is_kept[varve_plan_layer (keeper->plan, opened)->previous] = 0;
      find_served (keeper);
    }
}

GPtrArray *
varve_kept_layers_add (VarvePlan *plan, const VarveInventory *inventory, const VarveKeptCandidate *candidates,
                       guint32 n_candidates, const VarveKeepOptions *options)
{
  g_return_val_if_fail (plan->layers->len == 0, NULL);
  g_auto (Keeper) keeper = {
    .plan = plan,
    .inventory = inventory,
    .candidates = candidates,
    .n = n_candidates,
    .shown_directory = options->shown_directory,
    .is_kept = g_new0 (guint8, MAX (n_candidates, 1)),
    .shown_by = g_new (guint32, MAX (inventory->n_files, 1)),
    .serves = g_new (guint32, MAX (inventory->n_objects, 1)),
    .is_pinned = g_new0 (guint8, MAX (inventory->n_objects, 1)),
    .atom_of = varve_plan_atom_of_objects (plan, inventory->n_objects),
  };
  choose (&keeper, options->stale_permille);
  GPtrArray *absent = make_room (&keeper, options);
  for (guint32 i = 0; i < plan->layers->len; i++)
    list_stale (&keeper, varve_plan_layer (plan, i));
  return absent;
}
