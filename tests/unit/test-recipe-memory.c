/* SPDX-License-Identifier: Apache-2.0 */
/* delta/recipe-memory: the figures of docs/delta-format.md. */
#include "codec/recipe-memory.h"

#define MIB (1ull << 20)

static void
test_recipes (void)
{
  static const struct {
    const char *recipe;
    guint64 input_bytes, expected;
  } CASES[] = {
    { "xz;version=5.4.1;threaded=0;block=0;check=1;preset=6;extreme=0;dictionary=33554432;x86=1", 0, 370 * MIB },
    { "xz;version=5.4.1;threaded=0;block=0;check=1;preset=6;extreme=0;dictionary=33554432;x86=1", 1000 * MIB,
      370 * MIB },
    { "xz;threaded=1;block=0;check=4;preset=6;extreme=0;dictionary=8388608;x86=0", 0, 94 * MIB },
    { "xz;threaded=1;block=0;check=4;preset=6;extreme=0;dictionary=8388608;x86=0", 2 * MIB, 100 * MIB },
    { "xz;threaded=1;block=0;check=4;preset=6;extreme=0;dictionary=8388608;x86=0", 1000 * MIB, 166 * MIB },
    { "xz;threaded=1;block=0;check=4;preset=0;extreme=0;dictionary=65536;x86=0", 1000 * MIB,
      3 * MIB + 2 * MIB + 65536 * 23 / 2 },
    { "gzip;version=1.12;level=9", 1000 * MIB, 4 * MIB },
    { "lz4;version=1.9.4;level=9", 1000 * MIB, 20 * MIB },
    { "zstd;version=1.5.4;level=3;workers=0;checksum=1;size=0", 1000 * MIB, 6 * MIB },
    { "zstd;version=1.5.4;level=9;workers=1;checksum=1;size=0", 1000 * MIB, 97 * MIB },
    { "zstd;version=1.5.4;level=9;workers=1;checksum=1;size=0", MIB, 19 * MIB },
    { "zstd;version=1.5.4;level=19;workers=1;checksum=1;size=0", 1000 * MIB, 250 * MIB },
    { "zstd;version=1.5.4;level=22;workers=1;checksum=1;size=0", 60 * MIB, 890 * MIB },
    { "zstd;version=1.5.4;level=99;workers=0;checksum=1;size=0", 0, 770 * MIB },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      VarveRecipeMemory memory = varve_recipe_memory (CASES[i].recipe);
      g_test_message ("%s", CASES[i].recipe);
      g_assert_cmpuint (varve_recipe_memory_bytes (&memory, CASES[i].input_bytes), ==, CASES[i].expected);
    }
}

/* No number overflows what is reckoned with it. */
static void
test_hostile (void)
{
  static const char *const RECIPES[] = {
    "xz;threaded=1;dictionary=18446744073709551615;block=18446744073709551615",
    "xz;threaded=1;dictionary=18446744073709551615;block=0",
  };
  for (guint i = 0; i < G_N_ELEMENTS (RECIPES); i++)
    {
      VarveRecipeMemory memory = varve_recipe_memory (RECIPES[i]);
      guint64 before = varve_recipe_memory_bytes (&memory, 0), after = varve_recipe_memory_bytes (&memory, G_MAXUINT64);
      g_assert_cmpuint (before, >, VARVE_RECIPE_MEMORY_MAX_BYTES);
      g_assert_cmpuint (after, >, before);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recipe-memory/recipes", test_recipes);
  g_test_add_func ("/recipe-memory/hostile", test_hostile);
  return g_test_run ();
}
