/* SPDX-License-Identifier: Apache-2.0 */
/* bench/policy-chunkah: layouts computed by hand. */
#include "tests/unit/policy-world.h"

/* All of one size, so all reach the limit for standing alone (the median, as nothing deviates), but only 80 % of the
 * other layers may. */
static const VarveWorldPackage WORLD[]
    = { { "a", 10, 0 }, { "b", 10, 0 }, { "c", 10, 0 }, { "d", 10, 0 }, { "e", 10, 0 }, { "f", 10, 365 } };

static void
test_few (void)
{
  assert_world (&varve_policy_chunkah, 8, WORLD, G_N_ELEMENTS (WORLD), VARVE_WORLD_WITH_SPECIALS,
                "a b c d e f initramfs unowned");
}

/* 4 layers: floor (0.8 * 3) = 2 stand alone. Of the other 6, f stays with probability 0.0009, the others with 0.99:
 * mean 0.825, deviation 0.369. So none is high, five are in the middle, f is low. 2 bins: floor (2 * 5 / 6) = 1 for the
 * middle, the other for the low. */
static void
test_tiers (void)
{
  assert_world (&varve_policy_chunkah, 4, WORLD, G_N_ELEMENTS (WORLD), VARVE_WORLD_WITH_SPECIALS,
                "a,b,c,d,e f initramfs unowned");
}

/* 5 layers: floor (0.8 * 4) = 3 stand alone: the largest, then a by its name. Five are left, four in the middle, in
 * floor (2 * 4 / 5) = 1 bin. 6 layers: 4 alone (a and b too), four left, three in the middle: floor (2 * 3 / 4) = 1
 * bin. */
static void
test_outliers (void)
{
  assert_world (&varve_policy_chunkah, 5, WORLD, G_N_ELEMENTS (WORLD), VARVE_WORLD_WITH_SPECIALS,
                "a b,c,d,e f initramfs unowned");
  assert_world (&varve_policy_chunkah, 6, WORLD, G_N_ELEMENTS (WORLD), VARVE_WORLD_WITH_SPECIALS,
                "a b c,d,e f initramfs unowned");
}

/* Without initramfs and unowned: 5 layers, 3 alone (g, h, i), 2 bins for nine of the same stability: the deviation is
 * 0, so all are high. FNV-1a of "rpm/a" and 0xff, … modulo 2: a, c, e are odd, b, d, f even (computed apart). */
static void
test_hash (void)
{
  static const VarveWorldPackage HASHED[] = {
    { "a", 10, 0 }, { "b", 10, 0 },  { "c", 10, 0 },  { "d", 10, 0 },  { "e", 10, 0 },
    { "f", 10, 0 }, { "g", 900, 0 }, { "h", 900, 0 }, { "i", 900, 0 },
  };
  assert_world (&varve_policy_chunkah, 5, HASHED, G_N_ELEMENTS (HASHED), VARVE_WORLD_PLAIN, "a,c,e b,d,f g h i");
}

/* 4 layers, 2 alone (from 10.5 + 1.5 * 0.5 on). Of the other two bins b, d, f and h would all be in the first: the
 * largest fills the second. */
static void
test_empty_bin (void)
{
  static const VarveWorldPackage SAME[] = {
    { "b", 10, 0 }, { "d", 11, 0 }, { "f", 10, 0 }, { "h", 10, 0 }, { "x", 900, 0 }, { "y", 900, 0 },
  };
  assert_world (&varve_policy_chunkah, 4, SAME, G_N_ELEMENTS (SAME), VARVE_WORLD_PLAIN, "b,f,h d x y");
}

static void
test_sizes (void)
{
  for (guint32 max_layers = 1; max_layers < 10; max_layers++)
    for (guint n = 0; n <= G_N_ELEMENTS (WORLD); n++)
      {
        gpointer state = varve_policy_chunkah.create (&(VarvePolicyOptions){ .max_layers = max_layers });
        g_autofree char *text = world_step (&varve_policy_chunkah, state, WORLD, n,
                                            n % 2 == 0 ? VARVE_WORLD_PLAIN : VARVE_WORLD_WITH_SPECIALS);
        varve_policy_chunkah.destroy (state);
        g_auto (GStrv) layers = g_strsplit (text, " ", -1);
        g_assert_cmpuint (g_strv_length (layers), <=, max_layers);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy-chunkah/few", test_few);
  g_test_add_func ("/policy-chunkah/tiers", test_tiers);
  g_test_add_func ("/policy-chunkah/outliers", test_outliers);
  g_test_add_func ("/policy-chunkah/hash", test_hash);
  g_test_add_func ("/policy-chunkah/empty-bin", test_empty_bin);
  g_test_add_func ("/policy-chunkah/sizes", test_sizes);
  return g_test_run ();
}
