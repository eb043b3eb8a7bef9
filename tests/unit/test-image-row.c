/* SPDX-License-Identifier: Apache-2.0 */
/* bench/image-row: labels, lags and their means, by hand. */
#include "bench/image-row.h"

#include <string.h>

#include "tests/unit/images.h"

/* A release of two components: layer 1 is a, layer 2 is b, each as wide as its version says. */
static void
add (VarveImageRow *row, const char *name, guint a, guint b)
{
  g_autofree char *a_tar = g_strdup_printf ("a%u", a), *b_tar = g_strdup_printf ("b%u", b),
                  *commit = g_strdup_printf ("commit %s", name);
  ImageLayer layers[] = { { commit, NULL, 1, NULL }, { a_tar, NULL, 100, "a" }, { b_tar, NULL, 1000, "b" } };
  ImageAtom atoms[] = { { "a", NULL, a, 100, 0 }, { "b", NULL, b, 1000, 1 } };
  VarveImage *image = image_new (layers, G_N_ELEMENTS (layers));
  image_add_ledger (image, atoms, G_N_ELEMENTS (atoms));
  varve_image_row_add (row, name, image);
}

static void
test_lags (void)
{
  g_autoptr (VarveImageRow) row = varve_image_row_new ();
  g_autoptr (GError) error = NULL;
  add (row, "oci:/x/layout:2026-01", 1, 1);
  add (row, "oci:/x/layout:2026-02", 2, 1); /* 101 */
  add (row, "oci:/x/layout:2026-03", 2, 2); /* 1001 */
  add (row, "oci:/x/layout:2026-04", 1, 2); /* 101; from the first 1001 */
  g_assert_true (varve_image_row_measure (row, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (varve_image_row_entry (row, 0)->label, ==, "2026-01");
  g_assert_cmpuint (row->steps->len, ==, 3);
  g_assert_cmpuint (varve_image_row_step (row, 1)->diff->by_digest.bytes, ==, 1001);
  g_assert_cmpuint (row->lags[0].updates, ==, 3);
  g_assert_cmpuint (row->lags[0].digest_bytes, ==, 401);
  g_assert_cmpuint (row->lags[0].max_bytes, ==, 1001);
  g_assert_true (row->lags[0].has_bound);
  g_assert_cmpuint (row->lags[0].bound_bytes, ==, 400);
  g_assert_cmpfloat_with_epsilon (row->lags[0].ratio, 1, 1e-9);
  g_assert_cmpuint (row->lags[1].lag, ==, 3);
  g_assert_cmpuint (row->lags[1].updates, ==, 1);
  g_assert_cmpuint (row->lags[1].digest_bytes, ==, 1001);
  g_assert_cmpuint (row->lags[2].updates, ==, 0);
  g_assert_false (row->lags[2].has_bound);
  g_assert_cmpuint (row->full_bytes, ==, 1101);
  g_autoptr (json_object) json = varve_image_row_to_json (row);
  json_object *lags = json_object_object_get (json, "lags");
  g_assert_true (json_object_object_get_ex (lags, "3", NULL));
  g_assert_false (json_object_object_get_ex (lags, "6", NULL));
}

/* The first image is kept for the second, with 300 stale bytes. */
static void
test_stale (void)
{
  g_autoptr (VarveImageRow) row = varve_image_row_new ();
  g_autoptr (GError) error = NULL;
  add (row, "oci:1", 1, 1);
  add (row, "oci:2", 1, 1);
  image_add_stale (varve_image_row_entry (row, 1)->image, 1, (const char *const[]){ "b/old", NULL }, 300);
  g_assert_true (varve_image_row_measure (row, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (varve_image_row_entry (row, 0)->stale.size_bytes, ==, 0);
  g_assert_cmpuint (varve_image_row_entry (row, 1)->size_bytes, ==, 1101);
  g_assert_cmpuint (varve_image_row_entry (row, 1)->stale.size_bytes, ==, 300);
  g_autoptr (json_object) json = varve_image_row_to_json (row);
  json_object *step = json_object_array_get_idx (json_object_object_get (json, "steps"), 0);
  g_assert_cmpint (json_object_get_int64 (json_object_object_get (step, "image_bytes")), ==, 1101);
  g_assert_cmpstr (json_object_get_string (json_object_object_get (step, "stale_share")), ==, "0.2143"); /* 300/1400 */
  g_assert_cmpint (json_object_get_int64 (json_object_object_get (json, "stale_bytes")), ==, 150);
  g_assert_cmpstr (json_object_get_string (json_object_object_get (json, "stale_share")), ==, "0.1200"); /* 300/2500 */
}

/* One name is the beginning of another: they are told whole. */
static void
test_labels (void)
{
  g_autoptr (VarveImageRow) row = varve_image_row_new ();
  g_autoptr (GError) error = NULL;
  add (row, "oci:/x/", 1, 1);
  add (row, "oci:/x/next", 1, 1);
  g_assert_true (varve_image_row_measure (row, &error));
  g_assert_cmpstr (varve_image_row_entry (row, 0)->label, ==, "oci:/x/");
  g_assert_cmpstr (varve_image_row_entry (row, 1)->label, ==, "next");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image-row/lags", test_lags);
  g_test_add_func ("/image-row/stale", test_stale);
  g_test_add_func ("/image-row/labels", test_labels);
  return g_test_run ();
}
