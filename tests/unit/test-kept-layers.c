/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/kept-layers: properties over random histories of a tree, judged by a container that applies the layers file
 * by file; and cases. */
#include "chunker/kept-layers.h"

#include "tests/unit/kept-model.h"

static VarveKeepOptions
random_options (guint64 *state)
{
  static const guint32 PERMILLES[] = { 0, 1, 10, 50, 200, 1000 };
  return (VarveKeepOptions){
    .max_layers = prng_below (state, 2) == 0 ? 100 : 1 + (guint32)prng_below (state, 8),
    .stale_permille = PERMILLES[prng_below (state, G_N_ELEMENTS (PERMILLES))],
  };
}

/* The layers of another image of a similar tree. */
static guint
add_extras (WorldTree *tree, GPtrArray *layers, guint64 *state)
{
  g_autoptr (WorldTree) variant = world_copy (tree);
  for (guint64 n_changes = prng_below (state, 4); n_changes > 0; n_changes--)
    world_change (variant, state);
  g_autoptr (GPtrArray) published = world_publish (variant, 1 + (guint)prng_below (state, 6), state);
  for (guint i = 0; i < published->len; i++)
    g_ptr_array_add (layers, g_hash_table_ref (published->pdata[i]));
  return published->len;
}

/* Layers of some versions of a tree, in any order, some of them not readable or pinned, and some of another image. */
static void
test_any_candidates (void)
{
  guint n_with_kept = 0, n_with_whiteouts = 0, n_with_extras = 0;
  for (guint64 seed = 1; seed <= 1500; seed++)
    {
      guint64 state = seed;
      g_autoptr (WorldTree) tree = world_random_tree (&state);
      GPtrArray *layers = g_ptr_array_new_with_free_func ((GDestroyNotify)g_hash_table_unref);
      for (guint64 n_versions = 1 + prng_below (&state, 4); n_versions > 0; n_versions--)
        {
          g_autoptr (GPtrArray) published = world_publish (tree, 1 + (guint)prng_below (&state, 6), &state);
          for (guint i = 0; i < published->len; i++)
            if (prng_below (&state, 3) > 0)
              g_ptr_array_insert (layers, (gint)prng_below (&state, layers->len + 1),
                                  g_hash_table_ref (published->pdata[i]));
          for (guint64 n_changes = prng_below (&state, 6); n_changes > 0; n_changes--)
            world_change (tree, &state);
        }
      guint n_extras = prng_below (&state, 3) == 0 ? add_extras (tree, layers, &state) : 0;
      g_autoptr (Run) run = run_new (tree, layers, random_options (&state));
      run->seed = seed;
      for (guint i = 0; i < layers->len; i++)
        {
          run->candidates[i].is_extra = i >= layers->len - n_extras;
          run->candidates[i].is_pinned = !run->candidates[i].is_extra && prng_below (&state, 20) == 0;
          if (prng_below (&state, 20) == 0)
            g_clear_pointer ((VarveLayerEntries **)&run->candidates[i].entries, varve_layer_entries_free);
        }
      g_autoptr (Run) image = run_build (run);
      n_with_kept += n_kept (run) > 0;
      n_with_whiteouts += run->absent->len > 0;
      n_with_extras
          += n_kept (run) > 0 && varve_plan_layer (run->plan, n_kept (run) - 1)->previous >= layers->len - n_extras;
    }
  g_assert_cmpuint (n_with_kept, >, 500);
  g_assert_cmpuint (n_with_whiteouts, >, 100);
  g_assert_cmpuint (n_with_extras, >, 100);
}

/* Each image is the previous one of the next. */
static void
test_histories (void)
{
  for (guint64 seed = 1; seed <= 150; seed++)
    {
      guint64 state = seed;
      g_autoptr (WorldTree) tree = world_random_tree (&state);
      VarveKeepOptions options = random_options (&state);
      g_autoptr (GPtrArray) layers = world_publish (tree, 1 + (guint)prng_below (&state, options.max_layers), &state);
      for (guint step = 0; step < 12; step++)
        {
          for (guint64 n_changes = prng_below (&state, 4); n_changes > 0; n_changes--)
            world_change (tree, &state);
          g_autoptr (Run) run = run_new (tree, g_ptr_array_ref (layers), options);
          run->seed = seed * 100 + step;
          g_autoptr (Run) image = run_build (run);
          g_ptr_array_unref (layers);
          layers = g_ptr_array_ref (image->layers);
        }
    }
}

/* "usr/a=5001|!usr/b=2001|+usr/c=1001": three candidates, the second pinned, the third of another image. */
static Run *
run_of (const char *tree, const char *candidates, VarveKeepOptions options)
{
  g_autoptr (WorldTree) parsed = world_tree (tree);
  GPtrArray *layers = g_ptr_array_new_with_free_func ((GDestroyNotify)g_hash_table_unref);
  g_auto (GStrv) texts = g_strsplit (candidates, "|", 0);
  for (char **text = texts; *text != NULL; text++)
    g_ptr_array_add (layers, world_tree (*text + strspn (*text, "!+")));
  Run *run = run_new (parsed, layers, options);
  for (guint i = 0; i < layers->len; i++)
    {
      run->candidates[i].is_pinned = texts[i][0] == '!';
      run->candidates[i].is_extra = texts[i][0] == '+';
    }
  return run;
}

/* What is kept, each object by its first path, and what is removed: "0:usr/a,usr/b 2:usr/c -usr/d". */
static char *
print_kept (const Run *run)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint32 i = 0; i < n_kept (run); i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (run->plan, i);
      g_autoptr (GArray) objects = varve_plan_layer_objects (run->plan, layer);
      g_string_append_printf (text, "%s%u:", i > 0 ? " " : "", layer->previous);
      for (guint32 j = 0; j < objects->len; j++)
        {
          const VarveObject *object = &run->inventory->objects[g_array_index (objects, guint32, j)];
          g_string_append_printf (text, "%s%s", j > 0 ? "," : "", run->inventory->files[object->first_file].path);
        }
    }
  for (guint i = 0; i < run->absent->len; i++)
    g_string_append_printf (text, " -%s", (const char *)run->absent->pdata[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

typedef struct {
  const char *what, *candidates, *tree, *kept;
} Case;

static void
check_case (const Case *a_case, VarveKeepOptions options)
{
  g_test_message ("%s", a_case->what);
  g_autoptr (Run) run = run_of (a_case->tree, a_case->candidates, options);
  g_autoptr (Run) image = run_build (run);
  g_autofree char *kept = print_kept (run);
  g_assert_cmpstr (kept, ==, a_case->kept);
}

/* All may be stale, and there is room for everything. */
static void
test_cases (void)
{
  static const Case CASES[] = {
    { "nothing changed", "usr/a=9001 usr/b=2001|usr/c=5001", "usr/a=9001 usr/b=2001 usr/c=5001",
      "0:usr/a,usr/b 1:usr/c" },
    { "a file vanished", "usr/a=9001 usr/b=2001", "usr/a=9001", "0:usr/a -usr/b" },
    { "a file returned", "usr/a=9001 usr/b=2001", "usr/a=9001 usr/b=2001", "0:usr/a,usr/b" },
    { "a file changed", "usr/a=9001 usr/b=2001", "usr/a=9001 usr/b=2002", "0:usr/a" },
    { "a changed file is in a later layer", "usr/a=9001 usr/b=2001|usr/b=2002", "usr/a=9001 usr/b=2002",
      "0:usr/a 1:usr/b" },
    { "and returned: the later layer is opened, the first one serves it", "usr/a=9001 usr/b=2001|usr/b=2002",
      "usr/a=9001 usr/b=2001", "0:usr/a,usr/b" },
    { "it returned, and the later layer is kept for something else", "usr/a=9001 usr/b=2001|usr/b=2002 usr/c=9003",
      "usr/a=9001 usr/b=2001 usr/c=9003", "0:usr/a 1:usr/c" },
    { "the same object in two layers", "usr/a=9001 usr/b=2001|usr/b=2001 usr/c=9003",
      "usr/a=9001 usr/b=2001 usr/c=9003", "0:usr/a 1:usr/b,usr/c" },
    { "renamed", "usr/a=9001 usr/b=2001", "usr/a=9001 usr/c=2001", "0:usr/a -usr/b" },
    { "gained a name", "usr/a=9001 usr/b=2001", "usr/a=9001 usr/b=2001 usr/c=2001", "0:usr/a" },
    { "lost a name", "usr/a=9001 usr/b=2001 usr/c=2001", "usr/a=9001 usr/b=2001", "0:usr/a -usr/c" },
    { "one of its names is another file now", "usr/a=9001 usr/b=2001 usr/c=2001", "usr/a=9001 usr/b=2001 usr/c=1001",
      "0:usr/a" },
    { "a later layer has one of its names", "usr/a=9001 usr/b=2001 usr/c=2001|usr/c=1001 usr/d=9002",
      "usr/a=9001 usr/b=2001 usr/c=2001 usr/d=9002", "0:usr/a 1:usr/d" },
    { "a file became a directory", "usr/a=9001 usr/b=2001", "usr/a=9001 usr/b/c=2001", "" },
    { "a file became an empty directory", "usr/a=9001 usr/b=2001", "usr/a=9001 usr/b=0", "" },
    { "a directory became a file", "usr/a=9001 usr/b/c=2001", "usr/a=9001 usr/b=2001", "" },
    { "neither exists any more", "usr/a=9001 usr/b=2001|usr/b/c=2001 usr/d=9002", "usr/a=9001 usr/d=9002",
      "0:usr/a -usr/b" },
    { "neither exists, the directory first", "usr/b/c=2001 usr/d=9002|usr/a=9001 usr/b=2001", "usr/a=9001 usr/d=9002",
      "0:usr/d -usr/b" },
    { "a directory vanished", "usr/a=9001 usr/b/c/d=2001 usr/b/e=1001", "usr/a=9001", "0:usr/a -usr/b" },
    { "all but an empty directory vanished", "usr/a=9001 usr/b/c/d=2001", "usr/a=9001 usr/b=0", "0:usr/a -usr/b/c" },
    { "one name is the start of another", "usr/a=9001 usr/b=2001", "usr/a=9001 usr/bc=2002", "0:usr/a -usr/b" },
    { "the name of a whiteout vanished", "usr/a=9001 usr/.wh.b=2001", "usr/a=9001", "" },
    { "below such a name", "usr/a=9001 usr/.wh.b/c=2001", "usr/a=9001", "" },
    { "a name with the same letters", "usr/a=9001 usr/x.wh.b=2001", "usr/a=9001", "0:usr/a -usr/x.wh.b" },
    { "more than two fifths", "usr/a=5001 usr/b=5002|usr/c=90001", "usr/a=5001 usr/c=90001", "1:usr/c" },
    { "the same, pinned", "!usr/a=5001 usr/b=5002|usr/c=90001", "usr/a=5001 usr/c=90001", "0:usr/a 1:usr/c -usr/b" },
    { "pinned, and nothing is needed", "!usr/b=5002|usr/c=90001", "usr/c=90001", "0: 1:usr/c -usr/b" },
    { "pinned, and cannot be hidden", "!usr/b=5002|usr/c=90001", "usr/b/a=1001 usr/c=90001", "1:usr/c" },
    { "less than a fifth", "usr/a=9001", "usr/a=9001 usr/b=90001", "" },
    { "the same, pinned, with something stale", "!usr/a=9001 usr/c=9002", "usr/a=9001 usr/b=90001", "0:usr/a -usr/c" },
    { "an empty directory vanished", "usr/a=9001 usr/b=0", "usr/a=9001", "0:usr/a -usr/b" },
    { "an empty directory became a file", "usr/a=9001 usr/b=0", "usr/a=9001 usr/b=2001", "" },
    { "a file, and in a later layer an empty directory", "usr/a=9001 usr/b=2001|usr/b=0 usr/c=9002",
      "usr/a=9001 usr/c=9002", "0:usr/a -usr/b" },
    { "an empty directory below one that vanished", "usr/a=9001 usr/b=0 usr/b/c=0", "usr/a=9001", "0:usr/a -usr/b" },
    { "of another image", "usr/a=9001|+usr/b=9002", "usr/a=9001 usr/b=9002", "0:usr/a 1:usr/b" },
    { "of another image, with something stale", "usr/a=9001|+usr/b=9002 usr/c=1", "usr/a=9001 usr/b=9002", "0:usr/a" },
    { "of another image, with something that is there", "usr/a=9001|+usr/a=9001 usr/b=9002", "usr/a=9001 usr/b=9002",
      "0:usr/a" },
    { "twice of other images", "usr/a=9001|+usr/b=9002|+usr/b=9002", "usr/a=9001 usr/b=9002", "0:usr/a 1:usr/b" },
    { "pinned, and another layer has the same", "!usr/a=9001|usr/a=9001 usr/b=2001", "usr/a=9001 usr/b=2001",
      "0:usr/a" },
    { "nothing is needed", "usr/b=2001", "usr/a=9001", "" },
    { "an empty tree", "usr/b=2001", "", "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    check_case (&CASES[i], (VarveKeepOptions){ .max_layers = 64, .stale_permille = 1000 });
}

/* An OSTree image always shows /var/tmp. */
static void
test_shown_directory (void)
{
  static const Case CASES[] = {
    { "it is not removed", "usr/a=9001 var/tmp/b=2001", "usr/a=9001", "0:usr/a -var/tmp/b" },
    { "nor is what is above it", "usr/a=9001 var/b=2001", "usr/a=9001", "0:usr/a -var/b" },
    { "directories in it are", "usr/a=9001 var/tmp/b/c=2001", "usr/a=9001 var/tmp=0", "0:usr/a -var/tmp/b" },
    { "another one is", "usr/a=9001 var/tmpfile/b=2001", "usr/a=9001", "0:usr/a -var/tmpfile" },
    { "it was a file", "usr/a=9001 var/tmp=2001", "usr/a=9001", "" },
    { "what is above it was a file", "usr/a=9001 var=2001", "usr/a=9001", "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    check_case (&CASES[i],
                (VarveKeepOptions){ .max_layers = 64, .stale_permille = 1000, .shown_directory = "var/tmp" });
}

static void
test_bound (void)
{
  static const char CANDIDATES[] = "usr/a=50001 usr/b=2001|usr/c=50002 usr/d=1001|usr/e=40001",
                    TREE[] = "usr/a=50001 usr/c=50002 usr/e=40001";
  static const struct {
    guint32 stale_permille;
    const char *kept;
  } CASES[] = {
    /* 3024 and 2024 bytes of 143,072 */
    { 0, "2:usr/e" },
    { 14, "2:usr/e" },
    { 15, "1:usr/c 2:usr/e -usr/d" },
    { 35, "1:usr/c 2:usr/e -usr/d" },
    { 36, "0:usr/a 1:usr/c 2:usr/e -usr/b -usr/d" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    check_case (&(Case){ "a bound", CANDIDATES, TREE, CASES[i].kept },
                (VarveKeepOptions){ .max_layers = 64, .stale_permille = CASES[i].stale_permille });
}

/* A file without content is stale too, and takes an entry. */
static void
test_nothing_stale (void)
{
  static const Case CASES[] = {
    { "an empty file vanished", "usr/a=9001 usr/b=1|usr/c=9002", "usr/a=9001 usr/c=9002", "1:usr/c" },
    { "nothing changed", "usr/a=9001 usr/b=1|usr/c=9002", "usr/a=9001 usr/b=1 usr/c=9002", "0:usr/a,usr/b 1:usr/c" },
    { "hidden by a later layer", "usr/a=9001 usr/b=1|usr/b=2 usr/c=9002", "usr/a=9001 usr/b=2 usr/c=9002",
      "1:usr/b,usr/c" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    check_case (&CASES[i], (VarveKeepOptions){ .max_layers = 64 });
}

/* Layers are opened for what is new and for whiteouts: those that cost the least to download again. */
static void
test_room (void)
{
  static const char CANDIDATES[] = "usr/a=50001 usr/b=2001|usr/c=8001|usr/d=50002";
  static const struct {
    guint32 max_layers;
    const char *tree, *kept;
  } CASES[] = {
    { 3, "usr/a=50001 usr/b=2001 usr/c=8001 usr/d=50002", "0:usr/a,usr/b 1:usr/c 2:usr/d" },
    { 2, "usr/a=50001 usr/b=2001 usr/c=8001 usr/d=50002", NULL },
    { 4, "usr/a=50001 usr/c=8001 usr/d=50002", "0:usr/a 1:usr/c 2:usr/d -usr/b" },
    { 3, "usr/a=50001 usr/c=8001 usr/d=50002", NULL },
    { 5, "usr/a=50001 usr/c=8001 usr/d=50002 usr/e=9003", "0:usr/a 1:usr/c 2:usr/d -usr/b" },
    { 1, "usr/a=50001 usr/b=2001 usr/c=8001 usr/d=50002", "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      VarveKeepOptions options = { .max_layers = CASES[i].max_layers, .stale_permille = 1000 };
      g_autoptr (Run) run = run_of (CASES[i].tree, CANDIDATES, options);
      g_autoptr (Run) image = run_build (run);
      g_autofree char *kept = print_kept (run);
      g_test_message ("%u layers: %s", CASES[i].max_layers, kept);
      if (CASES[i].kept != NULL)
        g_assert_cmpstr (kept, ==, CASES[i].kept);
      else
        g_assert_cmpuint (n_kept (run), <, 3);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kept-layers/any-candidates", test_any_candidates);
  g_test_add_func ("/kept-layers/histories", test_histories);
  g_test_add_func ("/kept-layers/cases", test_cases);
  g_test_add_func ("/kept-layers/shown-directory", test_shown_directory);
  g_test_add_func ("/kept-layers/bound", test_bound);
  g_test_add_func ("/kept-layers/nothing-stale", test_nothing_stale);
  g_test_add_func ("/kept-layers/room", test_room);
  return g_test_run ();
}
