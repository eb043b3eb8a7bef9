/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/ledger: the memory from build to build, step by step. */
#include "chunker/ledger.h"

#include <string.h>

#include "tests/unit/prng.h"

enum { DAY = 24 * 60 * 60 };

/* An atom whose content is known by a number. */
static VarveAtom *
add (VarvePlan *plan, const char *component, const char *subtree, guint64 version)
{
  VarveAtom *atom = varve_plan_add_atom (plan, component, subtree, VARVE_COMPONENT_PACKAGE);
  atom->digest = varve_digest_of (&version, sizeof version);
  atom->raw_bytes = 1000;
  atom->size_bytes = 100;
  return atom;
}

/* The ledger of a build of "a" and "b" in these versions. */
static VarveLedger *
built (const VarveLedger *before, guint64 version_a, guint64 version_b, gint64 time)
{
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  add (plan, "b", NULL, version_b);
  add (plan, "a", NULL, version_a);
  return varve_ledger_advance (before, plan, time);
}

/* The steps in which it changed, the newest first, as 0 and 1, as far as it was there. */
static char *
past_of (const VarveLedger *ledger, const char *component, const char *subtree)
{
  const VarveLedgerEntry *entry = varve_ledger_find (ledger, component, subtree);
  g_assert_nonnull (entry);
  GString *text = g_string_new (NULL);
  for (guint step = 0; step < entry->n_steps; step++)
    g_string_append_c (text, varve_events_has (entry->changed, step) ? '1' : '0');
  g_assert_true (varve_events_equal (entry->changed, varve_events_newest (entry->changed, entry->n_steps)));
  return g_string_free (text, FALSE);
}

static void
assert_past (const VarveLedger *ledger, const char *component, const char *subtree, const char *expected)
{
  g_autofree char *past = past_of (ledger, component, subtree);
  g_assert_cmpstr (past, ==, expected);
}

static void
assert_times (const VarveLedger *ledger, const gint64 *expected, guint n)
{
  g_assert_cmpuint (ledger->times->len, ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (g_array_index (ledger->times, gint64, i), ==, expected[i]);
}

/* So many builds, "a" changing as told, the oldest first; times from 100 on. */
static VarveLedger *
chain (const char *changes_of_a)
{
  VarveLedger *ledger = built (NULL, 0, 0, 100);
  guint64 version = 0;
  for (guint i = 0; changes_of_a[i] != '\0'; i++)
    {
      version += changes_of_a[i] == '1';
      VarveLedger *next = built (ledger, version, 0, 101 + i);
      varve_ledger_free (ledger);
      ledger = next;
    }
  return ledger;
}

static void
test_advance (void)
{
  g_autoptr (VarveLedger) first = built (NULL, 1, 1, 100), second = built (first, 2, 1, 107);
  g_autoptr (VarveLedger) third = built (second, 2, 1, 114), fourth = built (third, 3, 2, 121);
  g_assert_cmpuint (varve_ledger_n_steps (first), ==, 0);
  g_assert_cmpuint (varve_ledger_n_steps (fourth), ==, 3);
  assert_times (fourth, (const gint64[]){ 121, 114, 107, 100 }, 4);
  assert_past (first, "a", NULL, "");
  assert_past (second, "a", NULL, "1");
  assert_past (second, "b", NULL, "0");
  assert_past (fourth, "a", NULL, "101");
  assert_past (fourth, "b", NULL, "100");
  g_assert_cmpstr (varve_ledger_entry (fourth, 0)->component, ==, "a"); /* sorted */
}

/* What comes later has a shorter past, what goes is forgotten, what comes back is new. */
static void
test_come_and_go (void)
{
  g_autoptr (VarveLedger) first = built (NULL, 1, 1, 100);
  g_autoptr (VarvePlan) plan = varve_plan_new (), without = varve_plan_new ();
  add (plan, "a", NULL, 2);
  add (plan, "c", NULL, 1);
  add (without, "a", NULL, 3);
  g_autoptr (VarveLedger) second = varve_ledger_advance (first, plan, 101),
                          third = varve_ledger_advance (second, plan, 102);
  assert_past (second, "c", NULL, "");
  assert_past (third, "c", NULL, "0");
  assert_past (third, "a", NULL, "01");
  g_assert_null (varve_ledger_find (second, "b", NULL));
  g_autoptr (VarveLedger) fourth = varve_ledger_advance (third, without, 103),
                          fifth = varve_ledger_advance (fourth, plan, 104);
  assert_past (fifth, "c", NULL, "");
  assert_past (fifth, "a", NULL, "1101");
}

static void
test_repeat (void)
{
  g_autoptr (VarveLedger) ledger = chain ("0110");
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  add (plan, "a", NULL, 2);
  add (plan, "b", NULL, 0);
  g_autoptr (VarveLedger) again = varve_ledger_repeat (ledger, plan);
  assert_times (again, (const gint64[]){ 104, 103, 102, 101, 100 }, 5);
  assert_past (again, "a", NULL, "0110");
  assert_past (again, "b", NULL, "0000");
}

/* A new part begins with the past of its component, of which it is not known whether the newest change was in it. */
static void
test_parts (void)
{
  g_autoptr (VarveLedger) ledger = chain ("0110");
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  add (plan, "a", NULL, 7);
  add (plan, "a", "usr/lib", 8);
  VarveAtom *watched = varve_plan_add_watched (plan, "a", "usr/share", VARVE_COMPONENT_PACKAGE);
  watched->raw_bytes = watched->size_bytes = 5;
  g_autoptr (VarveLedger) split = varve_ledger_advance (ledger, plan, 105),
                          next = varve_ledger_advance (split, plan, 106);
  assert_past (split, "a", NULL, "10110");
  assert_past (split, "a", "usr/lib", "00110");
  assert_past (split, "a", "usr/share", "00110");
  assert_past (next, "a", "usr/lib", "000110");
  g_assert_cmpuint (varve_ledger_find (next, "a", "usr/share")->layer, ==, VARVE_NO_LAYER);
  add (plan, "x", "usr", 1);
  g_autoptr (VarveLedger) later = varve_ledger_advance (next, plan, 107);
  assert_past (later, "x", "usr", "");
}

/* A manifest without a ledger tells of layers, but not of times: what differs from it did so before anything is
 * remembered. */
static void
test_no_times (void)
{
  g_autoptr (VarveLedger) former = varve_ledger_new ();
  varve_ledger_add (former, "a", NULL)->layer = 3;
  varve_ledger_sort (former);
  g_autoptr (VarveLedger) first = built (former, 1, 1, 100), second = built (first, 1, 1, 101);
  assert_past (first, "a", NULL, "");
  assert_past (second, "a", NULL, "0");
}

static void
test_bounded (void)
{
  g_autoptr (VarveLedger) ledger = built (NULL, 0, 0, 0);
  for (guint i = 1; i <= 300; i++)
    {
      VarveLedger *next = built (ledger, i % 3 == 0 ? i : i - i % 3, 0, i);
      varve_ledger_free (ledger);
      ledger = next;
    }
  g_assert_cmpuint (ledger->times->len, ==, VARVE_LEDGER_BUILDS_MAX);
  g_assert_cmpint (g_array_index (ledger->times, gint64, 0), ==, 300);
  g_assert_cmpint (g_array_index (ledger->times, gint64, VARVE_LEDGER_BUILDS_MAX - 1), ==,
                   300 - (gint64)VARVE_LEDGER_BUILDS_MAX + 1);
  const VarveLedgerEntry *a = varve_ledger_find (ledger, "a", NULL);
  g_assert_cmpuint (a->n_steps, ==, VARVE_LEDGER_BUILDS_MAX - 1);
  for (guint step = 0; step < a->n_steps; step++)
    g_assert_true (varve_events_has (a->changed, step) == ((300 - step) % 3 == 0));
}

/* What was measured scales with what is in it now; what never was in a layer is no measure. */
static void
test_sizes (void)
{
  g_autoptr (VarveLedger) before = built (NULL, 1, 1, 100);
  varve_ledger_find (before, "a", NULL)->layer = 0;
  varve_ledger_find (before, "a", NULL)->size_bytes = 700;
  varve_ledger_find (before, "b", NULL)->size_bytes = 700;
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  add (plan, "a", NULL, 2)->raw_bytes = 3000;
  add (plan, "b", NULL, 2)->raw_bytes = 3000;
  g_autoptr (VarveLedger) after = varve_ledger_advance (before, plan, 101);
  g_assert_cmpuint (varve_ledger_find (after, "a", NULL)->size_bytes, ==, 2100);
  g_assert_cmpuint (varve_ledger_find (after, "b", NULL)->size_bytes, ==, 100);
  varve_ledger_find (before, "a", NULL)->raw_bytes = 0;
  g_autoptr (VarveLedger) odd = varve_ledger_advance (before, plan, 101);
  g_assert_cmpuint (varve_ledger_find (odd, "a", NULL)->size_bytes, ==, 100);
}

static void
test_place_and_measure (void)
{
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  add (plan, "a", NULL, 1)->size_bytes = 300;
  add (plan, "a", "usr/lib", 1)->size_bytes = 100;
  add (plan, "c", NULL, 1)->size_bytes = 0;
  guint32 first[] = { 2 }, second[] = { 0, 1 };
  varve_plan_add_layer (plan, first, 1);
  varve_plan_add_layer (plan, second, 2);
  g_autoptr (VarveLedger) ledger = varve_ledger_advance (NULL, plan, 100);
  varve_ledger_place (ledger, plan);
  g_assert_cmpuint (varve_ledger_find (ledger, "a", NULL)->layer, ==, 1);
  g_assert_cmpuint (varve_ledger_find (ledger, "a", "usr/lib")->layer, ==, 1);
  g_assert_cmpuint (varve_ledger_find (ledger, "c", NULL)->layer, ==, 0);
  varve_ledger_measure (ledger, plan, varve_plan_layer (plan, 1), 800);
  g_assert_cmpuint (varve_ledger_find (ledger, "a", NULL)->size_bytes, ==, 600);
  g_assert_cmpuint (varve_ledger_find (ledger, "a", "usr/lib")->size_bytes, ==, 200);
  varve_ledger_measure (ledger, plan, varve_plan_layer (plan, 0), 800); /* nothing was expected, nothing to share by */
  g_assert_cmpuint (varve_ledger_find (ledger, "c", NULL)->size_bytes, ==, 0);
}

/* An atom of objects 0 to @n - 1. */
static VarveAtom *
add_objects (VarvePlan *plan, const char *name, guint32 n)
{
  VarveAtom *atom = add (plan, name, NULL, 1);
  atom->n_objects = n;
  atom->objects = g_new (guint32, n);
  for (guint32 i = 0; i < n; i++)
    atom->objects[i] = i;
  return atom;
}

/* A layer of every @step-th object from @first, of @n of the atom 0. */
static VarvePlanLayer *
add_part (VarvePlan *plan, guint32 first, guint32 step, guint32 n, guint64 share)
{
  GArray *objects = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 i = first; i < n; i += step)
    g_array_append_val (objects, i);
  return varve_plan_add_part (plan, (guint32[]){ 0 }, &share, 1, objects);
}

/* An atom in several layers: it is in the one with the most of its objects. Its measured size is the sum of what it has
 * in each. */
static void
test_parts_of_an_atom (void)
{
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  add_objects (plan, "a", 6)->size_bytes = 600;
  VarvePlanLayer *first = add_part (plan, 0, 4, 6, 200), *second = add_part (plan, 1, 1, 4, 300);
  VarvePlanLayer *third = add_part (plan, 5, 1, 6, 100);
  g_autoptr (VarveLedger) ledger = varve_ledger_advance (NULL, plan, 100);
  varve_ledger_place (ledger, plan);
  const VarveLedgerEntry *entry = varve_ledger_entry (ledger, 0);
  static const VarveLedgerRun RUNS[] = { { 0, 1 }, { 1, 3 }, { 0, 1 }, { 2, 1 } };
  g_assert_cmpuint (entry->layer, ==, 1);
  g_assert_cmpmem (entry->runs->data, entry->runs->len * sizeof (VarveLedgerRun), RUNS, sizeof RUNS);
  varve_ledger_measure (ledger, plan, second, 30);
  g_assert_cmpuint (entry->size_bytes, ==, 330); /* two layers as expected, one as measured */
  varve_ledger_measure (ledger, plan, first, 400);
  varve_ledger_measure (ledger, plan, third, 7);
  g_assert_cmpuint (entry->size_bytes, ==, 437);
  varve_plan_clear_layers (plan);
  add_part (plan, 0, 1, 6, 600);
  varve_ledger_place (ledger, plan);
  g_assert_null (entry->runs);
  g_assert_cmpuint (entry->layer, ==, 0);
}

/* Too many runs: the ledger knows the layers, each once. */
static void
test_runs_are_bounded (void)
{
  for (guint32 n = VARVE_LEDGER_RUNS_MAX; n <= VARVE_LEDGER_RUNS_MAX + 1; n++)
    {
      g_autoptr (VarvePlan) plan = varve_plan_new ();
      add_objects (plan, "a", n);
      add_part (plan, 0, 2, n, 1);
      add_part (plan, 1, 2, n, 1);
      g_autoptr (VarveLedger) ledger = varve_ledger_advance (NULL, plan, 100);
      varve_ledger_place (ledger, plan);
      static const VarveLedgerRun FORGOTTEN[] = { { 0, 0 }, { 1, 0 } };
      const GArray *runs = varve_ledger_entry (ledger, 0)->runs;
      if (n <= VARVE_LEDGER_RUNS_MAX)
        g_assert_cmpuint (runs->len, ==, n);
      else
        g_assert_cmpmem (runs->data, runs->len * sizeof (VarveLedgerRun), FORGOTTEN, sizeof FORGOTTEN);
    }
}

static void
add_stale (VarvePlanLayer *layer, guint n_paths, gsize path_bytes)
{
  GPtrArray *paths = g_ptr_array_new ();
  for (guint i = 0; i < n_paths; i++)
    g_ptr_array_add (paths, g_strnfill (path_bytes, 'p'));
  if (layer->stale == NULL)
    layer->stale = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_stale_object_free);
  g_ptr_array_add (layer->stale, varve_stale_object_new (paths, 50, 9));
  layer->stale_bytes += 50;
}

/* Too many stale objects: the ledger has none of any layer, and does not say that there are none. */
static void
test_stale_is_bounded (void)
{
  static const struct {
    guint n_objects, n_paths, path_bytes;
    gboolean is_known;
  } CASES[] = {
    { 1, 2, 10, TRUE },
    { 1, VARVE_LEDGER_STALE_PATHS_MAX, 10, TRUE },
    { 1, VARVE_LEDGER_STALE_PATHS_MAX + 1, 10, FALSE },
    { VARVE_LEDGER_STALE_PATHS_MAX, 0, 0, TRUE },
    { VARVE_LEDGER_STALE_PATHS_MAX + 1, 0, 0, FALSE },
    { 1, VARVE_LEDGER_STALE_PATHS_MAX_BYTES / 4096, 4096, TRUE },
    { 1, VARVE_LEDGER_STALE_PATHS_MAX_BYTES / 4096 + 1, 4096, FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (VarvePlan) plan = varve_plan_new ();
      add_objects (plan, "a", 2);
      (void)add_part (plan, 0, 2, 2, 1);
      VarvePlanLayer *layer = add_part (plan, 1, 2, 2, 1);
      for (guint j = 0; j < CASES[i].n_objects; j++)
        add_stale (layer, CASES[i].n_paths, CASES[i].path_bytes);
      g_autoptr (VarveLedger) ledger = varve_ledger_advance (NULL, plan, 100);
      varve_ledger_place (ledger, plan);
      g_assert_cmpuint (ledger->layers->len, ==, 2);
      g_assert_cmpuint (varve_ledger_layer (ledger, 0)->stale->len, ==, 0);
      g_assert_cmpuint (varve_ledger_layer (ledger, 1)->stale_bytes, ==, 50ul * CASES[i].n_objects);
      g_assert_true ((varve_ledger_layer (ledger, 1)->stale != NULL) == CASES[i].is_known);
      g_assert_null (varve_ledger_layer (ledger, 2));
    }
}

/* A build notes what it believes; the same commit once more, with what was learned since, notes the same. */
static void
test_probability (void)
{
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  add (plan, "a", NULL, 1)->probability = 100;
  guint32 atoms[] = { 0 };
  varve_plan_add_layer (plan, atoms, 1);
  g_autoptr (VarveLedger) ledger = varve_ledger_advance (NULL, plan, 100);
  g_assert_cmpuint (varve_ledger_find (ledger, "a", NULL)->probability, ==, VARVE_LEDGER_NO_PROBABILITY);
  varve_ledger_place (ledger, plan);
  varve_plan_atom (plan, 0)->probability = 200;
  g_autoptr (VarveLedger) again = varve_ledger_repeat (ledger, plan), next = varve_ledger_advance (ledger, plan, 101);
  varve_ledger_place (again, plan);
  varve_ledger_place (next, plan);
  g_assert_cmpuint (varve_ledger_find (again, "a", NULL)->probability, ==, 100);
  g_assert_cmpuint (varve_ledger_find (next, "a", NULL)->probability, ==, 200);
}

/* @n_components, of which so many change at each step, the newest first. */
static VarveLedger *
ledger_of_changes (guint n_components, const guint *n_changed, guint n_steps)
{
  VarveLedger *ledger = varve_ledger_new ();
  for (guint i = 0; i <= n_steps; i++)
    g_array_append_val (ledger->times, (gint64){ 1000 - (gint64)i });
  for (guint i = 0; i < n_components; i++)
    {
      g_autofree char *name = g_strdup_printf ("c%03u", i);
      VarveLedgerEntry *entry = varve_ledger_add (ledger, name, NULL);
      entry->n_steps = n_steps;
      for (guint step = 0; step < n_steps; step++)
        if (i < n_changed[step])
          varve_events_set (&entry->changed, step);
    }
  return ledger;
}

static void
assert_rebases (guint n_components, const guint *n_changed, guint n_steps, guint64 expected)
{
  g_autoptr (VarveLedger) ledger = ledger_of_changes (n_components, n_changed, n_steps);
  VarveEvents rebases = varve_ledger_rebases (ledger);
  g_assert_cmpuint (rebases.words[0], ==, expected);
  g_assert_cmpuint (rebases.words[1], ==, 0);
}

static void
test_rebases (void)
{
  static const guint SELDOM[] = { 3, 10, 11, 0, 1, 2, 20, 9 }, OFTEN[] = { 11, 11, 11, 0, 1, 2, 20, 9 };
  assert_rebases (20, SELDOM, 8, 1 << 2 | 1 << 6); /* more than half, not half */
  assert_rebases (20, OFTEN, 8, 0);
  assert_rebases (20, SELDOM, 3, 0); /* one of three is often */
  assert_rebases (7, SELDOM, 8, 0);  /* so few components */
  g_autoptr (VarveLedger) empty = varve_ledger_new ();
  g_assert_cmpuint (varve_events_count (varve_ledger_rebases (empty)), ==, 0);
}

/* Components that were not there yet are not among those of which half change, and subtrees are no components. */
static void
test_rebases_of_what_was_there (void)
{
  static const guint CHANGED[] = { 0, 0, 0, 6, 0, 0, 0, 0 };
  g_autoptr (VarveLedger) ledger = ledger_of_changes (30, CHANGED, 8);
  g_assert_cmpuint (varve_events_count (varve_ledger_rebases (ledger)), ==, 0);
  for (guint i = 10; i < 30; i++)
    varve_ledger_entry (ledger, i)->n_steps = 3;
  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *subtree = g_strdup_printf ("usr/lib/%03u", i);
      varve_ledger_add (ledger, "c000", subtree)->n_steps = 8;
    }
  g_assert_cmpuint (varve_ledger_rebases (ledger).words[0], ==, 1 << 3);
}

static void
test_truncate (void)
{
  for (guint32 n_builds = 0; n_builds <= 7; n_builds++)
    {
      g_autoptr (VarveLedger) ledger = chain ("01101");
      varve_ledger_truncate (ledger, n_builds);
      g_assert_cmpuint (ledger->times->len, ==, MIN (n_builds, 6));
      g_autofree char *expected = g_strndup ("10110", n_builds > 0 ? n_builds - 1 : 0);
      assert_past (ledger, "a", NULL, expected);
    }
}

static void
test_period (void)
{
  static const struct {
    gint64 days[5]; /* the newest first */
    guint n;
    guint32 period_days;
  } CASES[] = {
    { { 0 }, 0, 0 },
    { { 50 }, 1, 0 },
    { { 50, 43 }, 2, 0 },
    { { 50, 43, 36 }, 3, 7 },
    { { 100, 99, 98, 60, 59 }, 5, 1 }, /* one long pause does not count */
    { { 900, 500, 100 }, 3, 365 },     /* no more than a year */
    { { 10, 10, 10, 10 }, 4, 1 },      /* no less than a day */
    { { 0, 10, 20, 30 }, 4, 1 },       /* clocks that went backwards */
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (VarveLedger) ledger = varve_ledger_new ();
      for (guint j = 0; j < CASES[i].n; j++)
        {
          gint64 time = CASES[i].days[j] * DAY;
          g_array_append_val (ledger->times, time);
        }
      g_assert_cmpuint (varve_ledger_period_days (ledger), ==, CASES[i].period_days);
    }
}

/* As far apart as times of outside commits can be. */
static void
test_period_of_any_times (void)
{
  const gint64 down[] = { G_MAXINT64, -5, G_MININT64 }, up[] = { G_MININT64, 5, G_MAXINT64 };
  g_autoptr (VarveLedger) falling = varve_ledger_new (), rising = varve_ledger_new ();
  g_array_append_vals (falling->times, down, G_N_ELEMENTS (down));
  g_array_append_vals (rising->times, up, G_N_ELEMENTS (up));
  g_assert_cmpuint (varve_ledger_period_days (falling), ==, 365);
  g_assert_cmpuint (varve_ledger_period_days (rising), ==, 1);
}

/* A ledger of one component, "a", of these times and with this past. */
static VarveLedger *
ledger_of (const gint64 *times, guint n_times, const char *past)
{
  VarveLedger *ledger = varve_ledger_new ();
  g_array_append_vals (ledger->times, times, n_times);
  VarveLedgerEntry *entry = varve_ledger_add (ledger, "a", NULL);
  entry->n_steps = (guint32)strlen (past);
  for (guint step = 0; past[step] != '\0'; step++)
    if (past[step] == '1')
      varve_events_set (&entry->changed, step);
  return ledger;
}

static void
test_append_older (void)
{
  static const struct {
    const char *what;
    gint64 times[8];
    guint n_times;
    const char *past;
    gint64 older_times[8];
    guint n_older;
    const char *older_past;
    gint64 joined_times[8];
    guint n_joined;
    const char *joined_past;
  } CASES[] = {
    { "one build in both", { 30, 20 }, 2, "0", { 20, 10, 5 }, 3, "10", { 30, 20, 10, 5 }, 4, "010" },
    { "two builds in both", { 30, 20 }, 2, "1", { 30, 20, 10, 5 }, 4, "101", { 30, 20, 10, 5 }, 4, "101" },
    { "a gap: the step across it is not known",
      { 30, 20 },
      2,
      "1",
      { 10, 5, 1 },
      3,
      "11",
      { 30, 20, 10, 5, 1 },
      5,
      "1011" },
    { "the older has builds that the newer lacks", { 30, 10 }, 2, "1", { 20, 10, 5 }, 3, "01", { 30, 10, 5 }, 3, "11" },
    { "the oldest build is not in the older", { 30, 20 }, 2, "1", { 25, 10, 5 }, 3, "11", { 30, 20, 10, 5 }, 4, "101" },
    { "nothing older in it", { 30, 20 }, 2, "1", { 30, 20 }, 2, "0", { 30, 20 }, 2, "1" },
    { "nothing at all in it", { 30, 20 }, 2, "1", { 0 }, 0, "", { 30, 20 }, 2, "1" },
    { "the newer has no times", { 0 }, 0, "", { 30, 20, 10 }, 3, "01", { 30, 20, 10 }, 3, "01" },
    { "one build each", { 30 }, 1, "", { 20 }, 1, "", { 30, 20 }, 2, "0" },
    { "it was not there all the time", { 30, 20, 15 }, 3, "1", { 15, 10 }, 2, "1", { 30, 20, 15, 10 }, 4, "1" },
    { "nor all of the older time", { 30, 20 }, 2, "0", { 20, 10, 5, 1 }, 4, "1", { 30, 20, 10, 5, 1 }, 5, "01" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("%s", CASES[i].what);
      g_autoptr (VarveLedger) ledger = ledger_of (CASES[i].times, CASES[i].n_times, CASES[i].past);
      g_autoptr (VarveLedger) older = ledger_of (CASES[i].older_times, CASES[i].n_older, CASES[i].older_past);
      varve_ledger_add (older, "b", NULL);
      varve_ledger_append_older (ledger, older);
      assert_times (ledger, CASES[i].joined_times, CASES[i].n_joined);
      assert_past (ledger, "a", NULL, CASES[i].joined_past);
      g_assert_null (varve_ledger_find (ledger, "b", NULL));
    }
}

/* A chain cut anywhere and joined again is the chain. */
static void
test_append_older_restores (void)
{
  for (guint64 seed = 1; seed <= 300; seed++)
    {
      guint64 state = seed;
      char changes[61] = "";
      guint n = 2 + (guint)prng_below (&state, 58);
      for (guint i = 0; i < n; i++)
        changes[i] = prng_below (&state, 2) == 0 ? '0' : '1';
      g_autoptr (VarveLedger) whole = chain (changes), newer = chain (changes);
      guint keep = 1 + (guint)prng_below (&state, n);
      varve_ledger_truncate (newer, keep);
      changes[n - prng_below (&state, keep)] = '\0'; /* the older reaches at least the oldest build of the newer */
      g_autoptr (VarveLedger) older = chain (changes);
      varve_ledger_append_older (newer, older);
      g_autofree char *expected = past_of (whole, "a", NULL), *joined = past_of (newer, "a", NULL);
      if (strcmp (expected, joined) != 0 || newer->times->len != whole->times->len)
        g_error ("seed %lu: expected %s, found %s", (gulong)seed, expected, joined);
    }
}

static void
test_append_older_bounded (void)
{
  char changes[126];
  memset (changes, '1', sizeof changes - 1);
  changes[sizeof changes - 1] = '\0';
  g_autoptr (VarveLedger) older = chain (changes); /* times from 100 on */
  g_autoptr (VarveLedger) ledger = ledger_of ((const gint64[]){ 900, 800, 700, 600 }, 4, "000");
  varve_ledger_append_older (ledger, older);
  g_assert_cmpuint (ledger->times->len, ==, VARVE_LEDGER_BUILDS_MAX);
  const VarveLedgerEntry *a = varve_ledger_find (ledger, "a", NULL);
  g_assert_cmpuint (a->n_steps, ==, VARVE_LEDGER_BUILDS_MAX - 1);
  for (guint step = 0; step < a->n_steps; step++)
    g_assert_true (varve_events_has (a->changed, step) == (step >= 4));
}

static void
test_find (void)
{
  g_autoptr (VarveLedger) ledger = varve_ledger_new ();
  static const char *const KEYS[][2]
      = { { "b", "x" }, { "a", NULL }, { "b", NULL }, { "aa", "y" }, { "b", "w" }, { "a", "z" } };
  for (guint i = 0; i < G_N_ELEMENTS (KEYS); i++)
    varve_ledger_add (ledger, KEYS[i][0], KEYS[i][1])->raw_bytes = i;
  varve_ledger_sort (ledger);
  for (guint i = 0; i < G_N_ELEMENTS (KEYS); i++)
    g_assert_cmpuint (varve_ledger_find (ledger, KEYS[i][0], KEYS[i][1])->raw_bytes, ==, i);
  g_assert_null (varve_ledger_find (ledger, "aa", NULL));
  g_assert_null (varve_ledger_find (ledger, "c", "x"));
  g_assert_null (varve_ledger_find (ledger, "", NULL));
}

/* Of ten objects: five in layer 3, then one in layer 1, then four in layer 3. */
static void
test_layers_of_entry (void)
{
  static const VarveLedgerRun RUNS[] = { { 3, 5 }, { 1, 1 }, { 3, 4 } };
  g_autoptr (VarveLedger) ledger = varve_ledger_new ();
  VarveLedgerEntry *entry = varve_ledger_add (ledger, "a", NULL), *watched = varve_ledger_add (ledger, "b", "usr");
  entry->layer = 3;
  g_assert_cmpuint (varve_ledger_entry_layer_of (entry, 9), ==, 3);
  entry->runs = g_array_new (FALSE, FALSE, sizeof (VarveLedgerRun));
  g_array_append_vals (entry->runs, RUNS, G_N_ELEMENTS (RUNS));
  static const guint32 LAYER_OF[] = { 3, 3, 3, 3, 3, 1, 3, 3, 3, 3, VARVE_NO_LAYER };
  for (guint i = 0; i < G_N_ELEMENTS (LAYER_OF); i++)
    g_assert_cmpuint (varve_ledger_entry_layer_of (entry, i), ==, LAYER_OF[i]);
  for (guint32 i = 0; i < 5; i++)
    g_assert_cmpint (varve_ledger_entry_is_in (entry, i), ==, i == 1 || i == 3);
  g_autoptr (GArray) layers = varve_ledger_entry_layers (entry), none = varve_ledger_entry_layers (watched);
  g_assert_cmpmem (layers->data, layers->len * sizeof (VarveLedgerRun), ((VarveLedgerRun[]){ { 1, 1 }, { 3, 9 } }),
                   2 * sizeof (VarveLedgerRun));
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_false (varve_ledger_entry_is_in (watched, VARVE_NO_LAYER));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger/advance", test_advance);
  g_test_add_func ("/ledger/come-and-go", test_come_and_go);
  g_test_add_func ("/ledger/repeat", test_repeat);
  g_test_add_func ("/ledger/parts", test_parts);
  g_test_add_func ("/ledger/no-times", test_no_times);
  g_test_add_func ("/ledger/bounded", test_bounded);
  g_test_add_func ("/ledger/sizes", test_sizes);
  g_test_add_func ("/ledger/place-and-measure", test_place_and_measure);
  g_test_add_func ("/ledger/parts-of-an-atom", test_parts_of_an_atom);
  g_test_add_func ("/ledger/runs-are-bounded", test_runs_are_bounded);
  g_test_add_func ("/ledger/stale-is-bounded", test_stale_is_bounded);
  g_test_add_func ("/ledger/probability", test_probability);
  g_test_add_func ("/ledger/rebases", test_rebases);
  g_test_add_func ("/ledger/rebases-of-what-was-there", test_rebases_of_what_was_there);
  g_test_add_func ("/ledger/truncate", test_truncate);
  g_test_add_func ("/ledger/period", test_period);
  g_test_add_func ("/ledger/period-of-any-times", test_period_of_any_times);
  g_test_add_func ("/ledger/append-older", test_append_older);
  g_test_add_func ("/ledger/append-older-restores", test_append_older_restores);
  g_test_add_func ("/ledger/append-older-bounded", test_append_older_bounded);
  g_test_add_func ("/ledger/find", test_find);
  g_test_add_func ("/ledger/layers-of-entry", test_layers_of_entry);
  return g_test_run ();
}
