/* SPDX-License-Identifier: Apache-2.0 */
/* compose/report: what is stale in an existing image, in the report and its JSON. */
#include "compose/report.h"

#include "tests/unit/images.h"

static VarveImage *
image_with_stale (void)
{
  static const ImageLayer LAYERS[] = {
    { "commit", NULL, 7, NULL },
    { "kept", NULL, 1000, "a,b" },
    { "new", NULL, 50, "a" },
    { "whiteouts", NULL, 3, "" },
  };
  static const ImageAtom ATOMS[] = { { "a", NULL, 1, 400, 0, { { 0, 1 }, { 1, 1 } } },
                                     { "watched", "usr", 1, 9999, VARVE_NO_LAYER, { { 0, 0 } } } };
  VarveImage *image = image_new (LAYERS, G_N_ELEMENTS (LAYERS));
  image_add_ledger (image, ATOMS, G_N_ELEMENTS (ATOMS));
  image_add_stale (image, 0, (const char *const[]){ "usr/b", "usr/a", NULL }, 60);
  image_add_stale (image, 0, (const char *const[]){ "usr/etc/c\n", NULL }, 40);
  return image;
}

static void
test_stale (void)
{
  g_autoptr (VarveImage) image = image_with_stale ();
  g_autoptr (VarveReport) report = varve_report_of_image (image, "image");
  VarveStaleTotal total = varve_report_stale (report);
  g_assert_cmpuint (total.n_objects, ==, 2);
  g_assert_cmpuint (total.size_bytes, ==, 100);
  g_assert_cmpuint (total.n_layers, ==, 1);
  g_assert_cmpfloat_with_epsilon (varve_stale_share (&total), 0.2, 1e-9);
  g_assert_cmpuint (varve_report_layer (report, 1)->stale_bytes, ==, 100);
  g_assert_cmpuint (varve_report_layer (report, 2)->stale_objects, ==, 0);
  g_assert_false (varve_report_layer (report, 1)->is_whiteouts);
  g_assert_true (varve_report_layer (report, 3)->is_whiteouts);
  g_assert_cmpuint (varve_report_layer (report, 3)->components->len, ==, 0);
  /* Only a build keeps layers. */
  g_assert_cmpuint (varve_report_kept_layers (report), ==, 0);
}

static void
test_json (void)
{
  g_autoptr (VarveImage) image = image_with_stale ();
  g_autoptr (VarveReport) report = varve_report_of_image (image, "image");
  g_autoptr (json_object) json = varve_report_to_json (report);
  g_assert_cmpint (json_object_get_int64 (json_object_object_get (json, "stale_objects")), ==, 2);
  g_assert_cmpint (json_object_get_int64 (json_object_object_get (json, "stale_bytes")), ==, 100);
  g_assert_cmpstr (json_object_get_string (json_object_object_get (json, "stale_share")), ==, "0.2000");
  g_assert_false (json_object_object_get_ex (json, "kept_stale_layers", NULL));
  json_object *layers = json_object_object_get (json, "layers"), *kept = json_object_array_get_idx (layers, 1),
              *new = json_object_array_get_idx (layers, 2), *last = json_object_array_get_idx (layers, 3);
  g_assert_cmpint (json_object_get_int64 (json_object_object_get (kept, "stale_bytes")), ==, 100);
  g_assert_cmpstr (
      json_object_to_json_string_ext (json_object_object_get (kept, "stale_paths"), JSON_C_TO_STRING_NOSLASHESCAPE), ==,
      "[\"/usr/a\",\"/usr/b\",\"/usr/etc/c\\\\x0a\"]");
  g_assert_cmpint (json_object_get_int64 (json_object_object_get (new, "stale_objects")), ==, 0);
  g_assert_false (json_object_object_get_ex (new, "stale_paths", NULL));
  g_assert_false (json_object_object_get_ex (new, "whiteouts", NULL));
  g_assert_true (json_object_get_boolean (json_object_object_get (last, "whiteouts")));
}

/* A report needs no ledger, nor a good one. */
static void
test_without_ledger (void)
{
  static const char *const LEDGERS[] = { NULL, "1:AAAA" };
  for (guint i = 0; i < G_N_ELEMENTS (LEDGERS); i++)
    {
      g_autoptr (VarveImage) image = image_with_stale ();
      varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_LEDGER, LEDGERS[i]);
      varve_descriptor_annotate (image->manifest->layers->pdata[2], VARVE_ANNOTATION_STALE_OBJECTS, "many");
      g_autoptr (VarveReport) report = varve_report_of_image (image, "image");
      VarveStaleTotal total = varve_report_stale (report);
      g_assert_cmpuint (total.n_objects, ==, 2);
      g_assert_cmpfloat (varve_stale_share (&total), ==, 0);
      g_assert_cmpuint (varve_report_layer (report, 1)->stale_paths->len, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/stale", test_stale);
  g_test_add_func ("/report/json", test_json);
  g_test_add_func ("/report/without-ledger", test_without_ledger);
  return g_test_run ();
}
