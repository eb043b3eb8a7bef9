/* SPDX-License-Identifier: Apache-2.0 */
/* oci/reuse-blob: a blob comes from one layout into another, whole or not at all. */
#include "oci/reuse-blob.h"

#include <sys/stat.h>

#include "base/error.h"
#include "tests/unit/tinyimage.h"

static const char TEXT[] = "what is in the blob";

/* Two layouts, the first of which has a blob. */
typedef struct {
  TinyFolder *from_path, *to_path;
  VarveDescriptor *blob;
  VarveBlobs *from;
  VarveLayout *to;
} Pair;

static void
pair_clear (Pair *pair)
{
  g_clear_pointer (&pair->from, varve_blobs_free);
  g_clear_pointer (&pair->to, varve_layout_free);
  g_clear_pointer (&pair->blob, varve_descriptor_free);
  g_clear_pointer (&pair->from_path, tiny_remove);
  g_clear_pointer (&pair->to_path, tiny_remove);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

static Pair
pair_new (void)
{
  g_autoptr (GError) error = NULL;
  Pair pair = { .from_path = tiny_folder (), .to_path = tiny_folder () };
  g_autoptr (VarveLayout) layout = tiny_layout (pair.from_path);
  g_autoptr (VarveDescriptor) image = tiny_image (layout, "image");
  g_assert_true (varve_layout_publish (layout, image, "x", &error));
  g_assert_no_error (error);
  VarveDigest digest = tiny_add_text (layout, TEXT);
  pair.blob = varve_descriptor_new (VARVE_MEDIA_TYPE_LAYER, &digest, strlen (TEXT));
  pair.from = varve_layout_read (pair.from_path, &error);
  g_assert_no_error (error);
  pair.to = tiny_layout (pair.to_path);
  return pair;
}

/* Replaces the blob of the first layout. */
static void
damage (const Pair *pair, const char *content)
{
  g_autofree char *path = tiny_blob_path (pair->from_path, &pair->blob->digest);
  g_assert_cmpint (g_remove (path), ==, 0);
  if (content != NULL)
    g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

static void
assert_arrived (const Pair *pair)
{
  g_autofree char *path = tiny_blob_path (pair->to_path, &pair->blob->digest), *content = NULL;
  struct stat status;
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, TEXT);
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 07777, ==, 0644);
}

static void
assert_nothing (const Pair *pair)
{
  g_autofree char *blobs = g_build_filename (pair->to_path, "blobs", "sha256", NULL);
  g_autoptr (GDir) folder = g_dir_open (blobs, 0, NULL);
  g_assert_null (g_dir_read_name (folder));
}

static void
test_files (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Pair) pair = pair_new ();
  for (guint i = 0; i < 2; i++) /* the second time it is there */
    {
      g_assert_true (varve_reuse_blob (pair.to, pair.from, pair.blob, NULL, NULL, &error));
      g_assert_no_error (error);
      assert_arrived (&pair);
    }
}

/* A blob that is a symlink may lead to a private file. */
static void
test_symlink (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Pair) pair = pair_new ();
  g_autofree char *path = tiny_blob_path (pair.from_path, &pair.blob->digest),
                  *aside = g_build_filename (pair.from_path, "aside", NULL);
  g_assert_cmpint (g_rename (path, aside), ==, 0);
  g_assert_cmpint (symlink (aside, path), ==, 0);
  g_assert_false (varve_reuse_blob (pair.to, pair.from, pair.blob, NULL, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, "is a symlink: expected a regular file"));
  assert_nothing (&pair);
}

/* Of the right size, on the same file system. */
static void
test_damaged (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Pair) pair = pair_new ();
  damage (&pair, "What is in the blob");
  g_assert_false (varve_reuse_blob (pair.to, pair.from, pair.blob, NULL, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  assert_nothing (&pair);
}

/* A damaged blob that the layout has already is replaced by a good one. */
static void
test_damaged_target (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Pair) pair = pair_new ();
  g_autofree char *path = tiny_blob_path (pair.to_path, &pair.blob->digest);
  g_assert_true (g_file_set_contents (path, "What is in the blob", -1, NULL));
  g_assert_true (varve_reuse_blob (pair.to, pair.from, pair.blob, NULL, NULL, &error));
  g_assert_no_error (error);
  assert_arrived (&pair);
}

static gboolean
refuse_blob (GInputStream *blob, const VarveDescriptor *descriptor, gpointer data, GCancellable *cancellable,
             GError **error)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "no");
  return FALSE;
}

/* The caller's check decides, wherever the blob comes from. */
static void
test_check (void)
{
  VarveBlobCheck check = { .func = refuse_blob };
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (Pair) pair = pair_new ();
      g_autofree char *path = tiny_blob_path (pair.from_path, &pair.blob->digest);
      if (i == 1)
        g_assert_cmpint (chmod (path, 0600), ==, 0); /* is copied */
      if (i == 2)
        tiny_add_text (pair.to, TEXT);
      g_assert_false (varve_reuse_blob (pair.to, pair.from, pair.blob, &check, NULL, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
      if (i < 2)
        assert_nothing (&pair);
    }
}

/* The source keeps its mode and the copy has the mode of a blob: a link would share one of them. */
static void
test_modes (void)
{
  static const mode_t MODES[] = { 0600, 0444, 0755, 0644 };
  for (guint i = 0; i < G_N_ELEMENTS (MODES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (Pair) pair = pair_new ();
      struct stat status;
      g_autofree char *path = tiny_blob_path (pair.from_path, &pair.blob->digest);
      g_assert_cmpint (chmod (path, MODES[i]), ==, 0);
      g_assert_true (varve_reuse_blob (pair.to, pair.from, pair.blob, NULL, NULL, &error));
      g_assert_no_error (error);
      assert_arrived (&pair);
      g_assert_cmpint (stat (path, &status), ==, 0);
      g_assert_cmpuint (status.st_mode & 07777, ==, MODES[i]);
    }
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Pair) pair = pair_new ();
  damage (&pair, NULL);
  g_assert_false (varve_reuse_blob (pair.to, pair.from, pair.blob, NULL, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  assert_nothing (&pair);
}

static void
test_wrong_size (void)
{
  static const char *const CONTENTS[] = { "", "too short", "what is in the blob and more" };
  for (guint i = 0; i < G_N_ELEMENTS (CONTENTS); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (Pair) pair = pair_new ();
      damage (&pair, CONTENTS[i]);
      g_assert_false (varve_reuse_blob (pair.to, pair.from, pair.blob, NULL, NULL, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
      assert_nothing (&pair);
    }
}

/* Blobs that are no files, as those of an archive: in memory here. */
typedef struct {
  VarveBlobs blobs; /* first */
  const char *content;
} Memory;

static GInputStream *
open_memory (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  const char *content = ((Memory *)blobs)->content;
  return g_memory_input_stream_new_from_data (content, (gssize)strlen (content), NULL);
}

static void
test_streams (void)
{
  static const struct {
    const char *content;
    gboolean is_right;
  } CASES[] = {
    { TEXT, TRUE }, { "What is in the blob", FALSE }, { "what is in", FALSE }, { "what is in the blob?", FALSE }
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (Pair) pair = pair_new ();
      Memory memory = { .blobs.open_blob = open_memory, .content = CASES[i].content };
      gboolean reused = varve_reuse_blob (pair.to, &memory.blobs, pair.blob, NULL, NULL, &error);
      g_assert_true (reused == CASES[i].is_right);
      if (reused)
        {
          assert_arrived (&pair);
          continue;
        }
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
      assert_nothing (&pair);
    }
}

/* Across file systems it is copied, and what is copied is checked. */
static void
test_file_systems (void)
{
  g_auto (Pair) pair = pair_new ();
  g_autofree char *elsewhere = g_strdup ("/dev/shm/varve-test-XXXXXX");
  struct stat here, there;
  if (g_mkdtemp (elsewhere) == NULL)
    {
      g_test_skip ("/dev/shm cannot be written");
      return;
    }
  g_assert_cmpint (stat (pair.from_path, &here) + stat (elsewhere, &there), ==, 0);
  varve_layout_free (g_steal_pointer (&pair.to));
  tiny_remove (g_steal_pointer (&pair.to_path));
  pair.to_path = g_steal_pointer (&elsewhere);
  pair.to = tiny_layout (pair.to_path);
  if (here.st_dev == there.st_dev)
    {
      g_test_skip ("/dev/shm is no other file system");
      return;
    }
  g_autoptr (GError) error = NULL, damaged = NULL;
  g_autofree char *arrived = tiny_blob_path (pair.to_path, &pair.blob->digest);
  g_assert_true (varve_reuse_blob (pair.to, pair.from, pair.blob, NULL, NULL, &error));
  g_assert_no_error (error);
  assert_arrived (&pair);
  g_assert_cmpint (g_remove (arrived), ==, 0);
  damage (&pair, "What is in the blob");
  g_assert_false (varve_reuse_blob (pair.to, pair.from, pair.blob, NULL, NULL, &damaged));
  g_assert_error (damaged, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  assert_nothing (&pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reuse-blob/files", test_files);
  g_test_add_func ("/reuse-blob/symlink", test_symlink);
  g_test_add_func ("/reuse-blob/damaged", test_damaged);
  g_test_add_func ("/reuse-blob/damaged-target", test_damaged_target);
  g_test_add_func ("/reuse-blob/check", test_check);
  g_test_add_func ("/reuse-blob/modes", test_modes);
  g_test_add_func ("/reuse-blob/missing", test_missing);
  g_test_add_func ("/reuse-blob/wrong-size", test_wrong_size);
  g_test_add_func ("/reuse-blob/streams", test_streams);
  g_test_add_func ("/reuse-blob/file-systems", test_file_systems);
  return g_test_run ();
}
