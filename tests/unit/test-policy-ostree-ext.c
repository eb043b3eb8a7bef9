/* SPDX-License-Identifier: Apache-2.0 */
/* bench/policy-ostree-ext: layouts computed by hand after chunking.rs. */
#include "tests/unit/policy-world.h"

/* Median 102, median deviation 2: from 106 on large (a, b), up to 49 small (h, i). Of 6 bins one is for new packages,
 * one for what always changes, one for the small; of the other 3, 60 % are for large ones: 1. So b spills over. The 6
 * medium ones have mean frequency 4 and deviation 2.6: all medium; mean size 235 and deviation 297: b is large, the
 * others small. 2 bins of 3 each are meant: [a] [h i] [b] [c d e] [f g], one too many: the third joins the second, and
 * lands behind the fourth. */
static const VarveWorldPackage WORLD[] = {
  { "a", 1000, 1 }, { "b", 900, 9 }, { "c", 104, 1 }, { "d", 103, 2 }, { "e", 102, 3 },
  { "f", 101, 4 },  { "g", 100, 5 }, { "h", 3, 1 },   { "i", 2, 1 },
};

static void
test_afresh (void)
{
  assert_world (&varve_policy_ostree_ext, 6, WORLD, G_N_ELEMENTS (WORLD), VARVE_WORLD_WITH_SPECIALS,
                "a b,h,i c,d,e f,g initramfs,unowned");
}

/* Fewer than bins: each alone. As many as bins: they are packed. */
static void
test_few (void)
{
  assert_world (&varve_policy_ostree_ext, 5, WORLD, 4, VARVE_WORLD_PLAIN, "a b c d");
  /* Median 502, deviation 398.5: from 1299 on large, none; up to 147.5 small: c, d. n_other = 2, large at most 1,
   * medium 1 bin of (4 - 1 - 2) / 1 = 1. Frequencies 1 and 9, mean 5, deviation 4: a and b are medium (0.5 |5 - 8|
   * = 1.5: a is low). Sizes 1000 and 900, mean 950, deviation 50: medium. [c d] [b] [a], 3 of at most 3. */
  assert_world (&varve_policy_ostree_ext, 4, WORLD, 4, VARVE_WORLD_PLAIN, "a b c,d");
}

/* What is new joins the bin kept for it, what is gone leaves its own, however the sizes are now. */
static void
test_previous (void)
{
  gpointer state = varve_policy_ostree_ext_previous.create (&(VarvePolicyOptions){ .max_layers = 6 });
  static const VarveWorldPackage NEXT[] = {
    { "a", 1, 1 },    { "b", 900, 9 }, { "c", 104, 1 }, { "d", 103, 2 }, { "e", 102, 3 },
    { "g", 1000, 5 }, { "h", 3, 1 },   { "i", 2, 1 },   { "j", 900, 1 }, { "k", 1, 1 },
  };
  g_autofree char *first
      = world_step (&varve_policy_ostree_ext_previous, state, WORLD, G_N_ELEMENTS (WORLD), VARVE_WORLD_WITH_SPECIALS);
  g_autofree char *second
      = world_step (&varve_policy_ostree_ext_previous, state, NEXT, G_N_ELEMENTS (NEXT), VARVE_WORLD_WITH_SPECIALS);
  g_autofree char *third
      = world_step (&varve_policy_ostree_ext_previous, state, WORLD, G_N_ELEMENTS (WORLD), VARVE_WORLD_WITH_SPECIALS);
  varve_policy_ostree_ext_previous.destroy (state);
  g_assert_cmpstr (first, ==, "a b,h,i c,d,e f,g initramfs,unowned");
  g_assert_cmpstr (second, ==, "a b,h,i c,d,e g j,k initramfs,unowned");
  g_assert_cmpstr (third, ==, "a b,h,i c,d,e f g initramfs,unowned"); /* f comes back as a new one */
}

/* Any size and number of layers: nothing is out of place. */
static void
test_sizes (void)
{
  static const VarveWorldPackage EQUAL[]
      = { { "a", 5, 1 }, { "b", 5, 1 }, { "c", 5, 1 }, { "d", 5, 1 }, { "e", 5, 1 }, { "f", 5, 1 } };
  for (guint32 max_layers = 4; max_layers < 10; max_layers++)
    for (guint n = 0; n <= G_N_ELEMENTS (WORLD); n++)
      {
        gpointer state = varve_policy_ostree_ext.create (&(VarvePolicyOptions){ .max_layers = max_layers });
        g_autofree char *text = world_step (&varve_policy_ostree_ext, state, WORLD, n,
                                            n % 2 == 0 ? VARVE_WORLD_PLAIN : VARVE_WORLD_WITH_SPECIALS);
        g_autofree char *equal
            = world_step (&varve_policy_ostree_ext, state, EQUAL, MIN (n, G_N_ELEMENTS (EQUAL)), VARVE_WORLD_PLAIN);
        varve_policy_ostree_ext.destroy (state);
        g_auto (GStrv) layers = g_strsplit (text, " ", -1);
        g_auto (GStrv) equal_layers = g_strsplit (equal, " ", -1);
        g_assert_cmpuint (g_strv_length (layers), <=, max_layers);
        g_assert_cmpuint (g_strv_length (equal_layers), <=, max_layers);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy-ostree-ext/afresh", test_afresh);
  g_test_add_func ("/policy-ostree-ext/few", test_few);
  g_test_add_func ("/policy-ostree-ext/previous", test_previous);
  g_test_add_func ("/policy-ostree-ext/sizes", test_sizes);
  return g_test_run ();
}
