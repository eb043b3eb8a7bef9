/* SPDX-License-Identifier: Apache-2.0 */
/* delta/create: the progress that it announces. */
#include "delta/create.h"

#include <glib/gstdio.h>

#include "base/error.h"
#include "codec/codec.h"
#include "tests/unit/image-fixture.h"
#include "tests/unit/prng.h"

/* A gzip member that zlib made, of text that differs with @version. */
static GBytes *
gzip_member (guint version)
{
  static const char HEADER[] = "\x1f\x8b\x08\0\0\0\0\0\x02\x03";
  guint64 prng = 5;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  while (text->len < 100000)
    g_string_append_printf (text, "%" G_GUINT64_FORMAT " words\n", prng_below (&prng, 1000));
  text->str[50000] = (char)('a' + version);
  g_autoptr (GByteArray) member = g_byte_array_new ();
  g_byte_array_append (member, (const guint8 *)HEADER, 10);
  VarveSink sink = { .write = fixture_sink_write, .data = member };
  VarveEncoderOptions options = { 0 };
  g_autoptr (VarveEncoder) encoder
      = varve_codec_encoder_new ("gzip;version=zlib 1;level=9;memory=8", &options, &sink, &error);
  g_assert_no_error (error);
  g_assert_true (encoder->write (encoder, text->str, text->len, &error));
  g_assert_true (encoder->finish (encoder, &error));
  return g_byte_array_free_to_bytes (g_steal_pointer (&member));
}

/* An image with one compressed file, as if it were opened. */
static VarveImage *
image_of_version (guint version)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  fixture_add (fixture, 1, '0', "usr/share/manual.gz", NULL, 0644, gzip_member (version));
  VarveImage *image = fixture_image (fixture);
  image->config_bytes = varve_config_to_bytes (image->config);
  VarveDigest config = fixture_digest (image->config_bytes);
  image->manifest->config
      = varve_descriptor_new (VARVE_MEDIA_TYPE_CONFIG, &config, g_bytes_get_size (image->config_bytes));
  image->manifest_bytes = varve_manifest_to_bytes (image->manifest);
  VarveDigest manifest = fixture_digest (image->manifest_bytes);
  image->descriptor
      = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &manifest, g_bytes_get_size (image->manifest_bytes));
  return image;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  for (const char *name; folder != NULL && (name = g_dir_read_name (folder)) != NULL;)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);
      remove_tree (below);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
check_progress (guint formats)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveImage) old = image_of_version (0);
  g_autoptr (VarveImage) new = image_of_version (1);
  g_autoptr (GPtrArray) olds = g_ptr_array_new ();
  g_ptr_array_add (olds, old);
  g_autofree char *folder = g_dir_make_tmp ("varve-test-XXXXXX", NULL),
                  *text = g_strdup_printf ("oci:%s/delta", folder);
  g_autoptr (VarveReference) target = varve_reference_parse (text, &error);
  g_autoptr (VarveObserver) observer = varve_observer_new ();
  VarveDeltaCreateOptions options = VARVE_DELTA_CREATE_OPTIONS_INIT;
  options.formats = formats;
  options.observer = observer;
  g_autoptr (GPtrArray) results = varve_delta_create (olds, new, target, &options, NULL, &error);
  g_assert_no_error (error);
  VarveProgress progress = varve_observer_progress (observer);
  g_assert_cmpstr (progress.phase, ==, "compressing");
  g_assert_cmpuint (progress.total_bytes, >, 0);
  g_assert_cmpuint (progress.done_bytes, ==, progress.total_bytes);
  remove_tree (folder);
}

static void
test_progress (void)
{
  check_progress (VARVE_DELTA_FORMAT_TARDIFF);
  check_progress (VARVE_DELTA_FORMAT_VARVE);
  check_progress (VARVE_DELTA_FORMAT_TARDIFF | VARVE_DELTA_FORMAT_VARVE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/create/progress", test_progress);
  return g_test_run ();
}
