/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Random worlds for the tests of memory: what is in them changes from build to build, some of it together. For one test
 * program each. */

#include <string.h>

#include "chunker/forecast.h"
#include "chunker/former-layers.h"
#include "chunker/ledger-codec.h"
#include "chunker/pack.h"
#include "tests/unit/prng.h"

typedef struct {
  char *component, *subtree;
  VarveComponentKind kind;
  guint64 size_bytes, version;
  guint32 probability; /* what is believed of it before there is any history */
  guint32 rate;        /* what is true: changes in so many of 1000 builds, by itself */
  guint group;         /* that it changes with; 0: none */
  gboolean is_gone;
} WorldAtom;

enum { WORLD_GROUPS = 6 };

typedef struct {
  GPtrArray *atoms;                  /* WorldAtom */
  guint32 group_rates[WORLD_GROUPS]; /* the first is not looked at */
  guint64 state;
} World;

static void
world_atom_free (gpointer data)
{
  WorldAtom *atom = data;
  g_free (atom->component);
  g_free (atom->subtree);
  g_free (atom);
}

static void
world_free (World *world)
{
  g_ptr_array_unref (world->atoms);
  g_free (world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

static WorldAtom *
world_atom (const World *world, guint index)
{
  return g_ptr_array_index (world->atoms, index);
}

static WorldAtom *
world_add (World *world)
{
  static const guint32 RATES[] = { 0, 2, 5, 10, 20, 50, 100, 200, 500, 900 };
  WorldAtom *atom = g_new0 (WorldAtom, 1);
  guint n = world->atoms->len;
  /* Every so often a part, and a component that is named as a part would be. */
  atom->component
      = n % 17 == 5 ? g_strdup_printf ("c%u:usr/x", n - 1) : g_strdup_printf ("c%u", n % 17 == 6 ? n - 2 : n);
  atom->subtree = n % 17 == 6 ? g_strdup ("usr/x") : NULL;
  atom->size_bytes = prng_magnitude (&world->state, 26);
  atom->kind = prng_below (&world->state, 8) == 0 ? VARVE_COMPONENT_UNOWNED : VARVE_COMPONENT_PACKAGE;
  atom->rate = RATES[prng_below (&world->state, G_N_ELEMENTS (RATES))];
  atom->group = (guint)prng_below (&world->state, 2 * WORLD_GROUPS);
  if (atom->group >= WORLD_GROUPS)
    atom->group = 0;
  atom->probability = VARVE_PROBABILITY_ONE / 512 + (guint32)prng_below (&world->state, VARVE_PROBABILITY_ONE / 8);
  g_ptr_array_add (world->atoms, atom);
  return atom;
}

static void
world_add_special (World *world, const char *name, VarveComponentKind kind, guint64 size_bytes, guint32 rate)
{
  WorldAtom *atom = world_add (world);
  g_clear_pointer (&atom->subtree, g_free);
  g_free (atom->component);
  atom->component = g_strdup (name);
  atom->kind = kind;
  atom->size_bytes = size_bytes;
  atom->rate = rate;
  atom->group = 0;
  atom->probability = rate * (VARVE_PROBABILITY_ONE / 1000);
}

/* So many packages, and what every system has beside them. */
static World *
world_new (guint64 seed, guint n_packages)
{
  World *world = g_new0 (World, 1);
  world->atoms = g_ptr_array_new_with_free_func (world_atom_free);
  world->state = seed;
  for (guint i = 1; i < WORLD_GROUPS; i++)
    world->group_rates[i] = 10 + (guint32)prng_below (&world->state, 400);
  for (guint i = 0; i < n_packages; i++)
    world_add (world);
  if (prng_below (&world->state, 3) == 0)
    return world;
  world_add_special (world, "initramfs", VARVE_COMPONENT_INITRAMFS, 20 << 20, 960);
  world_add_special (world, "kernel", VARVE_COMPONENT_KERNEL, 60 << 20, 200);
  world_add_special (world, "rpmdb", VARVE_COMPONENT_PACKAGE_DATABASE, 10 << 20, 990);
  world_add_special (world, "caches", VARVE_COMPONENT_GENERATED, 3 << 20, 850);
  return world;
}

/* One build later. */
static void
world_step (World *world)
{
  gboolean happens[WORLD_GROUPS] = { FALSE };
  for (guint i = 1; i < WORLD_GROUPS; i++)
    happens[i] = prng_below (&world->state, 1000) < world->group_rates[i];
  for (guint i = 0; i < world->atoms->len; i++)
    {
      WorldAtom *atom = world_atom (world, i);
      gboolean changes = atom->group > 0 ? happens[atom->group] && prng_below (&world->state, 10) > 0
                                         : prng_below (&world->state, 1000) < atom->rate;
      if (!changes)
        continue;
      atom->version = prng_next (&world->state);
      atom->size_bytes += atom->size_bytes * prng_below (&world->state, 5) / 100;
      atom->size_bytes -= atom->size_bytes * prng_below (&world->state, 5) / 100;
    }
}

static VarvePlan *
world_plan (const World *world)
{
  VarvePlan *plan = varve_plan_new ();
  for (guint i = 0; i < world->atoms->len; i++)
    {
      const WorldAtom *from = world_atom (world, i);
      if (from->is_gone)
        continue;
      VarveAtom *atom = varve_plan_add_atom (plan, from->component, from->subtree, from->kind);
      guint64 content[] = { i, from->version };
      atom->digest = varve_digest_of (content, sizeof content);
      atom->raw_bytes = 3 * from->size_bytes;
      atom->size_bytes = from->size_bytes;
      atom->probability = from->probability;
    }
  return plan;
}

static void
world_shuffle (GPtrArray *atoms, guint64 *state)
{
  for (guint i = atoms->len; i > 1; i--)
    {
      guint j = (guint)prng_below (state, i);
      gpointer swapped = atoms->pdata[i - 1];
      atoms->pdata[i - 1] = atoms->pdata[j];
      atoms->pdata[j] = swapped;
    }
}

/* A build and what the next one knows of it. */
typedef struct {
  VarvePlan *plan;
  VarveLedger *ledger;
} Built;

static void
built_free (Built *built)
{
  varve_plan_free (built->plan);
  varve_ledger_free (built->ledger);
  g_free (built);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Built, built_free)

typedef enum { BUILD_NEXT, BUILD_AGAIN, BUILD_AFRESH } BuildMode;

static gint64
time_after (const VarveLedger *before)
{
  return before != NULL && before->times->len > 0 ? g_array_index (before->times, gint64, 0) + 7 * 86400
                                                  : 20000 * 86400LL;
}

/* Takes the plan, which has atoms alone, through all that a build does; afresh: with the ledger, but with no layer
 * kept. */
static Built *
build_plan (VarvePlan *plan, const VarveLedger *former, guint32 max_layers, BuildMode mode)
{
  VarvePackOptions options = VARVE_PACK_OPTIONS_INIT;
  options.max_layers = max_layers;
  Built *built = g_new0 (Built, 1);
  built->plan = plan;
  built->ledger = mode == BUILD_AGAIN ? varve_ledger_repeat (former, plan)
                                      : varve_ledger_advance (former, plan, time_after (former));
  varve_forecast (plan, built->ledger);
  if (former != NULL && mode != BUILD_AFRESH)
    {
      g_autoptr (VarveFormerLayers) layers = varve_former_layers_new (plan, former);
      varve_former_layers_keep (layers, plan, &(VarveKeepOptions){ .max_layers = max_layers });
    }
  varve_pack (plan, &options);
  varve_ledger_place (built->ledger, plan);
  return built;
}

static Built *
build_world (const World *world, const Built *before, guint32 max_layers, BuildMode mode)
{
  return build_plan (world_plan (world), before != NULL ? before->ledger : NULL, max_layers, mode);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* What is in a layer: names and contents, in no order of the plan's. */
static char *
layer_text (const VarvePlan *plan, const VarvePlanLayer *layer)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  for (guint32 i = 0; i < layer->n_atoms; i++)
    {
      const VarveAtom *atom = varve_plan_atom (plan, layer->atoms[i]);
      g_ptr_array_add (
          texts, g_strdup_printf ("%s=%016" G_GINT64_MODIFIER "x", atom->name, varve_ledger_digest (&atom->digest)));
    }
  g_ptr_array_sort (texts, compare_texts);
  g_ptr_array_add (texts, NULL);
  return g_strjoinv (" ", (char **)texts->pdata);
}

static char *
layers_text (const VarvePlan *plan)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      g_autofree char *layer = layer_text (plan, varve_plan_layer (plan, i));
      g_string_append_printf (text, "%s\n", layer);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Bytes of the layers that the image before did not have. */
static guint64
download_bytes (const Built *before, const Built *now)
{
  g_autoptr (GHashTable) had = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint32 i = 0; i < before->plan->layers->len; i++)
    g_hash_table_add (had, layer_text (before->plan, varve_plan_layer (before->plan, i)));
  guint64 sum = 0;
  for (guint32 i = 0; i < now->plan->layers->len; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (now->plan, i);
      g_autofree char *text = layer_text (now->plan, layer);
      if (!g_hash_table_contains (had, text))
        sum += layer->size_bytes;
    }
  return sum;
}
