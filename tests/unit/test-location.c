/* SPDX-License-Identifier: Apache-2.0 */
/* explain/location: the layer of a component or path, its history, and the reasons. */
#include "explain/location.h"

#include "base/error.h"
#include "compose/image-ledger.h"
#include "emit/ledger-text.h"
#include "explain/image-commit.h"
#include "model/image-keys.h"
#include "tests/unit/image-fixture.h"

/* Layer 1 holds two components and a part; five builds are remembered, the newest at 5000. */
static VarveImage *
image_with_ledger (Fixture *fixture)
{
  VarveImage *image = fixture_image (fixture);
  g_autoptr (VarveLedger) ledger = varve_ledger_new ();
  g_autoptr (GError) error = NULL;
  for (gint64 time = 5000; time > 0; time -= 1000)
    g_array_append_val (ledger->times, time);
  static const char *const NAMES[][2] = { { "hot", NULL }, { "cold", NULL }, { "cold", "usr/share" } };
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      VarveLedgerEntry *entry = varve_ledger_add (ledger, NAMES[i][0], NAMES[i][1]);
      entry->layer = 0;
      entry->size_bytes = 1000000;
      entry->n_steps = 4;
      if (i == 0)
        {
          entry->changed = (VarveEvents){ { 0xa, 0 } }; /* steps 1 and 3 */
          entry->probability = 30000;
        }
    }
  varve_ledger_sort (ledger);
  g_autofree char *text = varve_ledger_to_text (ledger, &error);
  g_assert_no_error (error);
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_LEDGER, text);
  return image;
}

static GPtrArray *
find (const VarveImage *image, const char *name, GError **error)
{
  VarveLocationOptions options = { .image = image, .name = name, .owners = VARVE_OWNERS_OPTIONS_INIT, .jobs = 1 };
  return varve_location_find (&options, NULL, NULL, error);
}

static void
test_component (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = image_with_ledger (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) places = find (image, "hot", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (places->len, ==, 1);
  const VarveLocation *place = places->pdata[0];
  g_assert_cmpuint (place->layer, ==, 1);
  g_assert_cmpuint (place->neighbours->len, ==, 2);
  g_assert_cmpuint (place->n_steps, ==, 4);
  g_assert_cmpuint (place->changes->len, ==, 2);
  g_assert_cmpint (g_array_index (place->changes, gint64, 0), ==, 4000);
  g_assert_cmpint (g_array_index (place->changes, gint64, 1), ==, 2000);
  g_assert_cmpuint (place->quiet_steps, ==, 1);
  g_assert_cmpuint (place->reasons->len, >=, 2);
  g_assert_cmpint (place->probability, ==, 30000);
}

static void
test_parts (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = image_with_ledger (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) all = find (image, "cold", &error), one = find (image, "cold:usr/share", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_cmpuint (one->len, ==, 1);
  const VarveLocation *place = one->pdata[0];
  g_assert_cmpstr (place->component, ==, "cold:usr/share");
  /* The ledger does not say, and the layer has others too. */
  g_assert_cmpint (place->probability, ==, -1);
  g_autoptr (json_object) json = varve_location_to_json (place);
  g_assert_false (json_object_object_get_ex (json, "change_probability", NULL));
}

static void
test_path (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = image_with_ledger (fixture);
  static const char *const PATHS[] = { "/usr/bin/tool", "usr/bin/again", "/etc/conf", "/usr/etc/conf", "/usr/empty" };
  for (guint i = 0; i < G_N_ELEMENTS (PATHS); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) places = find (image, PATHS[i], &error);
      g_assert_no_error (error);
      g_assert_cmpuint (places->len, ==, 1);
      const VarveLocation *place = places->pdata[0];
      g_assert_cmpuint (place->layer, ==, 1);
      g_assert_null (place->component); /* one of three */
      g_assert_cmpuint (place->neighbours->len, ==, 3);
      g_assert_false (place->has_history);
      g_autoptr (json_object) json = varve_location_to_json (place);
      g_assert_false (json_object_object_get_ex (json, "component", NULL));
    }
}

static guint
layer_of (const VarveImage *image, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) places = find (image, path, &error);
  if (places == NULL)
    {
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
      return 0;
    }
  g_assert_cmpuint (places->len, ==, 1);
  return ((VarveLocation *)places->pdata[0])->layer;
}

/* Layer 1 is kept with the former object of a path; the last layer has the current one. */
static void
test_later_layer (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  fixture->n_layers = 3;
  fixture_add_skeleton (fixture, 2);
  fixture_add_file (fixture, 2, "other", NULL, none, (const char *const[]){ "usr/bin/again", "etc/conf", NULL });
  g_autoptr (VarveImage) image = image_with_ledger (fixture);
  g_assert_cmpuint (layer_of (image, "usr/bin/again"), ==, 2);
  g_assert_cmpuint (layer_of (image, "etc/conf"), ==, 2);
  g_assert_cmpuint (layer_of (image, "usr/bin/tool"), ==, 1);
}

static void
test_whiteouts (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  fixture->n_layers = 3;
  fixture_add (fixture, 2, '0', "etc/.wh.conf", NULL, 0644, NULL);
  fixture_add (fixture, 2, '0', "usr/.wh.bin", NULL, 0644, NULL);
  g_autoptr (VarveImage) image = image_with_ledger (fixture);
  g_assert_cmpuint (layer_of (image, "usr/bin/tool"), ==, 0);
  g_assert_cmpuint (layer_of (image, "etc/conf"), ==, 0);
  g_assert_cmpuint (layer_of (image, "usr/empty"), ==, 1);
}

/* "cold" is in two layers; of its other part and of "hot" there is nothing in the second. */
static void
test_two_layers (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  fixture->n_layers = 3;
  g_autoptr (VarveImage) image = image_with_ledger (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLedger) ledger = varve_image_ledger_read (image->manifest, &error);
  VarveLedgerEntry *cold = varve_ledger_find (ledger, "cold", NULL);
  static const VarveLedgerRun RUNS[] = { { 1, 1 }, { 0, 8 }, { 1, 1 } };
  cold->runs = g_array_new (FALSE, FALSE, sizeof (VarveLedgerRun));
  g_array_append_vals (cold->runs, RUNS, G_N_ELEMENTS (RUNS));
  g_autofree char *text = varve_ledger_to_text (ledger, &error);
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_LEDGER, text);
  varve_descriptor_annotate (image->manifest->layers->pdata[1], VARVE_ANNOTATION_STALE_OBJECTS, "1");
  g_autoptr (GPtrArray) places = find (image, "cold", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (places->len, ==, 3);
  const VarveLocation *most = places->pdata[0], *rest = places->pdata[1];
  g_assert_cmpuint (most->layer, ==, 1);
  g_assert_cmpuint (most->neighbours->len, ==, 2);
  g_assert_cmpuint (most->quiet_steps, ==, 0);
  g_assert_cmpuint (rest->layer, ==, 2);
  g_assert_cmpuint (rest->neighbours->len, ==, 0);
  g_assert_cmpuint (g_array_index (rest->other_layers, guint, 0), ==, 1);
  g_assert_true (g_str_has_prefix (rest->reasons->pdata[0], "its other files are in layer 1: "));
  g_assert_cmpuint (((VarveLocation *)places->pdata[2])->other_layers->len, ==, 0);
}

static void
test_absent (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = image_with_ledger (fixture);
  static const char *const NAMES[] = { "none", "/usr/none", "/", "", "cold:usr", "../etc/conf" };
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (find (image, NAMES[i], &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
    }
}

/* A repository cannot help where the image does not name its commit. */
static void
test_commit_label (void)
{
  static const struct {
    const char *label, *message;
    VarveError code;
  } CASES[] = {
    { NULL, "the image has neither label 'ostree.commit' nor annotation 'varve.commit' and so",
      VARVE_ERROR_UNSUPPORTED },
    { "c0ffee", "label 'ostree.commit': ", VARVE_ERROR_CORRUPT },
  };
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = fixture_image (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      VarveDigest commit;
      varve_config_set_label (image->config, "ostree.commit", CASES[i].label);
      g_assert_false (varve_image_commit_resolve (image, NULL, &commit, &error));
      g_assert_error (error, VARVE_ERROR, (gint)CASES[i].code);
      g_assert_true (g_str_has_prefix (error->message, CASES[i].message));
    }
  g_autoptr (GError) error = NULL;
  VarveDigest commit;
  varve_config_set_label (image->config, "ostree.commit", NULL);
  varve_manifest_annotate (image->manifest, "varve.commit", "c0ffee");
  g_assert_false (varve_image_commit_resolve (image, NULL, &commit, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_assert_true (g_str_has_prefix (error->message, "annotation 'varve.commit': "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/location/component", test_component);
  g_test_add_func ("/location/parts", test_parts);
  g_test_add_func ("/location/path", test_path);
  g_test_add_func ("/location/later-layer", test_later_layer);
  g_test_add_func ("/location/whiteouts", test_whiteouts);
  g_test_add_func ("/location/two-layers", test_two_layers);
  g_test_add_func ("/location/absent", test_absent);
  g_test_add_func ("/location/commit-label", test_commit_label);
  return g_test_run ();
}
