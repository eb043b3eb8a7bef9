/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/room: a small kept layer is opened where what changes would else share a layer with what does not. */
#include "chunker/room.h"

#define MB 1000000u

typedef struct {
  guint32 n_kept;     /* the first atoms of the plan, each in a layer, the smallest last */
  guint32 max_layers; /* of the options */
  guint n_calls;
  guint32 n_free; /* of the last call */
} Fill;

static void
fill_plan (VarvePlan *plan, guint32 n_free, gpointer data)
{
  Fill *fill = data;
  guint32 n = fill->n_kept + n_free > fill->max_layers ? fill->max_layers - n_free : fill->n_kept;
  g_assert_cmpuint (plan->layers->len, ==, 0);
  for (guint32 i = 0; i < n; i++)
    varve_plan_add_layer (plan, &i, 1)->previous = i;
  VarvePackOptions pack = VARVE_PACK_OPTIONS_INIT;
  pack.max_layers = fill->max_layers;
  pack.may_keep_stale = TRUE;
  varve_pack (plan, &pack);
  fill->n_calls++;
  fill->n_free = n_free;
}

static void
add_atom (VarvePlan *plan, const char *name, guint64 size_bytes, double probability)
{
  VarveAtom *atom = varve_plan_add_atom (plan, name, NULL, VARVE_COMPONENT_PACKAGE);
  atom->size_bytes = atom->raw_bytes = size_bytes;
  atom->probability = (guint32)(probability * VARVE_PROBABILITY_ONE);
}

/* Kept layers of that size, and two loose atoms: one changes at each build, one hardly ever. */
static VarvePlan *
plan_new (guint32 n_kept, guint64 kept_bytes, guint64 quiet_bytes)
{
  VarvePlan *plan = varve_plan_new ();
  for (guint32 i = 0; i < n_kept; i++)
    {
      g_autofree char *name = g_strdup_printf ("kept%u", i);
      add_atom (plan, name, kept_bytes, 0.01);
    }
  add_atom (plan, "busy", 100 * MB, 1);
  add_atom (plan, "quiet", quiet_bytes, 0.01);
  return plan;
}

static gboolean
are_apart (const VarvePlan *plan, guint32 a, guint32 b)
{
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (plan, i);
      guint n = 0;
      for (guint32 j = 0; j < layer->n_atoms; j++)
        n += layer->atoms[j] == a || layer->atoms[j] == b;
      if (n == 2)
        return FALSE;
    }
  return TRUE;
}

static void
test_make (void)
{
  static const struct {
    guint32 n_kept, max_layers;
    guint64 kept_bytes, quiet_bytes;
    gboolean may_keep_stale, are_apart, tries;
  } CASES[] = {
    { 9, 10, MB, 80 * MB, TRUE, TRUE, TRUE },                 /* 1 MB is downloaded again, 80 MB never again */
    { 9, 10, (guint64)300 * MB, 80 * MB, TRUE, FALSE, TRUE }, /* that would cost more than it saves */
    { 9, 10, MB, MB / 10, TRUE, FALSE, TRUE },                /* that too */
    { 9, 13, MB, 80 * MB, TRUE, TRUE, FALSE },                /* there is room */
    { 0, 1, MB, 80 * MB, TRUE, FALSE, FALSE },                /* nothing to open */
    { 9, 10, MB, 80 * MB, FALSE, FALSE, FALSE },              /* each change opens a layer anyway */
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (VarvePlan) plan = plan_new (CASES[i].n_kept, CASES[i].kept_bytes, CASES[i].quiet_bytes);
      Fill fill = { .n_kept = CASES[i].n_kept, .max_layers = CASES[i].max_layers };
      VarvePackOptions options = VARVE_PACK_OPTIONS_INIT;
      options.max_layers = CASES[i].max_layers;
      options.may_keep_stale = CASES[i].may_keep_stale;
      varve_room_make (plan, &options, fill_plan, &fill);
      g_assert_cmpint (are_apart (plan, CASES[i].n_kept, CASES[i].n_kept + 1), ==, CASES[i].are_apart);
      g_assert_cmpint (fill.n_calls > 1, ==, CASES[i].tries);
      if (!CASES[i].are_apart)
        g_assert_cmpuint (fill.n_free, ==, 1);
      g_assert_cmpuint (plan->layers->len, <=, CASES[i].max_layers);
    }
}

/* The best one is what the plan has in the end, not the last one tried. */
static void
test_the_best_is_left (void)
{
  g_autoptr (VarvePlan) plan = plan_new (9, 20 * MB, 80 * MB);
  Fill fill = { .n_kept = 9, .max_layers = 10 };
  VarvePackOptions options = VARVE_PACK_OPTIONS_INIT;
  options.max_layers = 10;
  options.may_keep_stale = TRUE;
  varve_room_make (plan, &options, fill_plan, &fill);
  g_assert_cmpuint (fill.n_free, ==, 2);
  g_assert_true (are_apart (plan, 9, 10));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/room/make", test_make);
  g_test_add_func ("/room/the-best-is-left", test_the_best_is_left);
  return g_test_run ();
}
