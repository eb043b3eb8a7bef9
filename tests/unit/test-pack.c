/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/pack: properties over random worlds, the ends, and one world whose layers are pinned. */
#include "chunker/pack.h"

#include <string.h>

#include "chunker/churn.h"
#include "tests/unit/prng.h"

static const VarvePackOptions OPTIONS = VARVE_PACK_OPTIONS_INIT;

static VarveAtom *
add (VarvePlan *plan, const char *name, VarveComponentKind kind, guint64 size_bytes, guint probability_per_cent)
{
  VarveAtom *atom = varve_plan_add_atom (plan, name, NULL, kind);
  atom->digest = varve_digest_of (name, strlen (name));
  atom->size_bytes = size_bytes;
  atom->probability = probability_per_cent * VARVE_PROBABILITY_ONE / 100;
  return atom;
}

/* Mostly packages; some specials, some empty ones, some names twice. */
static VarvePlan *
random_world (guint64 *state, guint32 n_max)
{
  VarvePlan *plan = varve_plan_new ();
  guint32 n = (guint32)prng_below (state, n_max + 1);
  guint hotness = (guint)prng_below (state, 6);
  for (guint32 i = 0; i < n; i++)
    {
      guint64 draw = prng_below (state, 40);
      VarveComponentKind kind = draw < VARVE_CHURN_KINDS ? (VarveComponentKind)draw : VARVE_COMPONENT_PACKAGE;
      guint64 number = prng_below (state, 50) == 0 ? 0 : prng_next (state);
      g_autofree char *name = g_strdup_printf ("atom%" G_GUINT64_FORMAT, number);
      VarveAtom *atom = add (plan, name, kind, prng_below (state, 30) == 0 ? 0 : prng_magnitude (state, 28), 0);
      guint64 bytes[] = { prng_next (state), i };
      atom->digest = varve_digest_of (bytes, sizeof bytes);
      atom->probability = (guint32)(prng_below (state, VARVE_PROBABILITY_ONE + 1) >> prng_below (state, hotness + 1));
      if (kind == VARVE_COMPONENT_INITRAMFS || kind == VARVE_COMPONENT_PACKAGE_DATABASE)
        atom->probability = VARVE_PROBABILITY_ONE / 100 * 97;
    }
  return plan;
}

/* The same atoms, without layers, in another order. */
static VarvePlan *
shuffled (const VarvePlan *plan, guint64 *state)
{
  guint32 n = plan->atoms->len;
  g_autofree guint32 *order = g_new (guint32, n);
  for (guint32 i = 0; i < n; i++)
    order[i] = i;
  for (guint32 i = n; i > 1; i--)
    {
      guint32 j = (guint32)prng_below (state, i), swapped = order[i - 1];
      order[i - 1] = order[j];
      order[j] = swapped;
    }
  VarvePlan *result = varve_plan_new ();
  for (guint32 i = 0; i < n; i++)
    {
      const VarveAtom *from = varve_plan_atom (plan, order[i]);
      VarveAtom *to = varve_plan_add_atom (result, from->component, from->subtree, from->kind);
      to->digest = from->digest;
      to->size_bytes = from->size_bytes;
      to->probability = from->probability;
    }
  return result;
}

/* Layers by line, atoms by name and digest. */
static char *
print_layers (const VarvePlan *plan)
{
  GString *text = g_string_new (NULL);
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (plan, i);
      for (guint32 j = 0; j < layer->n_atoms; j++)
        {
          const VarveAtom *atom = varve_plan_atom (plan, layer->atoms[j]);
          g_autofree char *hex = varve_digest_to_hex (&atom->digest);
          g_string_append_printf (text, "%s-%s ", atom->name, hex);
        }
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

/* What every plan must hold; says which seed broke it. */
static void
check_plan (const VarvePlan *plan, guint32 max_layers, guint64 seed)
{
  g_autofree guint32 *seen = g_new0 (guint32, plan->atoms->len);
  guint32 probability = 0, n_seen = 0;
  gboolean is_right = plan->layers->len <= max_layers;
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (plan, i);
      is_right = is_right && layer->n_atoms > 0 && layer->probability >= probability;
      probability = layer->probability;
      for (guint32 j = 0; j < layer->n_atoms; j++)
        is_right = is_right && seen[layer->atoms[j]]++ == 0;
      n_seen += layer->n_atoms;
    }
  if (!is_right || n_seen != plan->atoms->len)
    g_error ("seed %" G_GUINT64_FORMAT ", at most %u layers: wrong plan", seed, max_layers);
}

static void
test_every_atom_once (void)
{
  for (guint64 seed = 1; seed <= 300; seed++)
    for (guint32 max_layers = 1; max_layers <= 70; max_layers += 1 + max_layers / 8)
      {
        guint64 state = seed;
        g_autoptr (VarvePlan) plan = random_world (&state, 60);
        VarvePackOptions options = OPTIONS;
        options.max_layers = max_layers;
        varve_pack (plan, &options);
        check_plan (plan, max_layers, seed);
      }
}

static void
test_order_does_not_matter (void)
{
  for (guint64 seed = 1; seed <= 1000; seed++)
    {
      guint64 state = seed;
      g_autoptr (VarvePlan) plan = random_world (&state, 60), other = shuffled (plan, &state);
      VarvePackOptions options = OPTIONS;
      options.max_layers = 1 + (guint32)prng_below (&state, 40);
      varve_pack (plan, &options);
      varve_pack (other, &options);
      g_autofree char *layers = print_layers (plan), *other_layers = print_layers (other);
      if (g_strcmp0 (layers, other_layers) != 0)
        g_error ("seed %" G_GUINT64_FORMAT ": another order, another plan:\n%s\n%s", seed, layers, other_layers);
    }
}

static int
compare_sizes (gconstpointer a, gconstpointer b, gpointer plan)
{
  guint64 left = varve_plan_atom (plan, *(const guint32 *)a)->size_bytes;
  guint64 right = varve_plan_atom (plan, *(const guint32 *)b)->size_bytes;
  return (left < right) - (left > right);
}

/* The largest alone, the rest together. */
static guint64
cost_by_size (VarvePlan *plan, const VarvePackOptions *options)
{
  guint32 n = plan->atoms->len, n_alone = MIN (options->max_layers, n) - 1;
  g_autofree guint32 *order = g_new (guint32, n);
  for (guint32 i = 0; i < n; i++)
    order[i] = i;
  g_qsort_with_data (order, (gint)n, sizeof *order, compare_sizes, plan);
  for (guint32 i = 0; i < n_alone; i++)
    varve_plan_add_layer (plan, &order[i], 1);
  varve_plan_add_layer (plan, order + n_alone, n - n_alone);
  return varve_pack_cost_bytes (plan, options);
}

static guint64
cost_at_random (VarvePlan *plan, const VarvePackOptions *options, guint64 *state)
{
  g_autofree guint32 *layer_of = g_new (guint32, plan->atoms->len), *atoms = g_new (guint32, plan->atoms->len);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    layer_of[i] = (guint32)prng_below (state, options->max_layers);
  for (guint32 layer = 0; layer < options->max_layers; layer++)
    {
      guint32 n = 0;
      for (guint32 i = 0; i < plan->atoms->len; i++)
        if (layer_of[i] == layer)
          atoms[n++] = i;
      if (n > 0)
        varve_plan_add_layer (plan, atoms, n);
    }
  return varve_pack_cost_bytes (plan, options);
}

/* What the user wants alone is alone whatever it costs, so these worlds have nothing of the kind. */
static void
test_never_worse_than_simple_ways (void)
{
  for (guint64 seed = 1; seed <= 2000; seed++)
    {
      guint64 state = seed;
      g_autoptr (VarvePlan) plan = random_world (&state, 80);
      for (guint32 i = 0; i < plan->atoms->len; i++)
        if (varve_plan_atom (plan, i)->kind != VARVE_COMPONENT_UNOWNED)
          varve_plan_atom (plan, i)->kind = VARVE_COMPONENT_PACKAGE;
      if (plan->atoms->len == 0)
        continue;
      g_autoptr (VarvePlan) by_size = shuffled (plan, &state), at_random = shuffled (plan, &state);
      VarvePackOptions options = OPTIONS;
      options.max_layers = 1 + (guint32)prng_below (&state, 40);
      varve_pack (plan, &options);
      guint64 cost = varve_pack_cost_bytes (plan, &options), of_size = cost_by_size (by_size, &options);
      guint64 of_chance = cost_at_random (at_random, &options, &state);
      if (cost > of_size + 1 || cost > of_chance + 1) /* rounding of the sum */
        g_error ("seed %lu: %lu, by size %lu, at random %lu", (gulong)seed, (gulong)cost, (gulong)of_size,
                 (gulong)of_chance);
    }
}

/* More room never makes it dearer. */
static void
test_more_layers_cost_no_more (void)
{
  for (guint64 seed = 1; seed <= 200; seed++)
    {
      guint64 before = G_MAXUINT64;
      for (guint32 max_layers = 2; max_layers <= 64; max_layers *= 2)
        {
          guint64 state = seed;
          g_autoptr (VarvePlan) plan = random_world (&state, 60);
          for (guint32 i = 0; i < plan->atoms->len; i++)
            varve_plan_atom (plan, i)->kind = VARVE_COMPONENT_PACKAGE;
          VarvePackOptions options = OPTIONS;
          options.max_layers = max_layers;
          varve_pack (plan, &options);
          guint64 cost = varve_pack_cost_bytes (plan, &options);
          if (cost > before + before / 200)
            g_error ("seed %lu: %u layers cost %lu, half of them %lu", (gulong)seed, max_layers, (gulong)cost,
                     (gulong)before);
          before = cost;
        }
    }
}

/* The layer of the first atom of this name. */
static const VarvePlanLayer *
layer_of (const VarvePlan *plan, const char *name)
{
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      g_autoptr (GPtrArray) names = varve_plan_layer_names (plan, varve_plan_layer (plan, i));
      if (g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        return varve_plan_layer (plan, i);
    }
  g_assert_not_reached ();
}

static void
add_system (VarvePlan *plan)
{
  add (plan, "initramfs", VARVE_COMPONENT_INITRAMFS, 70 << 20, 96);
  add (plan, "kernel", VARVE_COMPONENT_KERNEL, 150 << 20, 30);
  add (plan, "rpmdb", VARVE_COMPONENT_PACKAGE_DATABASE, 20 << 20, 99);
  add (plan, "ld.so.cache", VARVE_COMPONENT_GENERATED, 100 << 10, 85);
  add (plan, "caches", VARVE_COMPONENT_GENERATED, 9 << 20, 85);
  add (plan, "etc", VARVE_COMPONENT_UNOWNED, 1 << 20, 20);
  add (plan, "app", VARVE_COMPONENT_EXCLUSIVE, 3 << 20, 50);
  add (plan, "linux-firmware", VARVE_COMPONENT_PACKAGE, 300 << 20, 15);
  add (plan, "glibc", VARVE_COMPONENT_PACKAGE, 20 << 20, 8);
  add (plan, "systemd", VARVE_COMPONENT_PACKAGE, 25 << 20, 12);
  add (plan, "podman", VARVE_COMPONENT_PACKAGE, 60 << 20, 25);
  add (plan, "bash", VARVE_COMPONENT_PACKAGE, 8 << 20, 3);
  add (plan, "sed", VARVE_COMPONENT_PACKAGE, 1 << 20, 1);
  add (plan, "grep", VARVE_COMPONENT_PACKAGE, 1 << 20, 1);
  add (plan, "tzdata", VARVE_COMPONENT_PACKAGE, 2 << 20, 20);
  add (plan, "vim", VARVE_COMPONENT_PACKAGE, 10 << 20, 60);
  add (plan, "hostname", VARVE_COMPONENT_PACKAGE, 20 << 10, 1);
  add (plan, "certain", VARVE_COMPONENT_PACKAGE, 5 << 20, 98);
}

static void
test_specials_alone (void)
{
  static const char *const ALONE[] = { "initramfs", "kernel", "rpmdb", "caches", "app" };
  for (guint32 max_layers = 24; max_layers <= 499; max_layers += 25)
    {
      g_autoptr (VarvePlan) plan = varve_plan_new ();
      add_system (plan);
      VarvePackOptions options = OPTIONS;
      options.max_layers = max_layers;
      varve_pack (plan, &options);
      for (guint i = 0; i < G_N_ELEMENTS (ALONE); i++)
        g_assert_cmpuint (layer_of (plan, ALONE[i])->n_atoms, ==, 1);
    }
}

/* Even those that change at every build: each is the last layer of a sealed image. */
static void
test_ukis_alone (void)
{
  static const char *const ALONE[] = { "uki:/boot/EFI/Linux/a.efi", "uki:/boot/EFI/Linux/b.efi" };
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  add_system (plan);
  for (guint i = 0; i < G_N_ELEMENTS (ALONE); i++)
    add (plan, ALONE[i], VARVE_COMPONENT_UKI, 80 << 20, 100);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    varve_plan_atom (plan, i)->n_steps = 100;
  VarvePackOptions options = OPTIONS;
  options.max_layers = 20;
  varve_pack (plan, &options);
  for (guint i = 0; i < G_N_ELEMENTS (ALONE); i++)
    g_assert_cmpuint (layer_of (plan, ALONE[i])->n_atoms, ==, 1);
}

/* What was seen to change at every build need not be alone; what is only believed to, is. */
static void
test_certain_together (void)
{
  static const char *const NAMES[] = { "initramfs", "rpmdb", NULL };
  for (guint n_steps = 0; n_steps <= 100; n_steps += 100)
    {
      g_autoptr (VarvePlan) plan = varve_plan_new ();
      add_system (plan);
      for (guint i = 0; i < 100; i++)
        {
          g_autofree char *name = g_strdup_printf ("package%02u", i);
          add (plan, name, VARVE_COMPONENT_PACKAGE, 5 << 20, 2 + i % 7);
        }
      plan->n_steps = n_steps;
      plan->prior_steps = 2;
      for (guint32 i = 0; i < plan->atoms->len; i++)
        if (g_strv_contains (NAMES, varve_plan_atom (plan, i)->name))
          {
            VarveAtom *atom = varve_plan_atom (plan, i);
            atom->probability = VARVE_PROBABILITY_ONE / 1000 * 999;
            atom->n_steps = n_steps;
            atom->changed = varve_events_newest ((VarveEvents){ { G_MAXUINT64, G_MAXUINT64 } }, n_steps);
          }
      VarvePackOptions options = OPTIONS;
      options.max_layers = 24;
      varve_pack (plan, &options);
      check_plan (plan, 24, 0);
      g_assert_true ((layer_of (plan, "initramfs") == layer_of (plan, "rpmdb")) == (n_steps > 0));
    }
}

/* With few layers the user's wish goes first; the rest is not sacrificed to the other specials. */
static void
test_few_layers (void)
{
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  add_system (plan);
  VarvePackOptions options = OPTIONS;
  options.max_layers = 4;
  varve_pack (plan, &options);
  check_plan (plan, 4, 0);
  g_assert_cmpuint (layer_of (plan, "app")->n_atoms, ==, 1);
  g_assert_true (layer_of (plan, "rpmdb") != layer_of (plan, "linux-firmware"));
  g_assert_true (layer_of (plan, "rpmdb") == layer_of (plan, "initramfs"));
}

/* As many wishes as layers can be granted; with one more, all are packed by what they cost. */
static void
test_many_exclusive (void)
{
  for (guint n = 4; n <= 5; n++)
    {
      g_autoptr (VarvePlan) plan = varve_plan_new ();
      for (guint i = 0; i < n; i++)
        {
          g_autofree char *name = g_strdup_printf ("wish%02u", i);
          add (plan, name, VARVE_COMPONENT_EXCLUSIVE, 1000 * (i + 1), 10);
        }
      add (plan, "initramfs", VARVE_COMPONENT_INITRAMFS, 60 << 20, 100);
      add (plan, "bash", VARVE_COMPONENT_PACKAGE, 2 << 20, 1);
      VarvePackOptions options = OPTIONS;
      options.max_layers = 5;
      varve_pack (plan, &options);
      check_plan (plan, 5, 0);
      g_assert_cmpuint (layer_of (plan, "wish03")->n_atoms == 1, ==, n == 4);
      g_assert_cmpuint (layer_of (plan, "initramfs")->n_atoms, ==, n == 4 ? 2 : 1);
    }
}

/* Layers that are there stay as they are, in their place. */
static void
test_layers_before_stay (void)
{
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  add_system (plan);
  guint32 clean[] = { 8, 3 }, other[] = { 0 };
  varve_plan_add_layer (plan, clean, 2);
  varve_plan_add_layer (plan, other, 1);
  VarvePackOptions options = OPTIONS;
  options.max_layers = 7;
  varve_pack (plan, &options);
  g_assert_cmpuint (plan->layers->len, ==, 7);
  g_assert_cmpuint (varve_plan_layer (plan, 0)->n_atoms, ==, 2);
  g_assert_true (layer_of (plan, "glibc") == varve_plan_layer (plan, 0));
  g_assert_true (layer_of (plan, "initramfs") == varve_plan_layer (plan, 1));
  guint32 n_atoms = 0;
  for (guint32 i = 0; i < plan->layers->len; i++)
    n_atoms += varve_plan_layer (plan, i)->n_atoms;
  g_assert_cmpuint (n_atoms, ==, plan->atoms->len);
  varve_pack (plan, &options); /* nothing left to do */
  g_assert_cmpuint (plan->layers->len, ==, 7);
}

static void
test_none (void)
{
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  varve_pack (plan, &OPTIONS);
  g_assert_cmpuint (plan->layers->len, ==, 0);
  g_assert_cmpuint (varve_pack_expected_bytes (plan), ==, 0);
}

/* @n atoms of one size and probability, into any number of layers. */
static void
check_uniform (guint32 n, guint64 size_bytes, guint probability_per_cent, const char *format)
{
  for (guint32 max_layers = 0; max_layers <= 600; max_layers = max_layers * 2 + 1)
    {
      g_autoptr (VarvePlan) plan = varve_plan_new ();
      for (guint32 i = 0; i < n; i++)
        {
          g_autofree char *name = g_strdup_printf ("%s%u", format, i * (format[0] != 's'));
          add (plan, name, VARVE_COMPONENT_PACKAGE, size_bytes, probability_per_cent);
        }
      VarvePackOptions options = OPTIONS;
      options.max_layers = max_layers;
      varve_pack (plan, &options);
      check_plan (plan, CLAMP (max_layers, 1, VARVE_PACK_LAYERS_MAX), 0);
    }
}

static void
test_ends (void)
{
  check_uniform (100, 5 << 20, 100, "hot");
  check_uniform (100, 5 << 20, 0, "cold");
  check_uniform (100, 0, 50, "empty");
  check_uniform (100, 0, 0, "nothing");
  check_uniform (100, 5 << 20, 20, "same"); /* all of one name */
  check_uniform (100, G_MAXUINT64, 20, "absurd");
  check_uniform (1, 5 << 20, 20, "one");
}

static void
test_one_giant (void)
{
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  add_system (plan);
  add (plan, "giant", VARVE_COMPONENT_PACKAGE, G_GUINT64_CONSTANT (100) << 30, 2);
  VarvePackOptions options = OPTIONS;
  options.max_layers = 3;
  varve_pack (plan, &options);
  const VarvePlanLayer *layer = layer_of (plan, "giant");
  g_assert_cmpuint (layer->n_atoms, ==, 1);
}

/* A row longer than what is partitioned one by one. */
static void
test_very_many (void)
{
  guint64 state = 1;
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *name = g_strdup_printf ("atom%u", i);
      add (plan, name, VARVE_COMPONENT_PACKAGE, prng_magnitude (&state, 24), (guint)prng_below (&state, 40));
    }
  VarvePackOptions options = OPTIONS;
  options.max_layers = 20;
  varve_pack (plan, &options);
  check_plan (plan, 20, 1);
  g_assert_cmpuint (plan->layers->len, ==, 20);
}

static void
test_expected_bytes (void)
{
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  add (plan, "a", VARVE_COMPONENT_PACKAGE, 1000, 50);
  add (plan, "b", VARVE_COMPONENT_PACKAGE, 100, 50);
  guint32 atoms[] = { 0, 1 };
  varve_plan_add_layer (plan, atoms, 2);
  g_assert_cmpuint (varve_pack_expected_bytes (plan), ==, 825); /* 0.75 of 1100 */
  VarvePackOptions options = { .max_layers = 1, .overhead_bytes = 1000 };
  g_assert_cmpuint (varve_pack_cost_bytes (plan, &options), ==, 825 + 750 + 768);
}

static void
test_golden (void)
{
  static const char *const EXPECTED = "bash glibc\n"
                                      "grep sed systemd\n"
                                      "linux-firmware\n"
                                      "podman\n"
                                      "kernel\n"
                                      "etc tzdata\n"
                                      "app\n"
                                      "vim\n"
                                      "caches\n"
                                      "initramfs\n"
                                      "certain hostname ld.so.cache rpmdb\n";
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  add_system (plan);
  VarvePackOptions options = OPTIONS;
  options.max_layers = 11;
  varve_pack (plan, &options);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      g_autoptr (GPtrArray) names = varve_plan_layer_names (plan, varve_plan_layer (plan, i));
      for (guint32 j = 0; j < names->len; j++)
        g_string_append_printf (text, "%s%s", j > 0 ? " " : "", (const char *)g_ptr_array_index (names, j));
      g_string_append_c (text, '\n');
    }
  g_assert_cmpstr (text->str, ==, EXPECTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pack/every-atom-once", test_every_atom_once);
  g_test_add_func ("/pack/order-does-not-matter", test_order_does_not_matter);
  g_test_add_func ("/pack/never-worse-than-simple-ways", test_never_worse_than_simple_ways);
  g_test_add_func ("/pack/more-layers-cost-no-more", test_more_layers_cost_no_more);
  g_test_add_func ("/pack/specials-alone", test_specials_alone);
  g_test_add_func ("/pack/ukis-alone", test_ukis_alone);
  g_test_add_func ("/pack/certain-together", test_certain_together);
  g_test_add_func ("/pack/few-layers", test_few_layers);
  g_test_add_func ("/pack/many-exclusive", test_many_exclusive);
  g_test_add_func ("/pack/layers-before-stay", test_layers_before_stay);
  g_test_add_func ("/pack/none", test_none);
  g_test_add_func ("/pack/ends", test_ends);
  g_test_add_func ("/pack/one-giant", test_one_giant);
  g_test_add_func ("/pack/very-many", test_very_many);
  g_test_add_func ("/pack/expected-bytes", test_expected_bytes);
  g_test_add_func ("/pack/golden", test_golden);
  return g_test_run ();
}
