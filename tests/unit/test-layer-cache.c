/* SPDX-License-Identifier: Apache-2.0 */
/* ostree/layer-cache, ostree/pin, ostree/flat-commit: refs of a repository that libostree makes. */
#include "ostree/layer-cache.h"

#include <fcntl.h>
#include <ostree.h>

#include "base/error.h"
#include "ostree/flat-commit.h"
#include "ostree/importer.h"
#include "ostree/pin.h"
#include "tests/unit/tinyimage.h"

typedef struct {
  TinyFolder *path;
  VarveDigest object; /* of an empty file in it */
} World;

static void
world_clear (World *world)
{
  g_clear_pointer (&world->path, tiny_remove);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static World
world_new (void)
{
  g_autoptr (GError) error = NULL;
  World world = { .path = tiny_folder () };
  g_autoptr (OstreeRepo) repo
      = ostree_repo_create_at (AT_FDCWD, world.path, OSTREE_REPO_MODE_BARE_USER, NULL, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) xattrs = g_bytes_new_static ("", 0);
  VarveContentHeader header = { .mode = 0100644, .xattrs = xattrs };
  g_autoptr (VarveHash) hash = varve_hash_new ();
  varve_content_checksum_start (hash, &header);
  world.object = varve_hash_finish (hash);
  g_autoptr (GInputStream) stream = g_memory_input_stream_new ();
  VarveImporterContent content = { .header = &header, .stream = stream };
  g_autoptr (VarveImporter) importer = varve_importer_begin (world.path, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (varve_importer_write_content (importer, &world.object, &content, NULL, &error));
  g_assert_true (varve_importer_commit (importer, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  return world;
}

static VarveCachedLayer
find (const World *world, const VarveDigest *blob)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveRepo) repo = varve_repo_open (world->path, NULL, &error);
  VarveCachedLayer layer;
  g_assert_true (repo != NULL && varve_layer_cache_find (repo, blob, &layer, NULL, &error));
  g_assert_no_error (error);
  return layer;
}

static void
test_states (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (World) world = world_new ();
  VarveDigest blob = varve_digest_of ("blob", 4), other = varve_digest_of ("other", 5);
  g_assert_cmpint (find (&world, &blob).state, ==, VARVE_CACHED_ABSENT);
  g_assert_true (varve_layer_cache_add_content (world.path, &blob, &world.object, 1, NULL, &error));
  g_assert_no_error (error);
  VarveCachedLayer layer = find (&world, &blob);
  g_assert_cmpint (layer.state, ==, VARVE_CACHED_WHOLE);
  g_assert_null (layer.reason);
  g_assert_true (varve_layer_cache_link (world.path, &other, &layer.commit, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (find (&world, &other).state, ==, VARVE_CACHED_WHOLE);

  g_autofree char *hex = varve_digest_to_hex (&world.object);
  g_autofree char *name = g_strdup_printf ("%.2s/%s.file", hex, hex + 2);
  g_autofree char *file = g_build_filename (world.path, "objects", name, NULL);
  g_assert_cmpint (g_remove (file), ==, 0);
  layer = find (&world, &blob);
  g_autofree char *expected = g_strdup_printf ("object %s.file: not in the repository", hex);
  g_assert_cmpint (layer.state, ==, VARVE_CACHED_BROKEN);
  g_assert_cmpstr (layer.reason, ==, expected);
  g_free (layer.reason);
}

static char *
find_dirmeta (const World *world)
{
  g_autofree char *objects = g_build_filename (world->path, "objects", NULL);
  g_autoptr (GDir) folders = g_dir_open (objects, 0, NULL);
  for (const char *folder = g_dir_read_name (folders); folder != NULL; folder = g_dir_read_name (folders))
    {
      g_autofree char *path = g_build_filename (objects, folder, NULL);
      g_autoptr (GDir) names = g_dir_open (path, 0, NULL);
      for (const char *name = g_dir_read_name (names); name != NULL; name = g_dir_read_name (names))
        if (g_str_has_suffix (name, ".dirmeta"))
          return g_build_filename (path, name, NULL);
    }
  return NULL;
}

/* Metadata that still parses, but is of another folder. */
static void
test_damaged (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (World) world = world_new ();
  VarveDigest blob = varve_digest_of ("blob", 4);
  g_assert_true (varve_layer_cache_add_content (world.path, &blob, &world.object, 1, NULL, &error));
  g_assert_no_error (error);
  g_autofree char *path = find_dirmeta (&world), *content = NULL;
  gsize size_bytes;
  g_assert_true (path != NULL && g_file_get_contents (path, &content, &size_bytes, NULL));
  content[3] ^= 1; /* the owner */
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_true (g_file_set_contents (path, content, (gssize)size_bytes, NULL));
  VarveCachedLayer layer = find (&world, &blob);
  g_assert_cmpint (layer.state, ==, VARVE_CACHED_BROKEN);
  g_assert_true (g_str_has_suffix (layer.reason, ".dirmeta: damaged"));
  g_free (layer.reason);
}

/* Nothing incomplete gets a ref. */
static void
test_incomplete (void)
{
  g_autoptr (GError) error = NULL, unlinked = NULL;
  g_auto (World) world = world_new ();
  VarveDigest blob = varve_digest_of ("blob", 4), missing = varve_digest_of ("none", 4);
  g_assert_false (varve_layer_cache_add_content (world.path, &blob, &missing, 1, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  g_assert_cmpint (find (&world, &blob).state, ==, VARVE_CACHED_ABSENT);
  g_assert_false (varve_layer_cache_link (world.path, &blob, &missing, NULL, &unlinked));
  g_assert_error (unlinked, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  g_assert_cmpint (find (&world, &blob).state, ==, VARVE_CACHED_ABSENT);
}

/* Order and duplicates of the objects do not matter. */
static void
test_flat_commit (void)
{
  VarveDigest objects[] = { varve_digest_of ("a", 1), varve_digest_of ("b", 1), varve_digest_of ("a", 1) };
  VarveDigest reversed[] = { objects[1], objects[0] };
  VarveFlatCommit *one = varve_flat_commit_new (objects, 3, NULL), *two = varve_flat_commit_new (reversed, 2, NULL),
                  *three = varve_flat_commit_new (objects, 1, NULL);
  g_assert_cmpint (varve_digest_compare (&one->commit, &two->commit), ==, 0);
  g_assert_cmpint (varve_digest_compare (&one->commit, &three->commit), !=, 0);
  varve_flat_commit_free (one);
  varve_flat_commit_free (two);
  varve_flat_commit_free (three);
}

static void
test_pin (void)
{
  g_auto (World) world = world_new ();
  VarveDigest digest = varve_digest_of ("manifest", 8);
  g_autoptr (GBytes) manifest = g_bytes_new_static ("{}", 2);
  for (guint i = 0; i < 2; i++) /* the second replaces the first */
    {
      g_autoptr (GError) error = NULL;
      g_assert_true (varve_pin_set (world.path, &digest, manifest, NULL, &error));
      g_assert_no_error (error);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      guint n = G_MAXUINT;
      g_assert_true (varve_pin_clear (world.path, &n, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (n, ==, i == 0 ? 1 : 0);
    }
  static const struct {
    const char *bytes;
    gsize size_bytes;
  } BAD[] = { { "{\"\xff\":1}", 7 }, { "{}\0", 3 } };
  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bad = g_bytes_new_static (BAD[i].bytes, BAD[i].size_bytes);
      g_assert_false (varve_pin_set (world.path, &digest, bad, NULL, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
      g_assert_cmpstr (error->message, ==, "pinning the image: the manifest is not UTF-8");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layer-cache/states", test_states);
  g_test_add_func ("/layer-cache/damaged", test_damaged);
  g_test_add_func ("/layer-cache/incomplete", test_incomplete);
  g_test_add_func ("/flat-commit/objects", test_flat_commit);
  g_test_add_func ("/pin/set-and-clear", test_pin);
  return g_test_run ();
}
