/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What must hold of each image that keeps layers: a second judge of chunker/kept-layers.h, and a container that applies
 * the layers file by file; for one test program each. */

#include "tests/unit/kept-world.h"

enum { OBJECT_BYTES = 1024 };

/* One run: the tree, what there is to keep, and what came out. */
typedef struct {
  guint64 seed;
  WorldTree *tree;
  VarveInventory *inventory;
  VarvePlan *plan;
  GPtrArray *layers;              /* WorldTree */
  VarveKeptCandidate *candidates; /* of these */
  VarveKeepOptions options;
  GPtrArray *absent;
} Run;

#define fail(run, ...)                                                                                                 \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *what = g_strdup_printf (__VA_ARGS__);                                                             \
    g_error ("seed %" G_GUINT64_FORMAT ": %s", (run)->seed, what);                                                     \
  }                                                                                                                    \
  G_STMT_END

static void
run_free (Run *run)
{
  for (guint i = 0; i < run->layers->len; i++)
    if (run->candidates[i].entries != NULL)
      varve_layer_entries_free ((VarveLayerEntries *)run->candidates[i].entries);
  g_free (run->candidates);
  g_ptr_array_unref (run->layers);
  g_clear_pointer (&run->absent, g_ptr_array_unref);
  varve_plan_free (run->plan);
  varve_inventory_free (run->inventory);
  g_hash_table_unref (run->tree);
  g_free (run);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Run, run_free)

/* Refers to the tree, takes the layers. */
static Run *
run_new (WorldTree *tree, GPtrArray *layers, VarveKeepOptions options)
{
  Run *run = g_new0 (Run, 1);
  run->tree = g_hash_table_ref (tree);
  run->inventory = world_inventory (tree);
  run->plan = world_plan (run->inventory);
  run->layers = layers;
  run->options = options;
  run->candidates = g_new0 (VarveKeptCandidate, MAX (layers->len, 1));
  for (guint i = 0; i < layers->len; i++)
    run->candidates[i].entries = world_entries (layers->pdata[i], tree, run->inventory);
  return run;
}

static void
run_keep (Run *run)
{
  run->absent = varve_kept_layers_add (run->plan, run->inventory, run->candidates, run->layers->len, &run->options);
}

/* As a build does: what no kept layer serves, into new layers. */
static void
run_pack (Run *run)
{
  VarvePackOptions options = VARVE_PACK_OPTIONS_INIT;
  options.max_layers = run->options.max_layers - MIN (run->absent->len, 1);
  varve_pack_loose (run->plan, run->inventory, &options);
}

static guint32
n_kept (const Run *run)
{
  guint32 n = 0;
  while (n < run->plan->layers->len && varve_plan_layer (run->plan, n)->previous != VARVE_NO_LAYER)
    n++;
  return n;
}

/* The model: which layers serve what. */

/* A byte for each candidate: 1 if it is kept. The caller frees it. */
static guint8 *
kept_mask (const Run *run)
{
  guint8 *is_kept = g_new0 (guint8, run->layers->len + 1);
  for (guint32 i = 0; i < n_kept (run); i++)
    is_kept[varve_plan_layer (run->plan, i)->previous] = 1;
  return is_kept;
}

/* The last kept candidate that has anything at one of the paths, if it has the content with exactly these. */
static guint32
find_server (const Run *run, const guint8 *is_kept, guint content)
{
  g_autoptr (GPtrArray) paths = world_paths_of (run->tree, content);
  for (guint32 i = run->layers->len; i-- > 0;)
    for (guint j = 0; j < paths->len && is_kept[i]; j++)
      if (g_hash_table_contains (run->layers->pdata[i], paths->pdata[j]))
        return world_same_paths (run->layers->pdata[i], run->tree, content) ? i : VARVE_NO_LAYER;
  return VARVE_NO_LAYER;
}

/* Content -> the candidate that must serve it, plus 1. */
static GHashTable *
find_servers (const Run *run, const guint8 *is_kept)
{
  GHashTable *servers = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) contents = world_contents (run->tree);
  for (guint i = 0; i < contents->len; i++)
    {
      guint content = g_array_index (contents, guint, i);
      guint32 server = content != WORLD_DIRECTORY ? find_server (run, is_kept, content) : VARVE_NO_LAYER;
      if (server != VARVE_NO_LAYER)
        g_hash_table_insert (servers, GUINT_TO_POINTER (content), GUINT_TO_POINTER (server + 1));
    }
  return servers;
}

static guint32
server_of (GHashTable *servers, guint content)
{
  guint32 found = GPOINTER_TO_UINT (g_hash_table_lookup (servers, GUINT_TO_POINTER (content)));
  return found > 0 ? found - 1 : VARVE_NO_LAYER;
}

static guint
content_of (const Run *run, guint32 object)
{
  return world_content (run->tree, run->inventory->files[run->inventory->objects[object].first_file].path);
}

static void
check_served (const Run *run, GHashTable *servers)
{
  guint32 n = 0;
  for (guint32 i = 0; i < run->plan->layers->len; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (run->plan, i);
      g_autoptr (GArray) objects = varve_plan_layer_objects (run->plan, layer);
      n += objects->len;
      for (guint32 j = 0; j < objects->len; j++)
        {
          guint32 object = g_array_index (objects, guint32, j), server = server_of (servers, content_of (run, object));
          if (server != layer->previous || (j > 0 && object <= g_array_index (objects, guint32, j - 1)))
            fail (run, "object %u is in layer %u, expected %u", object, layer->previous, server);
        }
    }
  if (n != g_hash_table_size (servers))
    fail (run, "%u objects are in kept layers, expected %u", n, g_hash_table_size (servers));
}

typedef struct {
  guint64 live, stale; /* contents, and 1 KiB for each object or directory */
} Weight;

static guint64
weight_of_directories (const Run *run, guint32 candidate)
{
  g_autoptr (GPtrArray) stale = world_stale_directories (run->layers->pdata[candidate], run->tree);
  return (guint64)stale->len * OBJECT_BYTES;
}

static Weight
weigh (const Run *run, GHashTable *servers, guint32 candidate)
{
  Weight weight = { 0, weight_of_directories (run, candidate) };
  g_autoptr (GArray) contents = world_contents (run->layers->pdata[candidate]);
  for (guint i = 0; i < contents->len; i++)
    {
      guint content = g_array_index (contents, guint, i);
      guint64 *sum = server_of (servers, content) == candidate ? &weight.live : &weight.stale;
      *sum += content / 1000 * 1000 + OBJECT_BYTES;
    }
  return weight;
}

static gboolean
is_worth (Weight weight)
{
  return weight.live > 0 && weight.stale * 5 <= (weight.live + weight.stale) * 2;
}

static guint64
tree_weight (const Run *run)
{
  guint64 weight = 0;
  for (guint32 i = 0; i < run->inventory->n_objects; i++)
    weight += run->inventory->objects[i].size_bytes + OBJECT_BYTES;
  return weight;
}

static void
check_stale_list (const Run *run, const VarvePlanLayer *layer, guint64 weight)
{
  guint64 bytes = 0;
  for (guint32 i = 0; i < layer->stale->len; i++)
    {
      const VarveStaleObject *stale = layer->stale->pdata[i];
      bytes += stale->size_bytes;
      for (char **path = stale->paths; *path != NULL; path++)
        {
          gsize length = strlen (*path) - g_str_has_suffix (*path, "/");
          g_autofree char *name = g_strndup (*path, length);
          if (!g_hash_table_contains (run->layers->pdata[layer->previous], name))
            fail (run, "layer %u does not have the stale path %s", layer->previous, *path);
        }
    }
  if (bytes != layer->stale_bytes || bytes + (guint64)layer->stale->len * OBJECT_BYTES != weight)
    fail (run, "layer %u: wrong sum of stale objects", layer->previous);
}

static void
check_bounds (const Run *run, GHashTable *servers)
{
  guint64 all_stale = 0;
  for (guint32 i = 0; i < n_kept (run); i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (run->plan, i);
      Weight weight = weigh (run, servers, layer->previous);
      check_stale_list (run, layer, weight.stale);
      if (layer->is_pinned)
        continue;
      all_stale += weight.stale;
      if (!is_worth (weight))
        fail (run, "layer %u: %u of weight are needed, %u are stale", layer->previous, (guint)weight.live,
              (guint)weight.stale);
    }
  if (all_stale * 1000 > tree_weight (run) * run->options.stale_permille)
    fail (run, "%u are stale in all, of %u", (guint)all_stale, (guint)tree_weight (run));
}

static void
check_order (const Run *run)
{
  guint32 n = n_kept (run);
  for (guint32 i = 0; i < n; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (run->plan, i);
      if (layer->previous >= run->layers->len || run->candidates[layer->previous].entries == NULL
          || (i > 0 && layer->previous <= varve_plan_layer (run->plan, i - 1)->previous)
          || layer->is_pinned != run->candidates[layer->previous].is_pinned)
        fail (run, "layer %u is not the candidate %u", i, layer->previous);
    }
}

static gboolean
has_only_pinned (const Run *run)
{
  for (guint32 i = 0; i < n_kept (run); i++)
    if (!varve_plan_layer (run->plan, i)->is_pinned)
      return FALSE;
  return TRUE;
}

static void
check_room (const Run *run, GHashTable *servers)
{
  gboolean has_loose = g_hash_table_size (servers) < run->inventory->n_objects;
  guint32 n = n_kept (run) + has_loose + (run->absent->len > 0);
  if (n > run->options.max_layers && !has_only_pinned (run))
    fail (run, "%u layers at least, of %u", n, run->options.max_layers);
}

/* A container: a tree whose directories are all in it. */

static WorldTree *
with_directories (const Run *run)
{
  WorldTree *container = world_copy (run->tree);
  g_autoptr (GPtrArray) paths = world_paths (run->tree);
  for (guint i = 0; i < paths->len; i++)
    world_add_above (container, paths->pdata[i]);
  if (run->options.shown_directory != NULL)
    {
      world_add_above (container, run->options.shown_directory);
      g_hash_table_insert (container, g_strdup (run->options.shown_directory), GUINT_TO_POINTER (WORLD_DIRECTORY));
    }
  return container;
}

/* Engines differ in what a file does to a directory of its name, and what a path does to a file above it. */
static void
put_path (const Run *run, WorldTree *container, const char *path, guint content)
{
  gboolean is_there = g_hash_table_contains (container, path);
  if (is_there && (world_content (container, path) == WORLD_DIRECTORY) != (content == WORLD_DIRECTORY))
    fail (run, "%s is a file and a directory", path);
  for (const char *slash = strchr (path, '/'); slash != NULL; slash = strchr (slash + 1, '/'))
    {
      g_autofree char *above = g_strndup (path, (gsize)(slash - path));
      if (world_content (container, above) != WORLD_DIRECTORY)
        fail (run, "a layer puts %s below a file", path);
    }
  world_add_above (container, path);
  g_hash_table_insert (container, g_strdup (path), GUINT_TO_POINTER (content));
}

static void
put_kept (const Run *run, WorldTree *container, guint32 layer)
{
  WorldTree *kept = run->layers->pdata[varve_plan_layer (run->plan, layer)->previous];
  g_autoptr (GPtrArray) paths = world_paths (kept);
  for (guint i = 0; i < paths->len; i++)
    put_path (run, container, paths->pdata[i], world_content (kept, paths->pdata[i]));
}

static void
put_new (const Run *run, WorldTree *container, guint32 layer)
{
  const VarveInventory *inventory = run->inventory;
  g_autoptr (GArray) objects = varve_plan_layer_objects (run->plan, varve_plan_layer (run->plan, layer));
  for (guint i = 0; i < objects->len; i++)
    {
      guint32 object = g_array_index (objects, guint32, i);
      for (guint32 j = inventory->objects[object].first_file; j != VARVE_NO_INDEX; j = inventory->files[j].next_file)
        put_path (run, container, inventory->files[j].path, content_of (run, object));
    }
}

static void
put_whiteout (const Run *run, WorldTree *container, WorldTree *expected, const char *path)
{
  g_autoptr (GPtrArray) paths = world_paths (container);
  guint n_removed = 0;
  for (guint i = 0; i < paths->len; i++)
    {
      gboolean is_removed = strcmp (paths->pdata[i], path) == 0 || world_is_below (paths->pdata[i], path);
      if (is_removed && g_hash_table_contains (expected, paths->pdata[i]))
        fail (run, "the whiteout of %s removes %s", path, (const char *)paths->pdata[i]);
      if (is_removed)
        g_hash_table_remove (container, paths->pdata[i]);
      n_removed += is_removed;
    }
  if (n_removed == 0)
    fail (run, "the whiteout of %s removes nothing", path);
}

/* What a container shows is the tree, without anything stale. */
static void
check_container (const Run *run)
{
  g_autoptr (WorldTree) expected = with_directories (run), container = world_tree_new ();
  g_autoptr (GPtrArray) paths = world_paths (expected);
  for (guint i = 0; i < paths->len; i++) /* the commit layer */
    if (world_content (expected, paths->pdata[i]) == WORLD_DIRECTORY)
      g_hash_table_insert (container, g_strdup (paths->pdata[i]), NULL);
  for (guint32 i = 0; i < run->plan->layers->len; i++)
    (i < n_kept (run) ? put_kept : put_new) (run, container, i);
  for (guint i = 0; i < run->absent->len; i++)
    {
      if (i > 0 && strcmp (run->absent->pdata[i - 1], run->absent->pdata[i]) >= 0)
        fail (run, "whiteouts are not sorted");
      put_whiteout (run, container, expected, run->absent->pdata[i]);
    }
  for (guint i = 0; i < paths->len; i++)
    if (!g_hash_table_contains (container, paths->pdata[i])
        || world_content (container, paths->pdata[i]) != world_content (expected, paths->pdata[i]))
      fail (run, "the container has something else at %s", (const char *)paths->pdata[i]);
  if (g_hash_table_size (container) != g_hash_table_size (expected))
    fail (run, "the container has %u paths, the tree %u", g_hash_table_size (container), g_hash_table_size (expected));
}

/* The model: which candidates there is no reason to open. */

/* Whether no container can have both: one path is a directory of the other and is a file itself. */
static gboolean
is_contrary (WorldTree *a, const char *in_a, WorldTree *b, const char *in_b)
{
  gboolean a_is_directory = world_content (a, in_a) == WORLD_DIRECTORY;
  gboolean b_is_directory = world_content (b, in_b) == WORLD_DIRECTORY;
  if (strcmp (in_a, in_b) == 0)
    return a_is_directory != b_is_directory;
  return (!a_is_directory && world_is_below (in_b, in_a)) || (!b_is_directory && world_is_below (in_a, in_b));
}

static gboolean
has_whiteout_name (const char *path)
{
  g_auto (GStrv) names = g_strsplit (path, "/", 0);
  for (char **name = names; *name != NULL; name++)
    if (g_str_has_prefix (*name, ".wh."))
      return TRUE;
  return FALSE;
}

/* Whether nothing can hide a path of @stale, after those that are to be hidden. */
static gboolean
is_in_the_way (const Run *run, WorldTree *hidden, WorldTree *stale, const char *path)
{
  g_autoptr (WorldTree) whole = with_directories (run);
  g_autoptr (GPtrArray) shown = world_paths (whole), others = world_paths (hidden);
  if (has_whiteout_name (path))
    return TRUE;
  for (guint i = 0; i < shown->len; i++)
    if (is_contrary (whole, shown->pdata[i], stale, path))
      return TRUE;
  for (guint i = 0; i < others->len; i++)
    if (is_contrary (hidden, others->pdata[i], stale, path))
      return TRUE;
  return FALSE;
}

/* The paths of a candidate that it does not have as the tree has them. */
static WorldTree *
stale_paths (const Run *run, guint candidate)
{
  WorldTree *layer = run->layers->pdata[candidate], *stale = world_tree_new ();
  g_autoptr (GPtrArray) paths = world_paths (layer), directories = world_stale_directories (layer, run->tree);
  for (guint i = 0; i < paths->len; i++)
    {
      guint content = world_content (layer, paths->pdata[i]);
      if (content != WORLD_DIRECTORY && !world_same_paths (layer, run->tree, content))
        g_hash_table_insert (stale, g_strdup (paths->pdata[i]), GUINT_TO_POINTER (content));
    }
  for (guint i = 0; i < directories->len; i++)
    g_hash_table_insert (stale, g_strdup (directories->pdata[i]), GUINT_TO_POINTER (WORLD_DIRECTORY));
  return stale;
}

/* Candidates whose stale paths can be hidden: 1. */
static guint8 *
find_hideable (const Run *run)
{
  guint8 *can_hide = g_new0 (guint8, run->layers->len + 1);
  g_autoptr (WorldTree) hidden = world_tree_new ();
  for (guint i = 0; i < run->layers->len; i++)
    {
      g_autoptr (WorldTree) stale = stale_paths (run, i);
      g_autoptr (GPtrArray) paths = world_paths (stale);
      can_hide[i] = run->candidates[i].entries != NULL && !run->candidates[i].is_extra;
      for (guint j = 0; j < paths->len && can_hide[i]; j++)
        can_hide[i] = !is_in_the_way (run, hidden, stale, paths->pdata[j]);
      for (guint j = 0; j < paths->len && can_hide[i]; j++)
        if (!g_hash_table_contains (run->tree, paths->pdata[j]))
          g_hash_table_insert (hidden, g_strdup (paths->pdata[j]), g_hash_table_lookup (stale, paths->pdata[j]));
    }
  return can_hide;
}

/* What cannot be hidden is not kept; a pinned one that can be, is. */
static void
check_hideable (const Run *run, const guint8 *is_kept, const guint8 *can_hide)
{
  for (guint i = 0; i < run->layers->len; i++)
    {
      if (is_kept[i] && !can_hide[i] && !run->candidates[i].is_extra)
        fail (run, "candidate %u is kept, and a stale path of it cannot be hidden", i);
      if (run->candidates[i].is_pinned && can_hide[i] && !is_kept[i])
        fail (run, "candidate %u is pinned, and is opened", i);
    }
}

/* Whether a pinned candidate has what the tree needs of this content. */
static gboolean
is_pinned_content (const Run *run, const guint8 *can_hide, guint content)
{
  for (guint i = 0; i < run->layers->len; i++)
    {
      g_autoptr (GArray) contents = world_contents (run->layers->pdata[i]);
      for (guint j = 0; run->candidates[i].is_pinned && can_hide[i] && j < contents->len; j++)
        if (g_array_index (contents, guint, j) == content
            && world_same_paths (run->layers->pdata[i], run->tree, content))
          return TRUE;
    }
  return FALSE;
}

/* As the choice weighs: what a pinned candidate has does not count for another one. */
static Weight
weigh_for_choice (const Run *run, GHashTable *servers, const guint8 *can_hide, guint32 candidate)
{
  Weight weight = { 0, weight_of_directories (run, candidate) };
  g_autoptr (GArray) contents = world_contents (run->layers->pdata[candidate]);
  for (guint i = 0; i < contents->len; i++)
    {
      guint content = g_array_index (contents, guint, i);
      gboolean counts = run->candidates[candidate].is_pinned || !is_pinned_content (run, can_hide, content);
      guint64 *sum = counts && server_of (servers, content) == candidate ? &weight.live : &weight.stale;
      *sum += content / 1000 * 1000 + OBJECT_BYTES;
    }
  return weight;
}

/* With room for all, what is worth it is kept while the bound allows it. If nothing is kept, too little was worth it.
 */
static void
check_no_need (const Run *run, const guint8 *is_kept, const guint8 *can_hide)
{
  g_autoptr (GHashTable) servers = find_servers (run, can_hide);
  guint64 all_stale = 0;
  for (guint i = 0; i < run->layers->len; i++)
    {
      Weight weight = weigh_for_choice (run, servers, can_hide, i);
      all_stale += can_hide[i] && !run->candidates[i].is_pinned && is_worth (weight) ? weight.stale : 0;
    }
  gboolean is_in_bound = all_stale * 1000 <= tree_weight (run) * run->options.stale_permille;
  if (!is_in_bound || run->options.max_layers < run->layers->len + 2 || n_kept (run) == 0)
    return;
  for (guint i = 0; i < run->layers->len; i++)
    if (can_hide[i] && !is_kept[i] && is_worth (weigh_for_choice (run, servers, can_hide, i))
        && (run->options.stale_permille > 0 || weigh_for_choice (run, servers, can_hide, i).stale == 0))
      fail (run, "candidate %u is opened, without need", i);
}

/* With room for all, a layer of another image is kept exactly where it has nothing stale, and nothing that is served.
 */
static void
check_extras (const Run *run, const guint8 *is_kept)
{
  g_autofree guint8 *others = g_memdup2 (is_kept, run->layers->len + 1);
  if (run->options.max_layers < run->layers->len + 2 || n_kept (run) == 0)
    return;
  for (guint i = 0; i < run->layers->len; i++)
    others[i] = others[i] && !run->candidates[i].is_extra;
  for (guint i = 0; i < run->layers->len; i++)
    {
      if (!run->candidates[i].is_extra)
        continue;
      const VarveLayerEntries *entries = run->candidates[i].entries;
      gboolean is_useful = entries != NULL && entries->stale->len == 0 && entries->objects->len > 0;
      g_autoptr (GHashTable) servers = find_servers (run, others);
      for (guint j = 0; is_useful && j < entries->objects->len; j++)
        {
          guint content = content_of (run, g_array_index (entries->objects, guint32, j));
          is_useful = server_of (servers, content) == VARVE_NO_LAYER;
        }
      if (is_useful != (is_kept[i] == 1))
        fail (run, "candidate %u of another image: %s", i, is_useful ? "is not kept" : "is kept");
      others[i] = is_kept[i];
    }
}

static void
check_all (const Run *run)
{
  g_autofree guint8 *is_kept = kept_mask (run), *can_hide = find_hideable (run);
  g_autoptr (GHashTable) servers = find_servers (run, is_kept);
  check_order (run);
  check_served (run, servers);
  check_bounds (run, servers);
  check_room (run, servers);
  check_hideable (run, is_kept, can_hide);
  check_no_need (run, is_kept, can_hide);
  check_extras (run, is_kept);
}

/* The image as the candidates of a build of the same tree. */
static Run *
run_again (const Run *run)
{
  GPtrArray *layers = g_ptr_array_new_with_free_func ((GDestroyNotify)g_hash_table_unref);
  for (guint32 i = 0; i < run->plan->layers->len; i++)
    if (i < n_kept (run))
      g_ptr_array_add (layers, g_hash_table_ref (run->layers->pdata[varve_plan_layer (run->plan, i)->previous]));
    else
      {
        g_ptr_array_add (layers, world_tree_new ());
        put_new (run, layers->pdata[i], i);
        GHashTableIter iter;
        gpointer content;
        g_hash_table_iter_init (&iter, layers->pdata[i]);
        while (g_hash_table_iter_next (&iter, NULL, &content))
          if (GPOINTER_TO_UINT (content) == WORLD_DIRECTORY)
            g_hash_table_iter_remove (&iter);
      }
  Run *again = run_new (run->tree, layers, run->options);
  again->seed = run->seed;
  for (guint32 i = 0; i < layers->len; i++)
    again->candidates[i].is_pinned = varve_plan_layer (run->plan, i)->is_pinned;
  return again;
}

static void
check_same_layers (const Run *run, const Run *again)
{
  gboolean is_same = again->plan->layers->len == run->plan->layers->len && again->absent->len == run->absent->len;
  for (guint32 i = 0; i < run->plan->layers->len && is_same; i++)
    {
      g_autoptr (GArray) left = varve_plan_layer_objects (run->plan, varve_plan_layer (run->plan, i));
      g_autoptr (GArray) right = varve_plan_layer_objects (again->plan, varve_plan_layer (again->plan, i));
      is_same = varve_plan_layer (again->plan, i)->previous == i && left->len == right->len
                && (left->len == 0 || memcmp (left->data, right->data, left->len * sizeof (guint32)) == 0);
    }
  for (guint i = 0; i < run->absent->len && is_same; i++)
    is_same = strcmp (run->absent->pdata[i], again->absent->pdata[i]) == 0;
  if (!is_same)
    fail (run, "built again, the layers are others");
}

static gboolean
has_pinned (const Run *run)
{
  for (guint i = 0; i < run->layers->len; i++)
    if (run->candidates[i].is_pinned)
      return TRUE;
  return FALSE;
}

/* Keeps, packs and checks; returns the image, whose candidates are its layers. Built again it is the same, but for an
 * object that a pinned layer has and another one hides: it is in a new layer, which then counts as that much less. */
static Run *
run_build (Run *run)
{
  run_keep (run);
  check_all (run);
  gboolean may_be_over = n_kept (run) > 0 && has_only_pinned (run);
  run_pack (run);
  check_container (run);
  Run *again = run_again (run);
  run_keep (again);
  gboolean is_over = run->plan->layers->len + (run->absent->len > 0) > run->options.max_layers;
  if (is_over && !may_be_over)
    fail (run, "%u layers, of %u", run->plan->layers->len, run->options.max_layers);
  check_all (again);
  if (!is_over && !has_pinned (run))
    check_same_layers (run, again);
  return again;
}
