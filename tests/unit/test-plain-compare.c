/* SPDX-License-Identifier: Apache-2.0 */
/* verify/plain-compare and verify/plain-content-keys: whatever differs between a plain image and a tree is found. */
#include "verify/plain-compare.h"

#include <string.h>

#include "emit/content-key.h"
#include "emit/ostree-tar.h"
#include "emit/plain-tar.h"
#include "model/image-keys.h"
#include "tests/unit/fake-source.h"
#include "tests/unit/memory-layer.h"
#include "verify/verify.h"

static gboolean
append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

static FakeSource *
base_tree (void)
{
  FakeSource *fake = fake_source_new ();
  fake_source_add_text (fake, "usr/bin/a", "text");
  fake_source_add_text (fake, "usr/bin/b", "other");
  fake_source_add_symlink (fake, "usr/lib", "lib64");
  fake_source_add_text (fake, "usr/etc/c", "conf");
  return fake;
}

static void
add_layer (VarveImage *image, GByteArray *tar, const VarveDigest *key)
{
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (tar);
  g_autofree char *text = varve_digest_to_string (key);
  memory_image_add (image, bytes);
  varve_descriptor_annotate (image->manifest->layers->pdata[image->manifest->layers->len - 1],
                             VARVE_ANNOTATION_CONTENT_KEY, text);
}

/* The folders, then each object in a layer of its own. */
static VarveImage *
image_of_inventory (FakeSource *fake, const VarveInventory *inventory)
{
  g_autoptr (GError) error = NULL;
  VarveImage *image = memory_image_new ();
  VarveOstreeTar tar = { .inventory = inventory, .source = fake_source_source (fake) };
  VarveSink sink = { .write = append, .data = g_byte_array_new () };
  VarveDigest key = varve_content_key_first (VARVE_FORMAT_PLAIN, inventory, NULL);
  g_assert_true (varve_plain_tar_write_folders (&tar, &sink, &error));
  add_layer (image, sink.data, &key);
  for (guint32 i = 0; i < inventory->n_objects; i++)
    {
      sink.data = g_byte_array_new ();
      key = varve_content_key (VARVE_FORMAT_PLAIN, inventory, &i, 1);
      g_assert_true (varve_plain_tar_write_files (&tar, &i, 1, &sink, &error));
      add_layer (image, sink.data, &key);
    }
  g_assert_no_error (error);
  return image;
}

static VarveImage *
image_of (FakeSource *fake)
{
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  return image_of_inventory (fake, inventory);
}

/* The rules of all errors, and after ":" their paths. */
static char *
errors_of (const VarveImage *image, FakeSource *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveInventory) tree = fake_source_inventory (expected);
  VarveVerifyOptions options = { .jobs = 1, .tree = tree };
  g_autoptr (VarveFindings) findings = varve_verify_image (image, &options, NULL, NULL, &error);
  g_assert_no_error (error);
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < varve_findings_kept (findings, VARVE_SEVERITY_ERROR); i++)
    {
      const VarveFinding *finding = varve_findings_get (findings, VARVE_SEVERITY_ERROR, i);
      const char *path = strstr (finding->where, ": ");
      g_string_append_printf (text, "%s%s%s", text->len > 0 ? " " : "", finding->rule, path != NULL ? path + 1 : "");
    }
  return g_string_free (text, FALSE);
}

static void
assert_errors (FakeSource *built, const char *expected)
{
  g_autoptr (FakeSource) tree = base_tree ();
  g_autoptr (VarveImage) image = image_of (built);
  g_autofree char *errors = errors_of (image, tree);
  g_assert_cmpstr (errors, ==, expected);
  fake_source_free (built);
}

static void
test_same (void)
{
  assert_errors (base_tree (), "");
}

static void
bind_time (VarveInventory *inventory, const char *path, gint64 time)
{
  VarveFile *file = &inventory->files[varve_inventory_find_file (inventory, path)];
  file->is_time_bound = TRUE;
  file->time = time;
}

/* An image with a wrong time has a note; one without any times, of a version that wrote none, has no finding. */
static void
test_times (void)
{
  g_autoptr (FakeSource) fake = base_tree ();
  for (guint is_built = 0; is_built < 2; is_built++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveInventory) tree = fake_source_inventory (fake), built = fake_source_inventory (fake);
      if (is_built)
        bind_time (built, "usr/bin/b", 6);
      g_autoptr (VarveImage) image = image_of_inventory (fake, built);
      bind_time (tree, "usr/bin/a", 5);
      VarveVerifyOptions options = { .jobs = 1, .tree = tree };
      g_autoptr (VarveFindings) findings = varve_verify_image (image, &options, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (varve_findings_count (findings, VARVE_SEVERITY_ERROR), ==, is_built);
      guint n_times = 0;
      for (guint i = 0; i < varve_findings_kept (findings, VARVE_SEVERITY_NOTE); i++)
        {
          const VarveFinding *note = varve_findings_get (findings, VARVE_SEVERITY_NOTE, i);
          n_times += strcmp (note->rule, "path.time") == 0 && strstr (note->where, "/usr/bin/a") != NULL;
        }
      g_assert_cmpuint (n_times, ==, is_built);
    }
}

static void
test_labels (void)
{
  g_autoptr (FakeSource) tree = base_tree ();
  g_autoptr (VarveImage) image = image_of (tree);
  fake_source_set_xattr (tree, "usr/bin/a", "security.selinux", "bin_t", 6);
  fake_source_set_xattr (tree, "usr", "security.selinux", "usr_t", 6);
  g_autoptr (VarveImage) labelled = image_of (tree);
  g_autofree char *errors = errors_of (labelled, tree);
  g_assert_cmpstr (errors, ==, "");
}

static void
test_contents (void)
{
  FakeSource *built = base_tree ();
  fake_source_add_text (built, "usr/bin/a", "texT");
  assert_errors (built, "path.content /usr/bin/a");
  built = base_tree ();
  fake_source_add_text (built, "usr/bin/a", "longer");
  assert_errors (built, "path.content /usr/bin/a");
  built = base_tree ();
  fake_source_add_symlink (built, "usr/lib", "lib32");
  assert_errors (built, "path.content /usr/lib");
  built = base_tree ();
  fake_source_add_symlink (built, "usr/bin/a", "b");
  assert_errors (built, "path.type /usr/bin/a");
}

static void
test_headers (void)
{
  FakeSource *built = base_tree ();
  fake_source_set_xattr (built, "usr/bin/a", "user.x", "1", 1);
  assert_errors (built, "path.header /usr/bin/a");
  built = base_tree ();
  fake_source_set_xattr (built, "usr/bin", "user.x", "1", 1);
  assert_errors (built, "path.header /usr/bin");
}

static void
test_paths (void)
{
  FakeSource *built = base_tree ();
  fake_source_add_text (built, "usr/bin/more", "more");
  assert_errors (built, "path.unknown /usr/bin/more");
  built = fake_source_new ();
  fake_source_add_text (built, "usr/bin/a", "text");
  fake_source_add_text (built, "usr/bin/b", "other");
  assert_errors (built, "path.missing /etc path.missing /usr/lib path.missing /etc/c");
}

/* A layer whose key is that of another one: also where a later layer hides its file. */
static void
test_keys (void)
{
  g_autoptr (FakeSource) tree = base_tree (), other = base_tree ();
  fake_source_add_text (other, "usr/bin/a", "evil");
  g_autoptr (VarveImage) image = image_of (tree), evil = image_of (other);
  VarveDescriptor *first = image->manifest->layers->pdata[1];
  const char *key = varve_descriptor_annotation (first, VARVE_ANNOTATION_CONTENT_KEY);
  varve_descriptor_annotate (image->manifest->layers->pdata[2], VARVE_ANNOTATION_CONTENT_KEY, key);
  g_autofree char *errors = errors_of (image, tree);
  g_assert_cmpstr (errors, ==, "layer.content-key");

  g_autoptr (VarveImage) hidden = image_of (other);
  for (guint i = 1; i < evil->manifest->layers->len; i++)
    memory_image_add (hidden, ((MemoryBlobs *)image->blobs)->tars->pdata[i]);
  varve_descriptor_annotate (hidden->manifest->layers->pdata[1], VARVE_ANNOTATION_CONTENT_KEY, key);
  g_autofree char *of_hidden = errors_of (hidden, tree);
  g_assert_cmpstr (of_hidden, ==, "layer.content-key");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plain-compare/times", test_times);
  g_test_add_func ("/plain-compare/same", test_same);
  g_test_add_func ("/plain-compare/labels", test_labels);
  g_test_add_func ("/plain-compare/contents", test_contents);
  g_test_add_func ("/plain-compare/headers", test_headers);
  g_test_add_func ("/plain-compare/paths", test_paths);
  g_test_add_func ("/plain-compare/keys", test_keys);
  return g_test_run ();
}
