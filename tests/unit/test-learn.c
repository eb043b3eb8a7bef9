/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/learn: what older commits tell of atoms and watched subtrees. */
#include "chunker/learn.h"

#include "chunker/watched-dirs.h"
#include "tests/unit/small-tree.h"

static const SmallFile FILES[] = {
  { "usr/bin/p", "1", 3 * MIB, "p" },      { "usr/share/p/x", "2", 3 * MIB, "p" },
  { "usr/share/q/x", "3", 10, "q" },       { "usr/lib/both/p", "4", 10, "p" },
  { "usr/lib/both/q", "5", 10, "q" },      { "usr/lib/both/deep/q", "6", 10, "q" },
  { "usr/share/p/licence", "7", 10, "p" }, { "usr/share/q/licence", "7", 10, "q" },
};

typedef struct {
  SmallTree *tree;
  VarvePlan *plan;
  VarveCommitHistory *history;
} World;

static void
world_free (World *world)
{
  varve_commit_history_free (world->history);
  varve_plan_free (world->plan);
  small_tree_free (world->tree);
  g_free (world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

static World *
world_new (void)
{
  World *world = g_new0 (World, 1);
  world->tree = small_tree_new (FILES, G_N_ELEMENTS (FILES));
  world->plan = small_tree_plan (world->tree, NULL);
  varve_watched_dirs_find (world->plan, world->tree->inventory);
  assert_names (world->plan->atoms, "p q shared:/");
  assert_names (world->plan->watched, "p:usr/bin p:usr/share");
  world->history = varve_commit_history_new ();
  gint64 time = 1000;
  g_array_append_val (world->history->times, time);
  return world;
}

/* A step in which these files changed, and something went from these directories. */
static void
add_step (World *world, const char *const *files, const char *const *directories)
{
  VarveHistoryStep *step = varve_commit_history_add_step (world->history);
  gint64 time = 1000 - 7 * (gint64)world->history->steps->len;
  g_array_append_val (world->history->times, time);
  for (; *files != NULL; files++)
    {
      guint32 file = varve_inventory_find_file (world->tree->inventory, *files);
      g_assert_cmpuint (file, !=, VARVE_NO_INDEX);
      g_array_append_val (step->files, file);
    }
  for (; *directories != NULL; directories++)
    {
      guint32 directory = varve_inventory_find_directory (world->tree->inventory, *directories);
      g_assert_cmpuint (directory, !=, VARVE_NO_INDEX);
      g_array_append_val (step->directories, directory);
    }
  varve_history_step_settle (step);
}

#define PATHS(...) ((const char *const[]){ __VA_ARGS__ __VA_OPT__ (, ) NULL })

/* "name:0 1 0…" for each entry, with a space between them. */
static char *
learned (const World *world)
{
  g_autoptr (VarveLedger) ledger = varve_learn (world->plan, world->tree->inventory, world->history);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint32 i = 0; i < ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (ledger, i);
      g_string_append_printf (text, "%s%s%s%s=", i > 0 ? " " : "", entry->component, entry->subtree != NULL ? ":" : "",
                              entry->subtree != NULL ? entry->subtree : "");
      g_assert_cmpuint (entry->n_steps, ==, varve_ledger_n_steps (ledger));
      g_assert_cmpuint (entry->layer, ==, VARVE_NO_LAYER);
      for (guint step = 0; step < entry->n_steps; step++)
        g_string_append_c (text, varve_events_has (entry->changed, step) ? '1' : '0');
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_learned (const World *world, const char *expected)
{
  g_autofree char *text = learned (world);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_files (void)
{
  g_autoptr (World) world = world_new ();
  assert_learned (world, "p= p:usr/bin= p:usr/share= q= shared:/=");
  add_step (world, PATHS ("usr/bin/p"), PATHS ());
  add_step (world, PATHS ("usr/lib/both/p"), PATHS ());
  add_step (world, PATHS ("usr/share/p/x", "usr/share/q/x"), PATHS ());
  add_step (world, PATHS (), PATHS ());
  add_step (world, PATHS ("usr/share/p/licence"), PATHS ());
  assert_learned (world, "p=11100 p:usr/bin=10000 p:usr/share=00100 q=00100 shared:/=00001");
}

/* What went counts for the atom that alone has something there. */
static void
test_directories (void)
{
  g_autoptr (World) world = world_new ();
  add_step (world, PATHS (), PATHS ("usr/bin"));
  add_step (world, PATHS (), PATHS ("usr/lib/both"));
  add_step (world, PATHS (), PATHS ("usr/lib/both/deep"));
  add_step (world, PATHS (), PATHS ("usr/share", ""));
  assert_learned (world, "p=1000 p:usr/bin=1000 p:usr/share=0000 q=0010 shared:/=0000");
}

static void
test_many_commits (void)
{
  g_autoptr (World) world = world_new ();
  for (guint i = 0; i < 2 * VARVE_LEDGER_BUILDS_MAX; i++)
    add_step (world, PATHS ("usr/bin/p"), PATHS ());
  g_autoptr (VarveLedger) ledger = varve_learn (world->plan, world->tree->inventory, world->history);
  g_assert_cmpuint (ledger->times->len, ==, VARVE_LEDGER_BUILDS_MAX);
  g_assert_cmpuint (varve_events_count (varve_ledger_find (ledger, "p", NULL)->changed), ==,
                    VARVE_LEDGER_BUILDS_MAX - 1);
  g_assert_cmpuint (varve_ledger_period_days (ledger), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/learn/files", test_files);
  g_test_add_func ("/learn/directories", test_directories);
  g_test_add_func ("/learn/many-commits", test_many_commits);
  return g_test_run ();
}
