/* SPDX-License-Identifier: Apache-2.0 */
/* verify/import: the same commit comes back, and an invalid image leaves nothing in the repository. */
#include "verify/import.h"

#include <fcntl.h>

#include <ostree.h>

#include "base/error.h"
#include "tests/unit/image-fixture.h"

typedef struct {
  char *path;
  OstreeRepo *repo;
} Target;

static void
target_clear (Target *target)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", target->path);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_clear_object (&target->repo);
  g_free (target->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Target, target_clear)

static Target
target_new (OstreeRepoMode mode)
{
  g_autoptr (GError) error = NULL;
  Target target = { .path = g_dir_make_tmp ("varve-test-XXXXXX", &error) };
  g_assert_no_error (error);
  target.repo = ostree_repo_create_at (AT_FDCWD, target.path, mode, NULL, NULL, &error);
  g_assert_no_error (error);
  return target;
}

static gboolean
import (const VarveImage *image, const Target *target, VarveDigest *out_commit, GError **error)
{
  VarveImportOptions options = { .repo_path = target->path, .ref = "back", .jobs = 2 };
  return varve_import_image (image, &options, NULL, out_commit, NULL, error);
}

static guint
count_objects (const Target *target)
{
  g_autoptr (GHashTable) objects = NULL;
  g_assert_true (ostree_repo_list_objects (target->repo, OSTREE_REPO_LIST_OBJECTS_LOOSE, &objects, NULL, NULL));
  return g_hash_table_size (objects);
}

static char *
resolve (const Target *target)
{
  g_autofree char *commit = NULL;
  g_assert_true (ostree_repo_resolve_rev (target->repo, "back", TRUE, &commit, NULL));
  return g_steal_pointer (&commit);
}

static void
test_same_commit (void)
{
  static const OstreeRepoMode MODES[] = { OSTREE_REPO_MODE_ARCHIVE, OSTREE_REPO_MODE_BARE_USER };
  for (guint i = 0; i < G_N_ELEMENTS (MODES); i++)
    {
      g_auto (Target) target = target_new (MODES[i]);
      g_autoptr (Fixture) fixture = fixture_new ();
      g_autoptr (VarveImage) image = fixture_image (fixture);
      for (guint round = 0; round < 2; round++) /* into an empty repository, and into one that has it */
        {
          g_autoptr (GError) error = NULL;
          VarveDigest commit;
          gboolean ok = import (image, &target, &commit, &error);
          g_assert_no_error (error);
          g_assert_true (ok);
          g_assert_true (varve_digest_table_equal (&commit, &fixture->commit));
        }
      g_autofree char *hex = varve_digest_to_hex (&fixture->commit), *ref = resolve (&target);
      g_assert_cmpstr (ref, ==, hex);
      g_autoptr (GVariant) detached = NULL;
      g_assert_true (ostree_repo_read_commit_detached_metadata (target.repo, hex, &detached, NULL, NULL));
      const char *value;
      g_assert_true (g_variant_lookup (detached, "key", "&s", &value));
      g_assert_cmpstr (value, ==, "detached");
      g_autoptr (GHashTable) reachable = NULL;
      g_assert_true (ostree_repo_traverse_commit (target.repo, hex, 0, &reachable, NULL, NULL));
      g_assert_cmpuint (g_hash_table_size (reachable), ==, 1 + 1 + 5 + 4); /* commit, dirmeta, dirtrees, files */
      g_autoptr (GFile) root = NULL;
      g_assert_true (ostree_repo_read_commit (target.repo, hex, &root, NULL, NULL, NULL));
      GHashTableIter iter;
      gpointer object;
      for (g_hash_table_iter_init (&iter, reachable); g_hash_table_iter_next (&iter, &object, NULL);)
        {
          const char *checksum;
          OstreeObjectType type;
          g_autoptr (GError) error = NULL;
          ostree_object_name_deserialize (object, &checksum, &type);
          ostree_repo_fsck_object (target.repo, type, checksum, NULL, &error);
          g_assert_no_error (error);
        }
    }
}

static void
assert_refused (Fixture *fixture, VarveImage *image, int code, const char *message)
{
  g_auto (Target) target = target_new (OSTREE_REPO_MODE_ARCHIVE);
  g_autoptr (GError) error = NULL;
  VarveDigest commit;
  g_assert_false (import (image, &target, &commit, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, VARVE_ERROR, code);
  g_assert_nonnull (strstr (error->message, message));
  g_assert_cmpuint (count_objects (&target), ==, 0);
  g_autofree char *ref = resolve (&target);
  g_assert_null (ref);
}

static void
test_damaged (void)
{
  for (guint i = 0; i < 6; i++)
    {
      static const char *const MESSAGES[] = { "Corrupted file object", "object.checksum",       "closure.missing",
                                              "closure.extra",         "object.xattrs-missing", "tar.duplicate-path" };
      g_autoptr (Fixture) fixture = fixture_new ();
      g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
      FixtureEntry *entry
          = i == 0 ? fixture_get_object (fixture, 1, &fixture->tool, "file") : fixture_get (fixture, 0, ".dirmeta");
      if (i < 2)
        {
          g_bytes_unref (entry->content);
          entry->content = g_bytes_new_static ("evil", 4);
        }
      if (i == 2)
        g_ptr_array_remove_range (fixture->layers[1], fixture->layers[1]->len - 3, 3);
      if (i == 3)
        fixture_add_file (fixture, 1, "more", NULL, none, (const char *const[]){ NULL });
      if (i == 4)
        g_ptr_array_remove_index (fixture->layers[1], fixture_find (fixture, 1, ".file-xattrs-link"));
      if (i == 5)
        fixture_add (fixture, 1, '1', "etc/conf", "usr/bin/tool", 0755, NULL);
      g_autoptr (VarveImage) image = fixture_image (fixture);
      assert_refused (fixture, image, VARVE_ERROR_CORRUPT, MESSAGES[i]);
    }
}

static void
test_diff_id (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = fixture_image (fixture);
  g_array_index (image->config->diff_ids, VarveDigest, 0).bytes[0] ^= 1;
  assert_refused (fixture, image, VARVE_ERROR_CORRUPT, "layer.diff-id");
}

static void
test_digest (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = fixture_image (fixture);
  ((VarveDescriptor *)image->manifest->layers->pdata[1])->digest.bytes[0] ^= 1;
  assert_refused (fixture, image, VARVE_ERROR_CORRUPT, "layer.digest");
}

static void
test_other_images (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = fixture_image (fixture);
  g_autofree char *first = varve_digest_to_string (varve_config_diff_id (image->config, 0));
  varve_config_set_label (image->config, "ostree.final-diffid", first);
  assert_refused (fixture, image, VARVE_ERROR_UNSUPPORTED, "layers on top of the commit's");
  varve_config_set_label (image->config, "ostree.final-diffid", NULL);
  assert_refused (fixture, image, VARVE_ERROR_UNSUPPORTED, "not an image of an OSTree commit");
}

static void
test_usage (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = fixture_image (fixture);
  g_autoptr (GError) error = NULL;
  VarveDigest commit;
  VarveImportOptions options = { .repo_path = "/nonexistent/repo", .jobs = 1 };
  g_assert_false (varve_import_image (image, &options, NULL, &commit, NULL, &error));
  g_assert_nonnull (strstr (error->message, "/nonexistent/repo"));
  g_clear_error (&error);
  options.ref = "../x";
  g_assert_false (varve_import_image (image, &options, NULL, &commit, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_USAGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import/same-commit", test_same_commit);
  g_test_add_func ("/import/damaged", test_damaged);
  g_test_add_func ("/import/diff-id", test_diff_id);
  g_test_add_func ("/import/digest", test_digest);
  g_test_add_func ("/import/other-images", test_other_images);
  g_test_add_func ("/import/usage", test_usage);
  return g_test_run ();
}
