/* SPDX-License-Identifier: Apache-2.0 */
/* oci/image: which image is meant, and that what is loaded is what the digests say. */
#include "oci/image.h"

#include "base/error.h"
#include "oci/index.h"
#include "tests/unit/tinyimage.h"

static VarveImage *
open_image (const char *path, const char *ref, const char *architecture, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  VarveBlobs *blobs = varve_layout_read (path, &local_error);
  g_assert_no_error (local_error);
  return varve_image_open (blobs, ref, architecture, error);
}

static void
assert_text (const char *path, const char *ref, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveImage) image = open_image (path, ref, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (varve_config_label (image->config, "text"), ==, text);
  g_assert_cmpuint (image->manifest->layers->len, ==, 1);
}

static void
assert_refused (const char *path, const char *ref, VarveError code, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveImage) image = open_image (path, ref, NULL, &error);
  g_assert_null (image);
  g_assert_error (error, VARVE_ERROR, (int)code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_select (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  varve_layout_free (tiny_layout (path));
  assert_refused (path, NULL, VARVE_ERROR_NOT_FOUND, "the index has no image");
  assert_refused (path, "a", VARVE_ERROR_NOT_FOUND, "no image 'a': found none");
  tiny_publish (path, "first", "one");
  assert_text (path, NULL, "first");
  assert_text (path, "one", "first");
  tiny_publish (path, "second", NULL);
  assert_refused (path, NULL, VARVE_ERROR_USAGE, "the index has 2 images: name one of 'one', '@1'");
  assert_refused (path, "two", VARVE_ERROR_NOT_FOUND, "no image 'two': found 'one', '@1'");
  assert_refused (path, "@2", VARVE_ERROR_NOT_FOUND, "no image '@2': found 'one', '@1'");
  assert_refused (path, "@-1", VARVE_ERROR_NOT_FOUND, "no image '@-1'");
  assert_refused (path, "@sha256:../x", VARVE_ERROR_NOT_FOUND, "no image '@sha256:../x'");
  assert_text (path, "@1", "second");

  g_autoptr (VarveImage) image = open_image (path, "one", NULL, NULL);
  g_autofree char *digest = varve_digest_to_string (&image->descriptor->digest);
  g_autofree char *ref = g_strconcat ("@", digest, NULL);
  assert_text (path, ref, "first");
}

/* Publishes an index of two images for two machines under "all". */
static void
publish_index (const char *path)
{
  g_autoptr (VarveLayout) layout = tiny_layout (path);
  g_autoptr (VarveIndex) index = varve_index_new ();
  static const char *const ARCHITECTURES[] = { "s390x", "riscv64" };
  for (guint i = 0; i < G_N_ELEMENTS (ARCHITECTURES); i++)
    {
      g_autoptr (VarveDescriptor) manifest = tiny_image (layout, ARCHITECTURES[i]);
      manifest->architecture = g_strdup (ARCHITECTURES[i]);
      manifest->os = g_strdup ("linux");
      g_assert_true (varve_index_add (index, manifest, NULL));
    }
  g_autoptr (GBytes) bytes = varve_index_to_bytes (index);
  g_autoptr (VarveDescriptor) nested = tiny_add (layout, bytes, VARVE_MEDIA_TYPE_INDEX);
  g_assert_true (varve_layout_publish (layout, nested, "all", NULL));
}

static void
test_nested (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  g_autoptr (GError) error = NULL;
  publish_index (path);
  g_autoptr (VarveImage) image = open_image (path, "all", "riscv64", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (varve_config_label (image->config, "text"), ==, "riscv64");
  g_assert_null (open_image (path, "all", "vax", &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "no image for 'linux/vax': found 'linux/s390x', 'linux/riscv64'");
}

/* Publishes the manifest as it is given. */
static void
publish_manifest (const char *path, const VarveManifest *manifest, const char *ref)
{
  g_autoptr (VarveLayout) layout = tiny_layout (path);
  g_autoptr (GBytes) bytes = varve_manifest_to_bytes (manifest);
  g_autoptr (VarveDescriptor) descriptor = tiny_add (layout, bytes, VARVE_MEDIA_TYPE_MANIFEST);
  g_assert_true (varve_layout_publish (layout, descriptor, ref, NULL));
}

static void
test_refused (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  tiny_publish (path, "first", "first");
  g_autoptr (VarveImage) image = open_image (path, "first", NULL, NULL);
  VarveManifest *manifest = image->manifest;

  g_ptr_array_add (manifest->layers, varve_descriptor_copy (varve_manifest_layer (manifest, 0)));
  publish_manifest (path, manifest, "more-layers");
  assert_refused (path, "more-layers", VARVE_ERROR_CORRUPT,
                  "the config has 1 diff IDs: expected 2, one for each layer");

  g_free (manifest->config->media_type);
  manifest->config->media_type = g_strdup ("application/vnd.oci.empty.v1+json");
  publish_manifest (path, manifest, "artifact");
  assert_refused (path, "artifact", VARVE_ERROR_UNSUPPORTED,
                  "not an image: the config's media type is 'application/vnd.oci.empty.v1+json'");

  g_autofree char *blob = tiny_blob_path (path, &image->manifest->config->digest);
  g_autofree char *config = NULL;
  gsize size_bytes;
  g_assert_true (g_file_get_contents (blob, &config, &size_bytes, NULL));
  config[0] ^= 1;
  g_assert_true (g_file_set_contents (blob, config, (gssize)size_bytes, NULL));
  g_autofree char *name = varve_digest_to_string (&image->manifest->config->digest);
  assert_refused (path, "first", VARVE_ERROR_CORRUPT, name);

  g_autofree char *manifest_blob = tiny_blob_path (path, &image->descriptor->digest);
  g_assert_cmpint (g_remove (manifest_blob), ==, 0);
  assert_refused (path, "first", VARVE_ERROR_NOT_FOUND, "No such file or directory");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image/select", test_select);
  g_test_add_func ("/image/nested", test_nested);
  g_test_add_func ("/image/refused", test_refused);
  return g_test_run ();
}
