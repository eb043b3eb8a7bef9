/* SPDX-License-Identifier: Apache-2.0 */
/* explain/diff: what a host downloads, computed by hand; with ledgers, with names only, with neither. */
#include "explain/diff.h"

#include <string.h>

#include "tests/unit/images.h"

static void
assert_names (const GPtrArray *components, const char *expected)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < components->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? " " : "", ((VarveDiffComponent *)components->pdata[i])->name);
  g_assert_cmpstr (names->str, ==, expected);
}

static VarveDiff *
compare (const VarveImage *old, const VarveImage *new)
{
  g_autoptr (GError) error = NULL;
  VarveDiff *diff = varve_diff_new (old, "old", new, "new", &error);
  g_assert_no_error (error);
  return diff;
}

static const ImageLayer OLD[] = {
  { "commit 1", NULL, 7, NULL },
  { "a1 b1", NULL, 110, "a,b" },
  { "c1", NULL, 1000, "c" },
  { "d1 e1", NULL, 30000, "d,e" },
};
static const ImageAtom OLD_ATOMS[] = {
  { "a", NULL, 1, 10, 0 },    { "b", NULL, 1, 100, 0 },   { "c", NULL, 1, 1000, 1 },
  { "d", NULL, 1, 10000, 2 }, { "e", NULL, 1, 20000, 2 },
};

/* a changed and takes b along; c is compressed anew; e became parts of which one changed; f came. */
static void
test_ledgers (void)
{
  static const ImageLayer NEW[] = {
    { "commit 2", NULL, 8, NULL },
    { "c1", "c1 again", 900, "c" },
    { "a2 b1 f1", NULL, 122, "a,b,f" },
    { "d1 e1", NULL, 30000, "d,e" },
  };
  static const ImageAtom ATOMS[] = {
    { "a", NULL, 2, 12, 1 },    { "b", NULL, 1, 100, 1 },   { "c", NULL, 1, 900, 0 },
    { "d", NULL, 1, 10000, 2 }, { "e", NULL, 1, 20000, 2 }, { "e", "usr/share", 5, 5, VARVE_NO_LAYER },
    { "f", NULL, 1, 10, 1 },
  };
  g_autoptr (VarveImage) old = image_new (OLD, G_N_ELEMENTS (OLD)), new = image_new (NEW, G_N_ELEMENTS (NEW));
  image_add_ledger (old, OLD_ATOMS, G_N_ELEMENTS (OLD_ATOMS));
  image_add_ledger (new, ATOMS, G_N_ELEMENTS (ATOMS));
  g_autoptr (VarveDiff) diff = compare (old, new);
  g_assert_true (diff->is_exact);
  g_assert_cmpuint (diff->by_digest.bytes, ==, 8 + 900 + 122);
  g_assert_cmpuint (diff->by_digest.layers, ==, 3);
  g_assert_cmpuint (diff->by_diff_id.bytes, ==, 8 + 122);
  g_assert_cmpuint (diff->by_diff_id.layers, ==, 2);
  g_assert_cmpuint (diff->image_bytes, ==, 31030);
  g_assert_cmpuint (diff->document_bytes, ==, 120);
  g_assert_cmpuint (diff->commit_layer_bytes, ==, 8);
  g_assert_cmpuint (diff->package_bytes, ==, 22);
  g_assert_cmpuint (diff->packages, ==, 2);
  g_assert_cmpfloat_with_epsilon (varve_diff_ratio (diff), 1022.0 / 22, 1e-9);
  g_assert_cmpuint (diff->layers->len, ==, 3);
  g_assert_true (varve_diff_layer (diff, 0)->is_commit);
  g_assert_false (varve_diff_layer (diff, 1)->is_new_diff_id);
  assert_names (varve_diff_layer (diff, 1)->changed, "");
  assert_names (varve_diff_layer (diff, 1)->moved, "c");
  assert_names (varve_diff_layer (diff, 2)->changed, "a f");
  assert_names (varve_diff_layer (diff, 2)->moved, "b");
  g_assert_false (((VarveDiffComponent *)varve_diff_layer (diff, 2)->changed->pdata[0])->is_added);
  g_assert_true (((VarveDiffComponent *)varve_diff_layer (diff, 2)->changed->pdata[1])->is_added);
}

static const VarveDiffComponent *
component (const GPtrArray *list, guint index)
{
  return list->pdata[index];
}

/* Layer 1 is kept with what did not change of a and b. Of a, 2 of 10 objects are new; b only lost a file. c is whole.
 */
static void
test_parts (void)
{
  static const ImageLayer NEW[] = {
    { "commit 2", NULL, 8, NULL },
    { "a1 b1", NULL, 110, "a,b" },
    { "d1 e1", NULL, 30000, "d,e" },
    { "a2 c2", NULL, 1003, "a,c" },
  };
  static const ImageAtom ATOMS[] = {
    { "a", NULL, 2, 10, 0, { { 0, 5 }, { 2, 2 }, { 0, 3 } } },
    { "b", NULL, 2, 90, 0, { { 0, 0 } } },
    { "c", NULL, 2, 1000, 2, { { 0, 0 } } },
    { "d", NULL, 1, 10000, 1, { { 0, 0 } } },
    { "e", NULL, 1, 20000, 1, { { 0, 0 } } },
  };
  g_autoptr (VarveImage) old = image_new (OLD, G_N_ELEMENTS (OLD)), new = image_new (NEW, G_N_ELEMENTS (NEW));
  image_add_ledger (old, OLD_ATOMS, G_N_ELEMENTS (OLD_ATOMS));
  image_add_ledger (new, ATOMS, G_N_ELEMENTS (ATOMS));
  image_add_stale (old, 2, (const char *const[]){ "d/old", NULL }, 7);
  image_add_stale (new, 0, (const char *const[]){ "a/old", NULL }, 50);
  image_add_stale (new, 0, (const char *const[]){ "b/old", NULL }, 50);
  image_add_stale (new, 1, (const char *const[]){ "d/old", NULL }, 7);
  g_autoptr (VarveDiff) diff = compare (old, new);
  g_assert_cmpuint (diff->by_digest.bytes, ==, 8 + 1003);
  /* What was stale before is not kept because of this update. */
  g_assert_cmpuint (diff->kept.layers, ==, 1);
  g_assert_cmpuint (diff->kept.bytes, ==, 110);
  g_assert_cmpuint (diff->stale.n_objects, ==, 3);
  g_assert_cmpuint (diff->stale.size_bytes, ==, 107);
  g_assert_cmpuint (diff->stale.n_layers, ==, 2);
  g_assert_cmpint (diff->stale.since, ==, 7000);
  g_assert_cmpfloat_with_epsilon (varve_stale_share (&diff->stale), 107.0 / (107 + 31100), 1e-9);
  g_assert_cmpuint (diff->package_bytes, ==, 10 + 90 + 1000);
  g_assert_cmpuint (diff->packages, ==, 3);
  g_assert_cmpfloat (varve_diff_ratio (diff), <, 1);
  g_assert_cmpuint (diff->layers->len, ==, 2);
  assert_names (varve_diff_layer (diff, 1)->changed, "a c");
  assert_names (varve_diff_layer (diff, 1)->moved, "");
  g_assert_cmpuint (component (varve_diff_layer (diff, 1)->changed, 0)->size_bytes, ==, 3);
  g_assert_cmpuint (component (varve_diff_layer (diff, 1)->changed, 1)->size_bytes, ==, 1000);
}

static void
test_same (void)
{
  g_autoptr (VarveImage) old = image_new (OLD, G_N_ELEMENTS (OLD)), new = image_new (OLD, G_N_ELEMENTS (OLD));
  image_add_ledger (old, OLD_ATOMS, G_N_ELEMENTS (OLD_ATOMS));
  image_add_ledger (new, OLD_ATOMS, G_N_ELEMENTS (OLD_ATOMS));
  g_autoptr (VarveDiff) diff = compare (old, new);
  g_assert_cmpuint (diff->by_digest.bytes, ==, 0);
  g_assert_cmpuint (diff->layers->len, ==, 0);
  g_assert_cmpuint (diff->package_bytes, ==, 0);
  g_assert_cmpfloat (varve_diff_ratio (diff), ==, 0);
}

/* Nothing tells which of two changed: those that were together count as changed, what comes from elsewhere as moved. */
static void
test_names (void)
{
  static const ImageLayer NEW[]
      = { { "commit 2", NULL, 8, NULL }, { "a b c", NULL, 1, "a,b,c,new" }, { "d1 e1", NULL, 30000, "d,e" } };
  g_autoptr (VarveImage) old = image_new (OLD, G_N_ELEMENTS (OLD)), new = image_new (NEW, G_N_ELEMENTS (NEW));
  g_autoptr (VarveDiff) diff = compare (old, new);
  g_assert_false (diff->is_exact);
  g_assert_cmpuint (diff->by_digest.bytes, ==, 9);
  g_assert_cmpuint (diff->package_bytes, ==, 0);
  g_assert_cmpfloat (varve_diff_ratio (diff), ==, 0);
  assert_names (varve_diff_layer (diff, 1)->changed, "a b new");
  assert_names (varve_diff_layer (diff, 1)->moved, "c");
  g_autoptr (json_object) json = varve_diff_to_json (diff);
  g_assert_false (json_object_object_get_ex (json_object_object_get (json, "bounds"), "package_bytes", NULL));
  g_assert_false (json_object_object_get_ex (json, "ratio", NULL));
}

/* An image without an OSTree commit; a layer that is in the manifest twice is downloaded once. */
static void
test_plain (void)
{
  static const ImageLayer A[] = { { "base", NULL, 100, NULL } };
  static const ImageLayer B[] = { { "base", NULL, 100, NULL }, { "x", NULL, 5, NULL }, { "x", NULL, 5, NULL } };
  g_autoptr (VarveImage) old = image_new (A, G_N_ELEMENTS (A)), new = image_new (B, G_N_ELEMENTS (B));
  varve_config_set_label (old->config, "ostree.final-diffid", NULL);
  varve_config_set_label (new->config, "ostree.final-diffid", NULL);
  g_autoptr (VarveDiff) diff = compare (old, new), back = compare (new, old);
  g_assert_cmpuint (diff->by_digest.bytes, ==, 5);
  g_assert_cmpuint (diff->by_digest.layers, ==, 1);
  g_assert_cmpuint (diff->commit_layer_bytes, ==, 0);
  g_assert_cmpuint (diff->image_bytes, ==, 110);
  g_assert_cmpuint (back->by_digest.bytes, ==, 0);
}

static void
test_damaged (void)
{
  g_autoptr (VarveImage) old = image_new (OLD, G_N_ELEMENTS (OLD)), new = image_new (OLD, G_N_ELEMENTS (OLD));
  g_autoptr (GError) error = NULL;
  varve_manifest_annotate (new->manifest, VARVE_ANNOTATION_LEDGER, "1:AAAA");
  g_assert_null (varve_diff_new (old, "old", new, "new", &error));
  g_assert_true (g_str_has_prefix (error->message, "new: ledger: "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diff/ledgers", test_ledgers);
  g_test_add_func ("/diff/parts", test_parts);
  g_test_add_func ("/diff/same", test_same);
  g_test_add_func ("/diff/names", test_names);
  g_test_add_func ("/diff/plain", test_plain);
  g_test_add_func ("/diff/damaged", test_damaged);
  return g_test_run ();
}
