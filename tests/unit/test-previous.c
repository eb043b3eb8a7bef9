/* SPDX-License-Identifier: Apache-2.0 */
/* compose/previous: saved manifests, reused layers by content key, and images that cannot be used. */
#include "compose/previous.h"

#include "base/error.h"
#include "compose/image-ledger.h"
#include "tests/unit/images.h"
#include "tests/unit/tinyimage.h"

static const ImageLayer LAYERS[] = { { "commit", NULL, 7, NULL }, { "a", NULL, 10, "a" }, { "b", NULL, 20, "b" } };
static const ImageAtom ATOMS[] = { { "a", NULL, 1, 10, 0 }, { "b", NULL, 1, 20, 1 } };

/* A plain image of varve, whose layers have content keys "key 0", "key 1" and "key 2"; the last has no diff ID. */
static VarveImage *
plain_image (void)
{
  VarveImage *image = image_new (LAYERS, G_N_ELEMENTS (LAYERS));
  image_add_ledger (image, ATOMS, G_N_ELEMENTS (ATOMS));
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_COMMIT, "c0ffee");
  for (guint i = 0; i < G_N_ELEMENTS (LAYERS); i++)
    {
      g_autofree char *key = g_strdup_printf ("key %u", i);
      g_autofree char *diff_id = varve_digest_to_string (varve_config_diff_id (image->config, i));
      varve_descriptor_annotate (image->manifest->layers->pdata[i], VARVE_ANNOTATION_CONTENT_KEY, key);
      if (i < 2)
        varve_descriptor_annotate (image->manifest->layers->pdata[i], VARVE_ANNOTATION_DIFF_ID, diff_id);
    }
  return image;
}

static char *
save (const char *folder, const char *name, const VarveManifest *manifest)
{
  g_autoptr (GBytes) bytes = varve_manifest_to_bytes (manifest);
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes), &error);
  g_assert_no_error (error);
  return path;
}

static void
test_saved (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autoptr (VarveImage) image = plain_image ();
  g_autofree char *path = save (folder, "manifest.json", image->manifest);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarvePrevious) previous = NULL;
  VarvePreviousOptions options = { .names = (char *[]){ path, NULL } };
  g_assert_true (varve_previous_open (&options, NULL, &previous, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (previous->name, ==, path);
  g_assert_cmpstr (previous->commit, ==, "c0ffee");
  g_assert_null (previous->blobs);
  g_assert_cmpuint (previous->ledger->entries->len, ==, 2);
  g_assert_cmpstr (varve_previous_key (previous, 1), ==, "key 1");
  g_assert_cmpuint (varve_previous_find (previous, "key 1"), ==, 1);
  g_assert_cmpuint (varve_previous_find (previous, "key 2"), ==, VARVE_NO_LAYER); /* its diff ID is unknown */
  g_assert_cmpuint (varve_previous_find (previous, "key 3"), ==, VARVE_NO_LAYER);
  g_assert_cmpint (varve_digest_compare (&g_array_index (previous->diff_ids, VarveDigest, 1),
                                         varve_config_diff_id (image->config, 1)),
                   ==, 0);
}

/* An image of another tool gets no history; that of the image before it is kept beside it. */
static void
test_past (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autoptr (VarveImage) image = plain_image (), foreign = image_new (LAYERS, G_N_ELEMENTS (LAYERS));
  g_autofree char *old = save (folder, "old.json", image->manifest),
                  *new = save (folder, "new.json", foreign->manifest);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarvePrevious) previous = NULL;
  VarvePreviousOptions options = { .names = (char *[]){ new, old, old, NULL }, .takes_plain = TRUE };
  g_assert_true (varve_previous_open (&options, NULL, &previous, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (previous->name, ==, new);
  g_assert_false (varve_image_ledger_is_exact (previous->ledger));
  g_assert_nonnull (previous->past);
  g_assert_true (varve_image_ledger_is_exact (previous->past));
}

/* The next image names this one and those before it; the same commit again names only those before. */
static void
test_predecessors (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autoptr (VarveImage) image = plain_image ();
  VarveDigest before = varve_digest_of ("before", 6);
  g_autoptr (GPtrArray) list = varve_predecessors_new ();
  g_ptr_array_add (list, varve_predecessor_new (&before, NULL, NULL));
  g_autofree char *text = varve_predecessors_to_text (list);
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_PREDECESSORS, text);
  varve_manifest_annotate (image->manifest, VARVE_LABEL_IMAGE_VERSION, "13.2");
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_CREATED, "2026-11-30T00:00:00Z");
  g_autoptr (GBytes) bytes = varve_manifest_to_bytes (image->manifest);
  VarveDigest own = varve_digest_of (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autofree char *path = save (folder, "manifest.json", image->manifest);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarvePrevious) previous = NULL;
  VarvePreviousOptions options = { .names = (char *[]){ path, NULL } };
  g_assert_true (varve_previous_open (&options, NULL, &previous, &error));
  g_assert_no_error (error);
  g_autoptr (GPtrArray) next = varve_previous_predecessors (previous, "c0ffed");
  g_assert_cmpuint (next->len, ==, 2);
  const VarvePredecessor *first = next->pdata[0], *second = next->pdata[1];
  g_assert_cmpint (varve_digest_compare (&first->digest, &own), ==, 0);
  g_assert_cmpstr (first->version, ==, "13.2");
  g_assert_cmpstr (first->time, ==, "2026-11-30T00:00:00Z");
  g_assert_cmpint (varve_digest_compare (&second->digest, &before), ==, 0);
  g_autoptr (GPtrArray) same = varve_previous_predecessors (previous, "c0ffee");
  g_autofree char *same_text = varve_predecessors_to_text (same);
  g_assert_cmpstr (same_text, ==, text);
}

/* The newest image wins; an unusable one is skipped only where images are optional. */
static void
test_optional (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autoptr (VarveImage) image = plain_image ();
  g_autoptr (VarveObserver) observer = varve_observer_new ();
  g_autofree char *path = save (folder, "manifest.json", image->manifest);
  g_autofree char *missing = g_build_filename (folder, "missing", NULL);
  for (guint is_optional = 0; is_optional < 2; is_optional++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VarvePrevious) previous = NULL;
      VarvePreviousOptions options
          = { .names = (char *[]){ missing, path, NULL }, .is_optional = (gboolean)is_optional };
      g_assert_cmpint (varve_previous_open (&options, observer, &previous, &error), ==, is_optional);
      g_autofree char *warning = varve_observer_take_warning (observer);
      if (is_optional)
        {
          g_assert_cmpstr (previous->name, ==, path);
          g_assert_nonnull (strstr (warning, "no such file"));
          g_assert_true (g_str_has_suffix (warning, "continuing without it"));
        }
      else
        {
          g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
          g_assert_true (g_str_has_prefix (error->message, "previous image '"));
          g_assert_null (warning);
        }
    }
}

static void
test_none (void)
{
  g_autoptr (GError) error = NULL;
  VarvePrevious *previous = NULL;
  VarvePreviousOptions options = { 0 };
  g_assert_true (varve_previous_open (&options, NULL, &previous, &error));
  g_assert_null (previous);
}

static void
assert_refused (char *name, const char *architecture, VarveError code, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarvePrevious) previous = NULL;
  VarvePreviousOptions options = { .names = (char *[]){ name, NULL }, .architecture = architecture };
  g_assert_false (varve_previous_open (&options, NULL, &previous, &error));
  g_assert_error (error, VARVE_ERROR, (gint)code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_refused (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autoptr (VarveImage) image = plain_image (), foreign = image_new (LAYERS, G_N_ELEMENTS (LAYERS));
  g_autofree char *other = save (folder, "other.json", foreign->manifest);
  assert_refused (other, NULL, VARVE_ERROR_UNSUPPORTED,
                  "not an image of an OSTree commit: no label 'ostree.final-diffid'");

  static const ImageAtom BEYOND[] = { { "a", NULL, 1, 10, 7 } };
  image_add_ledger (image, BEYOND, 1);
  g_autofree char *corrupt = save (folder, "corrupt.json", image->manifest);
  assert_refused (corrupt, NULL, VARVE_ERROR_CORRUPT, "ledger: refers to layer 8, but the image has 3 layers");

  g_autofree char *layout = g_build_filename (folder, "layout", NULL);
  g_autofree char *name = g_strconcat ("oci:", layout, ":x", NULL);
  tiny_publish (layout, "text", "x");
  assert_refused (name, NULL, VARVE_ERROR_UNSUPPORTED, "not an image of an OSTree commit");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/previous/saved", test_saved);
  g_test_add_func ("/previous/past", test_past);
  g_test_add_func ("/previous/predecessors", test_predecessors);
  g_test_add_func ("/previous/optional", test_optional);
  g_test_add_func ("/previous/none", test_none);
  g_test_add_func ("/previous/refused", test_refused);
  return g_test_run ();
}
