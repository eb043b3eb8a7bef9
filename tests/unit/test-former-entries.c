/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/former-entries, with what chunker/ledger-layers records: a ledger tells what the layers have, or that they
 * must be read. */
#include "chunker/former-entries.h"

#include "chunker/ledger-codec.h"
#include "tests/unit/kept-world.h"

/* An image: its tree, the plan of its layers and the ledger. */
typedef struct {
  WorldTree *tree;
  VarveInventory *inventory;
  VarvePlan *plan;
  VarveLedger *ledger;
} Image;

static void
image_free (Image *image)
{
  varve_ledger_free (image->ledger);
  varve_plan_free (image->plan);
  varve_inventory_free (image->inventory);
  g_hash_table_unref (image->tree);
  g_free (image);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Image, image_free)

static void
place (Image *image)
{
  image->ledger = varve_ledger_advance (NULL, image->plan, 1000);
  varve_ledger_place (image->ledger, image->plan);
}

/* Of the tree, with these layers of earlier ones to keep. */
static Image *
image_new (WorldTree *tree, const GPtrArray *layers)
{
  Image *image = g_new0 (Image, 1);
  image->tree = g_hash_table_ref (tree);
  image->inventory = world_inventory (tree);
  image->plan = world_plan (image->inventory);
  g_autofree VarveKeptCandidate *candidates = g_new0 (VarveKeptCandidate, layers->len + 1);
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_layer_entries_free);
  for (guint i = 0; i < layers->len; i++)
    {
      candidates[i].entries = world_entries (layers->pdata[i], tree, image->inventory);
      if (candidates[i].entries != NULL)
        g_ptr_array_add (entries, (gpointer)candidates[i].entries);
    }
  VarveKeepOptions keep = { .max_layers = 12, .stale_permille = 1000 };
  g_autoptr (GPtrArray) absent = varve_kept_layers_add (image->plan, image->inventory, candidates, layers->len, &keep);
  VarvePackOptions pack = VARVE_PACK_OPTIONS_INIT;
  pack.max_layers = 11;
  varve_pack_loose (image->plan, image->inventory, &pack);
  place (image);
  return image;
}

static void
change (WorldTree *tree, guint n_changes, guint64 *state)
{
  for (; n_changes > 0; n_changes--)
    world_change (tree, state);
}

/* An image that keeps layers of an earlier one, of which something is stale more often than not. */
static Image *
random_image (guint64 *state)
{
  g_autoptr (WorldTree) tree = world_random_tree (state);
  g_autoptr (GPtrArray) layers = world_publish (tree, 5, state);
  change (tree, (guint)prng_below (state, 5), state);
  g_autoptr (GPtrArray) later = world_publish (tree, 5, state);
  for (guint i = 0; i < later->len; i++)
    if (prng_below (state, 2) == 0)
      g_ptr_array_add (layers, g_hash_table_ref (later->pdata[i]));
  change (tree, (guint)prng_below (state, 3), state);
  return image_new (tree, layers);
}

/* What the ledger says of the image's layers, for another tree; read back from its bytes. */
static GPtrArray *
ask (const Image *image, const VarveInventory *inventory, const VarvePlan *plan)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = varve_ledger_to_bytes (image->ledger);
  g_autoptr (VarveLedger) back = varve_ledger_from_bytes (bytes, &error);
  g_assert_no_error (error);
  GPtrArray *entries = varve_former_entries_new (plan, inventory, back, image->plan->layers->len);
  g_autoptr (GPtrArray) direct = varve_former_entries_new (plan, inventory, image->ledger, image->plan->layers->len);
  for (guint i = 0; i < entries->len; i++)
    g_assert_true ((entries->pdata[i] == NULL) == (direct->pdata[i] == NULL));
  return entries;
}

static gboolean
is_same_stale (const VarveLayerEntries *entries, const GPtrArray *stale)
{
  if (entries->stale->len != (stale != NULL ? stale->len : 0))
    return FALSE;
  for (guint32 i = 0; i < entries->stale->len; i++)
    {
      const VarveStaleObject *left = entries->stale->pdata[i], *right = stale->pdata[i];
      if (!g_strv_equal ((const char *const *)left->paths, (const char *const *)right->paths)
          || left->size_bytes != right->size_bytes || left->mark != right->mark)
        return FALSE;
    }
  return TRUE;
}

/* The object of a tree with the content of this one, if its paths are the same; VARVE_NO_INDEX: none. */
static guint32
same_object (const Image *image, guint32 object, WorldTree *tree, const VarveInventory *inventory)
{
  const char *path = image->inventory->files[image->inventory->objects[object].first_file].path;
  guint content = world_content (image->tree, path);
  return world_same_paths (image->tree, tree, content)
             ? inventory->files[varve_inventory_find_file (inventory, path)].object
             : VARVE_NO_INDEX;
}

/* The entries are those of the layer, in the numbers of another tree. */
static gboolean
is_same_layer (const Image *image, guint32 index, const VarveLayerEntries *entries, WorldTree *tree,
               const VarveInventory *inventory)
{
  const VarvePlanLayer *layer = varve_plan_layer (image->plan, index);
  g_autoptr (GArray) objects = varve_plan_layer_objects (image->plan, layer);
  gboolean is_same = objects->len == entries->objects->len && is_same_stale (entries, layer->stale);
  g_autoptr (GArray) expected = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 i = 0; i < objects->len; i++)
    g_array_append_val (expected,
                        (guint32){ same_object (image, g_array_index (objects, guint32, i), tree, inventory) });
  g_array_sort (expected, world_compare_objects);
  for (guint32 i = 0; i < objects->len && is_same; i++)
    is_same = g_array_index (expected, guint32, i) == g_array_index (entries->objects, guint32, i);
  return is_same;
}

/* The model: which layers must be read. */

/* Whether the plan has the atom as it was. */
static gboolean
is_unchanged (const VarvePlan *plan, const VarveAtom *atom)
{
  for (guint32 i = 0; i < plan->atoms->len; i++)
    if (strcmp (varve_plan_atom (plan, i)->name, atom->name) == 0)
      return varve_digest_compare (&varve_plan_atom (plan, i)->digest, &atom->digest) == 0;
  return FALSE;
}

/* Whether all components of the layer are as they were. */
static gboolean
is_unchanged_layer (const Image *image, guint32 index, const VarvePlan *plan)
{
  const VarvePlanLayer *layer = varve_plan_layer (image->plan, index);
  for (guint32 i = 0; i < layer->n_atoms; i++)
    if (!is_unchanged (plan, varve_plan_atom (image->plan, layer->atoms[i])))
      return FALSE;
  return TRUE;
}

/* The layer of the image that serves an object of the other tree, as far as no layer need be read for that. */
static guint32
known_layer (const Image *image, guint content, WorldTree *tree, const VarvePlan *plan)
{
  g_autoptr (GPtrArray) paths = world_paths_of (tree, content);
  if (!world_same_paths (image->tree, tree, content))
    return VARVE_NO_LAYER;
  guint32 object = world_object (image->inventory, paths);
  for (guint32 i = 0; i < image->plan->layers->len; i++)
    {
      g_autoptr (GArray) objects = varve_plan_layer_objects (image->plan, varve_plan_layer (image->plan, i));
      for (guint32 j = 0; j < objects->len; j++)
        if (g_array_index (objects, guint32, j) == object)
          return is_unchanged_layer (image, i, plan) ? i : VARVE_NO_LAYER;
    }
  g_assert_not_reached ();
}

/* Whether the tree may need a stale object of the layer. */
static gboolean
is_needed (const Image *image, guint32 index, WorldTree *tree, const VarvePlan *plan)
{
  const VarvePlanLayer *layer = varve_plan_layer (image->plan, index);
  for (guint32 i = 0; layer->stale != NULL && i < layer->stale->len; i++)
    {
      const VarveStaleObject *stale = layer->stale->pdata[i];
      g_autofree char *directory = g_strndup (stale->paths[0], strlen (stale->paths[0]) - 1);
      if (g_str_has_suffix (stale->paths[0], "/") && world_has_directory (tree, directory))
        return TRUE;
      guint content = world_content (tree, stale->paths[0]);
      VarveDigest checksum = varve_digest_of (&content, sizeof content);
      g_autoptr (GPtrArray) paths = world_paths_of (tree, content);
      if (content == WORLD_DIRECTORY || varve_stale_object_mark (&checksum) != stale->mark
          || paths->len != g_strv_length (stale->paths))
        continue;
      guint32 known = known_layer (image, content, tree, plan);
      if (known == VARVE_NO_LAYER || known < index)
        return TRUE;
    }
  return FALSE;
}

static void
test_same_tree (void)
{
  guint n_stale = 0, n_split = 0;
  for (guint64 seed = 1; seed <= 500; seed++)
    {
      guint64 state = seed;
      g_autoptr (Image) image = random_image (&state);
      g_autoptr (VarvePlan) plan = world_plan (image->inventory);
      g_autoptr (GPtrArray) entries = ask (image, image->inventory, plan);
      for (guint32 i = 0; i < image->plan->layers->len; i++)
        {
          if (entries->pdata[i] == NULL || !is_same_layer (image, i, entries->pdata[i], image->tree, image->inventory))
            g_error ("seed %" G_GUINT64_FORMAT ": layer %u has something else", seed, i);
          n_stale += ((VarveLayerEntries *)entries->pdata[i])->stale->len;
        }
      for (guint32 i = 0; i < image->ledger->entries->len; i++)
        n_split += varve_ledger_entry (image->ledger, i)->runs != NULL;
    }
  g_assert_cmpuint (n_stale, >, 100);
  g_assert_cmpuint (n_split, >, 100);
}

/* Exactly the layers must be read that have something of a changed component, or may have what is needed again. */
static void
test_another_tree (void)
{
  guint n_read = 0, n_needed = 0, n_known = 0;
  for (guint64 seed = 1; seed <= 1500; seed++)
    {
      guint64 state = seed;
      g_autoptr (Image) image = random_image (&state);
      g_autoptr (WorldTree) tree = world_copy (image->tree);
      change (tree, 1 + (guint)prng_below (&state, 2), &state);
      g_autoptr (VarveInventory) inventory = world_inventory (tree);
      g_autoptr (VarvePlan) plan = world_plan (inventory);
      g_autoptr (GPtrArray) entries = ask (image, inventory, plan);
      for (guint32 i = 0; i < image->plan->layers->len; i++)
        {
          gboolean has_changed = !is_unchanged_layer (image, i, plan), needed = is_needed (image, i, tree, plan);
          if ((entries->pdata[i] == NULL) != (has_changed || needed)
              || (entries->pdata[i] != NULL && !is_same_layer (image, i, entries->pdata[i], tree, inventory)))
            g_error ("seed %" G_GUINT64_FORMAT ": layer %u: %s", seed, i,
                     entries->pdata[i] != NULL ? "not to be read" : "to be read");
          n_read += has_changed;
          n_needed += needed && !has_changed;
          n_known += entries->pdata[i] != NULL;
        }
    }
  g_test_message ("%u changed, %u with something needed, %u known", n_read, n_needed, n_known);
  g_assert_cmpuint (n_read, >, 100);
  g_assert_cmpuint (n_needed, >, 10);
  g_assert_cmpuint (n_known, >, 100);
}

/* Which objects of a component are in which layer is forgotten, but not in which layers it is. */
static void
test_forgotten (void)
{
  guint n_read = 0, n_known = 0;
  for (guint64 seed = 1; seed <= 300; seed++)
    {
      guint64 state = seed;
      g_autoptr (Image) image = random_image (&state);
      g_autofree guint8 *must_read = g_new0 (guint8, image->plan->layers->len + 1);
      for (guint32 i = 0; i < image->plan->layers->len; i++)
        must_read[i] = varve_ledger_layer (image->ledger, i)->stale->len > 0;
      for (guint32 i = 0; i < image->ledger->entries->len; i++)
        {
          const VarveLedgerEntry *entry = varve_ledger_entry (image->ledger, i);
          for (guint j = 0; entry->runs != NULL && j < entry->runs->len; j++)
            must_read[g_array_index (entry->runs, VarveLedgerRun, j).layer] = 1;
        }
      (void)varve_ledger_forget_objects (image->ledger);
      g_assert_false (varve_ledger_forget_objects (image->ledger));
      g_autoptr (VarvePlan) plan = world_plan (image->inventory);
      g_autoptr (GPtrArray) entries = ask (image, image->inventory, plan);
      for (guint32 i = 0; i < image->plan->layers->len; i++)
        {
          g_assert_true ((entries->pdata[i] == NULL) == (must_read[i] == 1));
          g_assert_true (must_read[i] == 1
                         || is_same_layer (image, i, entries->pdata[i], image->tree, image->inventory));
          n_read += must_read[i];
          n_known += !must_read[i];
        }
    }
  g_assert_cmpuint (n_read, >, 100);
  g_assert_cmpuint (n_known, >, 100);
}

/* A layer beyond the ledger's, as that of whiteouts is, has nothing of the tree. */
static void
test_layer_without_components (void)
{
  guint64 state = 1;
  g_autoptr (Image) image = random_image (&state);
  guint32 n = image->plan->layers->len;
  g_autoptr (VarvePlan) plan = world_plan (image->inventory);
  g_autoptr (GPtrArray) entries = varve_former_entries_new (plan, image->inventory, image->ledger, n + 1);
  g_assert_cmpuint (entries->len, ==, n + 1);
  const VarveLayerEntries *last = entries->pdata[n];
  g_assert_cmpuint (last->objects->len + last->stale->len, ==, 0);
}

/* A ledger of an earlier format: the layer of each component, nothing of the layers. */
static void
test_without_layers (void)
{
  g_autoptr (WorldTree) tree = world_tree ("usr/a=9000001 usr/b=9000002 usr/c=9000003 usr/d/a=9000004");
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (Image) image = image_new (tree, none);
  g_ptr_array_set_size (image->ledger->layers, 0);
  g_autoptr (VarvePlan) plan = world_plan (image->inventory);
  g_autoptr (GPtrArray) entries = ask (image, image->inventory, plan);
  g_assert_cmpuint (entries->len, >, 1);
  for (guint32 i = 0; i < entries->len; i++)
    g_assert_true (is_same_layer (image, i, entries->pdata[i], tree, image->inventory));
}

/* An object without a name in the layer cannot return to one. */
static void
test_stale_without_path (void)
{
  g_autoptr (WorldTree) tree = world_tree ("usr/a=5001");
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (Image) image = image_new (tree, none);
  VarvePlanLayer *layer = varve_plan_layer (image->plan, 0);
  layer->stale = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_stale_object_free);
  g_ptr_array_add (layer->stale, varve_stale_object_new (g_ptr_array_new (), 100, 1));
  varve_ledger_place (image->ledger, image->plan);
  g_autoptr (VarvePlan) plan = world_plan (image->inventory);
  g_autoptr (GPtrArray) entries = ask (image, image->inventory, plan);
  g_assert_true (is_same_layer (image, 0, entries->pdata[0], tree, image->inventory));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/former-entries/same-tree", test_same_tree);
  g_test_add_func ("/former-entries/another-tree", test_another_tree);
  g_test_add_func ("/former-entries/forgotten", test_forgotten);
  g_test_add_func ("/former-entries/layer-without-components", test_layer_without_components);
  g_test_add_func ("/former-entries/without-layers", test_without_layers);
  g_test_add_func ("/former-entries/stale-without-path", test_stale_without_path);
  return g_test_run ();
}
