/* SPDX-License-Identifier: Apache-2.0 */
/* explain/layer-share: the bytes of a component in each of its layers. */
#include "explain/layer-share.h"

#include "tests/unit/images.h"

static const ImageLayer LAYERS[] = {
  { "commit", NULL, 7, NULL },
  { "kept", NULL, 1000, "a,b" },
  { "new", NULL, 160, "a,c" },
  { "newer", NULL, 50, "a,b" },
};

static void
assert_shares (const VarveImage *image, const char *component, const guint64 *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLedger) ledger = varve_image_ledger_read (image->manifest, &error);
  g_assert_no_error (error);
  const VarveLedgerEntry *entry = varve_ledger_find (ledger, component, NULL);
  for (guint32 i = 0; i < 3; i++)
    g_assert_cmpuint (varve_layer_share (ledger, image->manifest, entry, i), ==, expected[i]);
}

static VarveImage *
image_of (const ImageAtom *atoms, guint n_atoms)
{
  VarveImage *image = image_new (LAYERS, G_N_ELEMENTS (LAYERS));
  image_add_ledger (image, atoms, n_atoms);
  varve_descriptor_annotate (image->manifest->layers->pdata[1], VARVE_ANNOTATION_STALE_OBJECTS, "3");
  return image;
}

/* Layer 2 has 160 - 100 bytes of a. The last one is split by objects: 3 of 4 are of a. */
static void
test_rest (void)
{
  static const ImageAtom ATOMS[] = {
    { "a", NULL, 1, 400, 0, { { 0, 20 }, { 1, 1 }, { 2, 19 } } },
    { "b", NULL, 1, 300, 0, { { 0, 36 }, { 2, 4 } } },
    { "c", NULL, 1, 100, 1, { { 0, 0 } } },
    { "watched", "usr", 1, 100, VARVE_NO_LAYER, { { 0, 0 } } },
  };
  g_autoptr (VarveImage) image = image_of (ATOMS, G_N_ELEMENTS (ATOMS));
  assert_shares (image, "a", (guint64[]){ 400 - 60 - 43, 60, 43 }); /* 50 * 190 / (190 + 30) */
  assert_shares (image, "b", (guint64[]){ 300 - 6, 0, 6 });
  assert_shares (image, "c", (guint64[]){ 0, 100, 0 });
}

/* A layer of another tool may have any size: no share exceeds its component or its layer. */
static void
test_bounds (void)
{
  static const ImageAtom ATOMS[] = {
    { "a", NULL, 1, 4000, 0, { { 0, 1 }, { 1, 1 } } },
    { "b", NULL, 1, 10, 2, { { 1, 1 }, { 2, 1 } } },
    { "c", NULL, 1, G_MAXUINT64, 1, { { 0, 0 } } },
  };
  g_autoptr (VarveImage) image = image_of (ATOMS, G_N_ELEMENTS (ATOMS));
  assert_shares (image, "a", (guint64[]){ 1000, 0, 0 });
  assert_shares (image, "b", (guint64[]){ 0, 0, 10 });
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layer-share/rest", test_rest);
  g_test_add_func ("/layer-share/bounds", test_bounds);
  return g_test_run ();
}
