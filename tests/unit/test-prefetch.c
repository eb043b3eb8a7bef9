/* SPDX-License-Identifier: Apache-2.0 */
/* build/prefetch on an image made entry by entry: what is entered, and that of what is not right nothing is. */
#include "host/prefetch.h"

#include <fcntl.h>

#include <ostree.h>

#include "base/error.h"
#include "ostree/pin.h"
#include "tests/unit/image-fixture.h"

typedef struct {
  char *path;
  OstreeRepo *repo;
  VarveObserver *observer;
} Host;

static void
host_clear (Host *host)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", host->path);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_clear_object (&host->repo);
  varve_observer_free (host->observer);
  g_free (host->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Host, host_clear)

static Host
host_new (void)
{
  g_autoptr (GError) error = NULL;
  Host host = { .path = g_dir_make_tmp ("varve-test-XXXXXX", &error), .observer = varve_observer_new () };
  g_assert_no_error (error);
  host.repo = ostree_repo_create_at (AT_FDCWD, host.path, OSTREE_REPO_MODE_ARCHIVE, NULL, NULL, &error);
  g_assert_no_error (error);
  return host;
}

/* With a manifest that has bytes. */
static VarveImage *
image_of (Fixture *fixture)
{
  VarveImage *image = fixture_image (fixture);
  g_autoptr (GBytes) config = varve_config_to_bytes (image->config);
  VarveDigest digest = fixture_digest (config);
  image->manifest->config = varve_descriptor_new (VARVE_MEDIA_TYPE_CONFIG, &digest, g_bytes_get_size (config));
  image->manifest_bytes = varve_manifest_to_bytes (image->manifest);
  digest = fixture_digest (image->manifest_bytes);
  image->descriptor
      = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &digest, g_bytes_get_size (image->manifest_bytes));
  return image;
}

static VarvePrefetch *
prefetch (const Host *host, const VarveImage *image, const VarveTarSource *tars, const char *remote, GError **error)
{
  VarvePrefetchOptions options = { .repo_path = host->path, .jobs = 2, .tars = tars, .remote = remote };
  return varve_prefetch_image (image, &options, host->observer, NULL, error);
}

static VarvePrefetch *
prefetched (const Host *host, const VarveImage *image, const VarveTarSource *tars)
{
  g_autoptr (GError) error = NULL;
  VarvePrefetch *result = prefetch (host, image, tars, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (result);
  return result;
}

static VarvePrefetchState
state_of (const VarvePrefetch *result, guint index)
{
  return g_array_index (result->layers, VarvePrefetchLayer, index).state;
}

/* The commit of a layer, or NULL. */
static char *
entered (const Host *host, const VarveImage *image, guint index)
{
  g_autofree char *hex = varve_digest_to_hex (&varve_manifest_layer (image->manifest, index)->digest), *commit = NULL;
  g_autofree char *ref = g_strconcat ("ostree/container/blob/sha256_3A_", hex, NULL);
  g_assert_true (ostree_repo_resolve_rev (host->repo, ref, TRUE, &commit, NULL));
  return g_steal_pointer (&commit);
}

static void
assert_whole (const Host *host, const char *commit)
{
  g_autoptr (GHashTable) reachable = NULL;
  g_autoptr (GError) error = NULL;
  ostree_repo_traverse_commit (host->repo, commit, 0, &reachable, NULL, &error);
  g_assert_no_error (error);
  GHashTableIter iter;
  gpointer object;
  for (g_hash_table_iter_init (&iter, reachable); g_hash_table_iter_next (&iter, &object, NULL);)
    {
      const char *checksum;
      OstreeObjectType type;
      ostree_object_name_deserialize (object, &checksum, &type);
      ostree_repo_fsck_object (host->repo, type, checksum, NULL, &error);
      g_assert_no_error (error);
    }
}

static void
test_entered (void)
{
  g_auto (Host) host = host_new ();
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = image_of (fixture);
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (VarvePrefetch) result = prefetched (&host, image, NULL);
      for (guint i = 0; i < 2; i++)
        g_assert_cmpint (state_of (result, i), ==, round == 0 ? VARVE_PREFETCH_FETCHED : VARVE_PREFETCH_PRESENT);
    }
  g_autofree char *hex = varve_digest_to_hex (&fixture->commit), *base = entered (&host, image, 0),
                  *content = entered (&host, image, 1);
  g_assert_cmpstr (base, ==, hex);
  assert_whole (&host, base);
  assert_whole (&host, content);
  g_autoptr (GVariant) commit = NULL, detached = NULL;
  g_assert_true (ostree_repo_load_commit (host.repo, content, &commit, NULL, NULL));
  g_assert_cmpuint (ostree_commit_get_timestamp (commit), ==, 0);
  g_autofree char *parent = ostree_commit_get_parent (commit);
  g_assert_null (parent);
  g_assert_true (ostree_repo_read_commit_detached_metadata (host.repo, hex, &detached, NULL, NULL));
  g_assert_nonnull (detached);
}

static void
test_pin (void)
{
  g_auto (Host) host = host_new ();
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = image_of (fixture);
  g_autoptr (VarvePrefetch) result = prefetched (&host, image, NULL);
  g_autofree char *pin = NULL, *digest = varve_digest_to_string (&image->descriptor->digest);
  g_autoptr (GVariant) commit = NULL;
  g_assert_true (ostree_repo_resolve_rev (host.repo, "ostree/container/baseimage/varve/0", FALSE, &pin, NULL));
  g_assert_true (ostree_repo_load_commit (host.repo, pin, &commit, NULL, NULL));
  g_autoptr (GVariant) metadata = g_variant_get_child_value (commit, 0);
  const char *text, *manifest;
  g_assert_true (g_variant_lookup (metadata, "ostree.manifest-digest", "&s", &text));
  g_assert_cmpstr (text, ==, digest);
  g_assert_true (g_variant_lookup (metadata, "ostree.manifest", "&s", &manifest));
  g_assert_cmpmem (manifest, strlen (manifest), g_bytes_get_data (image->manifest_bytes, NULL),
                   g_bytes_get_size (image->manifest_bytes));
  for (guint round = 0; round < 2; round++)
    {
      gboolean had_pin;
      g_assert_true (varve_prefetch_clear (host.path, &had_pin, NULL, NULL));
      g_assert_cmpint (had_pin, ==, round == 0);
    }
}

static void
test_pin_text (void)
{
  static const struct {
    const char *text;
    gsize size_bytes;
  } WRONG[] = { { "{\0}", 3 }, { "{\"\xff\"}", 5 } };
  VarveDigest digest = varve_digest_of ("", 0);
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GBytes) manifest = g_bytes_new_static (WRONG[i].text, WRONG[i].size_bytes);
      g_autoptr (GError) error = NULL;
      g_assert_null (varve_pin_metadata (&digest, manifest, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
    }
}

static void
assert_refused (VarveImage *image, const char *remote, int code, const char *message)
{
  g_auto (Host) host = host_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VarvePrefetch) result = prefetch (&host, image, NULL, remote, &error);
  g_assert_null (result);
  g_test_message ("%s", error->message);
  g_assert_error (error, VARVE_ERROR, code);
  g_assert_nonnull (strstr (error->message, message));
  for (guint i = 0; i < image->manifest->layers->len; i++)
    {
      g_autofree char *commit = entered (&host, image, i);
      if (i == 0)
        g_assert_null (commit);
      else if (commit != NULL)
        assert_whole (&host, commit);
    }
}

static void
test_damaged (void)
{
  static const char *const MESSAGES[]
      = { "Corrupted file object", "object.checksum", "not in the repository", "object.xattrs-missing" };
  for (guint i = 0; i < G_N_ELEMENTS (MESSAGES); i++)
    {
      g_autoptr (Fixture) fixture = fixture_new ();
      FixtureEntry *entry
          = i == 0 ? fixture_get_object (fixture, 1, &fixture->tool, "file") : fixture_get (fixture, 0, ".dirmeta");
      if (i < 2)
        {
          g_bytes_unref (entry->content);
          entry->content = g_bytes_new_static ("evil", 4);
        }
      if (i == 2) /* the layers are in order, but the commit needs more than is in them */
        g_ptr_array_remove_range (fixture->layers[1], fixture->layers[1]->len - 3, 3);
      if (i == 3)
        g_ptr_array_remove_index (fixture->layers[1], fixture_find (fixture, 1, ".file-xattrs-link"));
      g_autoptr (VarveImage) image = image_of (fixture);
      assert_refused (image, NULL, i == 2 ? VARVE_ERROR_NOT_FOUND : VARVE_ERROR_CORRUPT, MESSAGES[i]);
    }
}

static void
test_sums (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = image_of (fixture), other = image_of (fixture);
  ((VarveDescriptor *)image->manifest->layers->pdata[1])->digest.bytes[0] ^= 1;
  assert_refused (image, NULL, VARVE_ERROR_CORRUPT, ": content has the digest");
  g_array_index (other->config->diff_ids, VarveDigest, 0).bytes[0] ^= 1;
  assert_refused (other, NULL, VARVE_ERROR_CORRUPT, "layer.diff-id");
}

static void
test_signature (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = image_of (fixture);
  assert_refused (image, "nowhere", VARVE_ERROR_CORRUPT, "the remote 'nowhere' requires");
}

/* Adds a setuid file that is not in the commit. */
static VarveDigest
add_foreign_object (Fixture *fixture, guint layer)
{
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  VarveContentHeader header = { .mode = S_IFREG | 04755, .xattrs = none };
  VarveDigest checksum = varve_content_checksum_of (&header, "root", 4);
  g_autofree char *name = fixture_object_name (&checksum, "file");
  fixture_add_object (fixture, layer, &checksum, "file-xattrs-link", g_bytes_ref (none));
  fixture_add (fixture, layer, '0', name, NULL, 04755, g_bytes_new_static ("root", 4));
  return checksum;
}

static VarveDigest
add_foreign_dirmeta (Fixture *fixture)
{
  GBytes *raw = g_bytes_new_static ("\0\0\0\0\0\0\0\0\0\0\x41\xff", 12);
  VarveDigest checksum = fixture_digest (raw);
  fixture_add_object (fixture, 0, &checksum, "dirmeta", raw);
  return checksum;
}

static void
assert_has (const Host *host, OstreeObjectType type, const VarveDigest *checksum, gboolean expected)
{
  g_autofree char *hex = varve_digest_to_hex (checksum);
  gboolean has;
  g_assert_true (ostree_repo_has_object (host->repo, type, hex, &has, NULL, NULL));
  g_assert_cmpint (has, ==, expected);
}

/* An object outside the commit is not written, whether the commit is new or in the repository. */
static void
test_foreign_objects (void)
{
  for (guint one_layer = 0; one_layer < 2; one_layer++)
    {
      g_auto (Host) host = host_new ();
      g_autoptr (Fixture) fixture = fixture_new ();
      for (guint i = 0; one_layer && i < fixture->layers[1]->len; i++)
        {
          FixtureEntry *entry = fixture->layers[1]->pdata[i];
          if (strstr (entry->name, ".file") == NULL && entry->type != '1' && !g_str_equal (entry->name, "usr/empty"))
            continue;
          g_ptr_array_add (fixture->layers[0], g_ptr_array_steal_index (fixture->layers[1], i--));
        }
      fixture->n_layers = one_layer ? 1 : 2;
      VarveDigest dirmeta = add_foreign_dirmeta (fixture), object = add_foreign_object (fixture, one_layer ? 0 : 1);
      g_autoptr (VarveImage) image = image_of (fixture);
      for (guint round = 0; round < 2; round++)
        {
          g_autoptr (VarvePrefetch) result = prefetched (&host, image, NULL);
          g_autofree char *commit = entered (&host, image, 0);
          assert_whole (&host, commit);
          if (!one_layer) /* an entry without the object would miss it in a later commit */
            {
              g_autofree char *layer = entered (&host, image, 1);
              g_assert_cmpint (g_array_index (result->layers, VarvePrefetchLayer, 1).state, ==, VARVE_PREFETCH_SKIPPED);
              g_assert_null (layer);
            }
          assert_has (&host, OSTREE_OBJECT_TYPE_FILE, &fixture->tool, TRUE);
          assert_has (&host, OSTREE_OBJECT_TYPE_FILE, &object, FALSE);
          assert_has (&host, OSTREE_OBJECT_TYPE_DIR_META, &dirmeta, FALSE);
          if (one_layer)
            break;
        }
    }
}

/* Nothing of an image without the signature is written. */
static void
test_unsigned (void)
{
  g_auto (Host) host = host_new ();
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = image_of (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) raw = ((FixtureEntry *)fixture_get (fixture, 0, ".dirtree"))->content;
  g_bytes_ref (raw);
  VarveDigest dirtree = fixture_digest (raw);
  g_autoptr (VarvePrefetch) result = prefetch (&host, image, NULL, "nowhere", &error);
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  assert_has (&host, OSTREE_OBJECT_TYPE_DIR_TREE, &dirtree, FALSE);
}

/* Objects that a layer declares to be stale belong to what the importer makes of it; no more than these. */
static void
test_stale (void)
{
  for (guint declared = 0; declared < 3; declared++)
    {
      g_auto (Host) host = host_new ();
      g_autoptr (Fixture) fixture = fixture_new ();
      VarveDigest object = add_foreign_object (fixture, 1);
      g_autoptr (VarveImage) image = image_of (fixture);
      VarveDescriptor *layer = image->manifest->layers->pdata[1];
      if (layer->annotations == NULL)
        layer->annotations = varve_string_map_new ();
      varve_string_map_set (layer->annotations, "varve.stale-objects", declared == 2 ? "1" : "0");
      varve_string_map_set (layer->annotations, "varve.stale-bytes", declared > 0 ? "1000" : "0");
      if (declared == 1)
        {
          assert_refused (image, NULL, VARVE_ERROR_CORRUPT, "the manifest declares 0 with 1000");
          continue;
        }
      g_autoptr (VarvePrefetch) result = prefetched (&host, image, NULL);
      g_assert_cmpint (state_of (result, 1), ==, declared == 0 ? VARVE_PREFETCH_SKIPPED : VARVE_PREFETCH_FETCHED);
      assert_has (&host, OSTREE_OBJECT_TYPE_FILE, &object, declared == 2);
      g_autofree char *content = entered (&host, image, 1);
      if (content != NULL)
        assert_whole (&host, content);
    }
}

/* Without the label, the layers are those of a plain image, but importers treat the files of a repository in it in
 * different ways. A signature of the commit cannot be required of it. */
static void
test_other_images (void)
{
  g_auto (Host) host = host_new ();
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = image_of (fixture);
  varve_config_set_label (image->config, "ostree.final-diffid", NULL);
  g_autoptr (VarvePrefetch) result = prefetched (&host, image, NULL);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *commit = entered (&host, image, i);
      g_assert_cmpint (state_of (result, i), ==, VARVE_PREFETCH_SKIPPED);
      g_assert_null (commit);
    }
  assert_refused (image, "remote", VARVE_ERROR_UNSUPPORTED, "is not of an OSTree commit");
}

static void
assert_file (const Host *host, const char *commit, const char *path)
{
  g_autoptr (GFile) root = NULL;
  g_assert_true (ostree_repo_read_commit (host->repo, commit, &root, NULL, NULL, NULL));
  g_autoptr (GFile) file = g_file_resolve_relative_path (root, path);
  g_assert_true (g_file_query_exists (file, NULL));
}

/* Layers on top of those of the commit become commits of their files. */
static void
test_derived (void)
{
  g_auto (Host) host = host_new ();
  g_autoptr (Fixture) fixture = fixture_new ();
  fixture->n_layers = 3;
  fixture_add (fixture, 2, '0', "usr/derived", NULL, 0644, g_bytes_new_static ("x", 1));
  g_autoptr (VarveImage) image = image_of (fixture);
  g_autofree char *second = varve_digest_to_string (varve_config_diff_id (image->config, 1));
  varve_config_set_label (image->config, "ostree.final-diffid", second);
  g_autoptr (VarvePrefetch) result = prefetched (&host, image, NULL);
  g_assert_cmpint (state_of (result, 1), ==, VARVE_PREFETCH_FETCHED);
  g_assert_cmpint (state_of (result, 2), ==, VARVE_PREFETCH_FETCHED);
  g_autofree char *base = entered (&host, image, 0), *derived = entered (&host, image, 2);
  g_assert_nonnull (base);
  assert_whole (&host, derived);
  assert_file (&host, derived, "usr/derived");
}

/* A ref that is there is believed by no one but the importers: what is missing behind it is brought anew. */
static void
test_mended (void)
{
  g_auto (Host) host = host_new ();
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = image_of (fixture);
  g_autoptr (VarvePrefetch) first = prefetched (&host, image, NULL);
  g_autofree char *tool = varve_digest_to_hex (&fixture->tool), *content = entered (&host, image, 1),
                  *base = entered (&host, image, 0);
  g_assert_true (ostree_repo_delete_object (host.repo, OSTREE_OBJECT_TYPE_FILE, tool, NULL, NULL));
  g_autoptr (VarvePrefetch) second = prefetched (&host, image, NULL);
  g_assert_cmpint (state_of (second, 0), ==, VARVE_PREFETCH_FETCHED);
  g_assert_cmpint (state_of (second, 1), ==, VARVE_PREFETCH_FETCHED);
  assert_whole (&host, content);
  assert_whole (&host, base);
  g_autofree char *warning = varve_observer_take_warning (host.observer);
  g_assert_nonnull (strstr (warning, "incomplete in the repository"));
}

/* Tars from elsewhere than the blobs, which are then not needed; a wrong one is a warning. */
typedef struct {
  Fixture *fixture;
  gboolean is_wrong;
} Tars;

static GInputStream *
open_tar (gpointer data, guint layer, GCancellable *cancellable, GError **error)
{
  Tars *tars = data;
  if (layer == 0)
    return NULL;
  g_autoptr (GBytes) tar = fixture_tar (tars->fixture->layers[tars->is_wrong ? 0 : layer]);
  return g_memory_input_stream_new_from_bytes (tar);
}

static void
test_tars (void)
{
  for (guint is_wrong = 0; is_wrong < 2; is_wrong++)
    {
      g_auto (Host) host = host_new ();
      g_autoptr (Fixture) fixture = fixture_new ();
      g_autoptr (VarveImage) image = image_of (fixture);
      Tars tars = { .fixture = fixture, .is_wrong = is_wrong };
      VarveTarSource source = { .open_tar = open_tar, .data = &tars };
      if (!is_wrong)
        g_clear_pointer (&((FixtureBlobs *)image->blobs)->layers->pdata[1], g_bytes_unref);
      g_autoptr (VarvePrefetch) result = prefetched (&host, image, &source);
      g_assert_cmpint (state_of (result, 0), ==, VARVE_PREFETCH_FETCHED);
      g_assert_cmpint (state_of (result, 1), ==, is_wrong ? VARVE_PREFETCH_FETCHED : VARVE_PREFETCH_REBUILT);
      g_autofree char *content = entered (&host, image, 1), *warning = varve_observer_take_warning (host.observer);
      assert_whole (&host, content);
      g_assert_cmpint (warning != NULL && strstr (warning, "cannot be rebuilt") != NULL, ==, is_wrong);
      g_assert_true (warning == NULL || strstr (warning, "layer 1") == g_strrstr (warning, "layer 1"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prefetch/entered", test_entered);
  g_test_add_func ("/prefetch/pin", test_pin);
  g_test_add_func ("/prefetch/pin-text", test_pin_text);
  g_test_add_func ("/prefetch/damaged", test_damaged);
  g_test_add_func ("/prefetch/sums", test_sums);
  g_test_add_func ("/prefetch/signature", test_signature);
  g_test_add_func ("/prefetch/foreign-objects", test_foreign_objects);
  g_test_add_func ("/prefetch/unsigned", test_unsigned);
  g_test_add_func ("/prefetch/stale", test_stale);
  g_test_add_func ("/prefetch/other-images", test_other_images);
  g_test_add_func ("/prefetch/derived", test_derived);
  g_test_add_func ("/prefetch/mended", test_mended);
  g_test_add_func ("/prefetch/tars", test_tars);
  return g_test_run ();
}
