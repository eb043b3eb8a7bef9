/* SPDX-License-Identifier: Apache-2.0 */
/* verify/ledger-claims: a ledger that says of a layer what is not so is found, in images of commits and in plain ones.
 */
#include "verify/ledger-claims.h"

#include "emit/content-key.h"
#include "emit/ledger-text.h"
#include "emit/ostree-tar.h"
#include "emit/plain-tar.h"
#include "emit/whiteout-tar.h"
#include "model/image-keys.h"
#include "model/layer-entries.h"
#include "tests/unit/fake-source.h"
#include "tests/unit/memory-layer.h"
#include "tests/unit/verify-fixture.h"

static void
add_stale (VarveLedger *ledger, const char *first, const char *second, guint64 size_bytes, guint32 mark)
{
  GPtrArray *paths = g_ptr_array_new ();
  g_ptr_array_add (paths, g_strdup (first));
  if (second != NULL)
    g_ptr_array_add (paths, g_strdup (second));
  g_ptr_array_add (varve_ledger_layer (ledger, 0)->stale, varve_stale_object_new (paths, size_bytes, mark));
}

static VarveStaleObject *
stale_at (VarveLedger *ledger, guint index)
{
  return varve_ledger_layer (ledger, 0)->stale->pdata[index];
}

static VarveLedger *
ledger_new (const VarveDigest *key)
{
  VarveLedger *ledger = varve_ledger_new ();
  gint64 time = 1000;
  g_array_append_val (ledger->times, time);
  varve_ledger_add_layer (ledger)->has_key = TRUE;
  varve_ledger_layer (ledger, 0)->key = *key;
  (void)varve_ledger_add_layer (ledger);
  return ledger;
}

static void
set_ledger (VarveImage *image, VarveLedger *ledger)
{
  g_autofree char *text = varve_ledger_to_text (ledger, NULL);
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_LEDGER, text);
  varve_ledger_free (ledger);
}

/* The ways to lie. */

static void
as_is (VarveLedger *ledger)
{
}

static void
key_of_other (VarveLedger *ledger)
{
  varve_ledger_layer (ledger, 0)->key.bytes[31] ^= 1;
}

static void
key_is_absent (VarveLedger *ledger)
{
  varve_ledger_layer (ledger, 0)->has_key = FALSE;
}

static void
key_of_new_layer (VarveLedger *ledger)
{
  varve_ledger_layer (ledger, 1)->has_key = TRUE;
}

static void
stale_lacks_one (VarveLedger *ledger)
{
  g_ptr_array_remove_index (varve_ledger_layer (ledger, 0)->stale, 1);
}

static void
stale_lacks_all (VarveLedger *ledger)
{
  g_ptr_array_set_size (varve_ledger_layer (ledger, 0)->stale, 0);
}

static void
stale_has_more (VarveLedger *ledger)
{
  add_stale (ledger, "usr/more", NULL, 1, 1);
}

static void
stale_is_twice (VarveLedger *ledger)
{
  g_ptr_array_add (varve_ledger_layer (ledger, 0)->stale, varve_stale_object_copy (stale_at (ledger, 0)));
}

static void
stale_lacks_path (VarveLedger *ledger)
{
  char **paths = stale_at (ledger, 2)->paths;
  g_clear_pointer (&paths[1], g_free);
}

static void
stale_has_other_path (VarveLedger *ledger)
{
  char **paths = stale_at (ledger, 1)->paths;
  g_free (paths[0]);
  paths[0] = g_strdup ("usr/gonf");
}

static void
stale_has_other_size (VarveLedger *ledger)
{
  stale_at (ledger, 0)->size_bytes++;
}

static void
stale_has_other_mark (VarveLedger *ledger)
{
  stale_at (ledger, 0)->mark ^= 1;
}

static void
stale_in_other_order (VarveLedger *ledger)
{
  GPtrArray *stale = varve_ledger_layer (ledger, 0)->stale;
  gpointer first = g_ptr_array_steal_index (stale, 0);
  g_ptr_array_add (stale, first);
}

static void
stale_is_unknown (VarveLedger *ledger)
{
  g_clear_pointer (&varve_ledger_layer (ledger, 0)->stale, g_ptr_array_unref);
}

static void
stale_in_new_layer (VarveLedger *ledger)
{
  g_ptr_array_add (varve_ledger_layer (ledger, 1)->stale, varve_stale_object_copy (stale_at (ledger, 0)));
}

static void
layers_are_absent (VarveLedger *ledger)
{
  g_ptr_array_set_size (ledger->layers, 0);
}

static void
layers_are_too_many (VarveLedger *ledger)
{
  for (guint i = 0; i < 3; i++)
    (void)varve_ledger_add_layer (ledger);
}

typedef struct {
  void (*change) (VarveLedger *ledger);
  const char *errors;
} Case;

static const Case CASES[] = {
  { as_is, "" },
  { key_of_other, "layer.ledger " },
  { key_is_absent, "" },
  { key_of_new_layer, "layer.ledger " },
  { stale_lacks_one, "layer.ledger " },
  { stale_lacks_all, "layer.ledger " },
  { stale_has_more, "layer.ledger " },
  { stale_is_twice, "layer.ledger " },
  { stale_lacks_path, "layer.ledger " },
  { stale_has_other_path, "layer.ledger " },
  { stale_in_other_order, "" },
  { stale_is_unknown, "" },
  { stale_in_new_layer, "layer.ledger " },
  { layers_are_absent, "layer.ledger " },
  { layers_are_too_many, "image.ledger " },
};
/* Of an object itself, which a plain image does not tell. */
static const Case CASES_OF_COMMIT[] = {
  { stale_has_other_size, "layer.ledger " },
  { stale_has_other_mark, "layer.ledger " },
};

static void
feed (VarveHash *hash, const VarveDigest *checksum, const char *first, const char *second)
{
  varve_content_key_feed_object (hash, checksum);
  varve_content_key_feed_path (hash, first);
  if (second != NULL)
    varve_content_key_feed_path (hash, second);
  varve_content_key_feed_end (hash);
}

static guint32
mark_of (Fixture *fixture, const char *name)
{
  VarveDigest checksum;
  const char *hex = strstr (fixture_get (fixture, 1, name)->link_name, "objects/") + strlen ("objects/");
  g_autofree char *joined = g_strdup_printf ("%.2s%.62s", hex, hex + 3);
  g_assert_true (varve_digest_from_hex (joined, &checksum, NULL));
  return varve_stale_object_mark (&checksum);
}

static VarveLedger *
ledger_of_commit (Fixture *fixture)
{
  VarveContentHeader header = { .mode = S_IFREG | 0755, .xattrs = g_bytes_new_static ("", 0) };
  VarveDigest empty = varve_content_checksum_of (&header, "", 0);
  g_autoptr (VarveHash) hash = varve_content_key_start ();
  feed (hash, &empty, "usr/empty", NULL);
  feed (hash, &fixture->tool, "usr/bin/again", "usr/bin/tool");
  feed (hash, &fixture->symlink, "usr/bin/link", NULL);
  VarveDigest key = varve_hash_finish (hash);
  VarveLedger *ledger = ledger_new (&key);
  add_stale (ledger, "usr/etc/conf", NULL, strlen ("former"), mark_of (fixture, "etc/conf"));
  add_stale (ledger, "usr/gone", NULL, strlen ("gone"), mark_of (fixture, "usr/gone"));
  add_stale (ledger, "usr/dir/a", "usr/dir/b", strlen ("more"), mark_of (fixture, "usr/dir/a"));
  g_bytes_unref (header.xattrs);
  return ledger;
}

static void
check_commit (const Case *test)
{
  g_autoptr (Fixture) fixture = stale_fixture ();
  g_autoptr (VarveImage) image = fixture_image (fixture);
  VarveDescriptor *kept = image->manifest->layers->pdata[1];
  varve_descriptor_annotate (kept, VARVE_ANNOTATION_STALE_OBJECTS, "3");
  varve_descriptor_annotate (kept, VARVE_ANNOTATION_STALE_BYTES, "14");
  VarveLedger *ledger = ledger_of_commit (fixture);
  test->change (ledger);
  set_ledger (image, ledger);
  g_autoptr (VarveFindings) findings = verify (image, 2);
  g_autofree char *errors = list (findings, VARVE_SEVERITY_ERROR);
  g_assert_cmpstr (errors, ==, test->errors);
}

static void
test_commit (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("case %u", i);
      check_commit (&CASES[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (CASES_OF_COMMIT); i++)
    check_commit (&CASES_OF_COMMIT[i]);
}

/* A plain image: the folders; a kept layer; a new layer; whiteouts. */

static FakeSource *
tree_of (const char *text, gboolean is_old)
{
  FakeSource *fake = fake_source_new ();
  fake_source_add_text (fake, "usr/bin/a", text);
  fake_source_add_text (fake, "usr/bin/b", "other");
  fake_source_add_text (fake, "usr/etc/c", "conf");
  if (is_old)
    fake_source_add_text (fake, "usr/gone/x", "x");
  return fake;
}

static void
add_tar (VarveImage *image, VarveSink *sink)
{
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (sink->data);
  memory_image_add (image, bytes);
  sink->data = g_byte_array_new ();
}

static guint32
object_at (const VarveInventory *inventory, const char *path)
{
  return inventory->files[varve_inventory_find_file (inventory, path)].object;
}

static VarveImage *
plain_image (FakeSource *old, FakeSource *new)
{
  g_autoptr (VarveInventory) before = fake_source_inventory (old), after = fake_source_inventory (new);
  g_autoptr (GPtrArray) absent = g_ptr_array_new ();
  VarveImage *image = memory_image_new ();
  VarveOstreeTar old_tar = { .inventory = before, .source = fake_source_source (old) };
  VarveOstreeTar new_tar = { .inventory = after, .source = fake_source_source (new) };
  VarveSink sink = { .write = fixture_sink_write, .data = g_byte_array_new () };
  guint32 all[] = { 0, 1, 2, 3 }, changed = object_at (after, "usr/bin/a");
  g_ptr_array_add (absent, (gpointer) "usr/gone");
  g_assert_true (varve_plain_tar_write_folders (&new_tar, &sink, NULL));
  add_tar (image, &sink);
  g_assert_true (varve_plain_tar_write_files (&old_tar, all, before->n_objects, &sink, NULL));
  add_tar (image, &sink);
  g_assert_true (varve_plain_tar_write_files (&new_tar, &changed, 1, &sink, NULL));
  add_tar (image, &sink);
  g_assert_true (varve_whiteout_tar_write (absent, &sink, NULL));
  add_tar (image, &sink);
  g_byte_array_unref (sink.data);
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_COMMIT, "");
  varve_descriptor_annotate (image->manifest->layers->pdata[1], VARVE_ANNOTATION_STALE_OBJECTS, "3");
  return image;
}

static VarveLedger *
ledger_of_plain (const VarveInventory *tree)
{
  guint32 live[] = { object_at (tree, "usr/bin/b"), object_at (tree, "usr/etc/c") };
  if (live[0] > live[1])
    live[0] = live[1], live[1] = object_at (tree, "usr/bin/b");
  VarveDigest key = varve_content_key (VARVE_FORMAT_PLAIN, tree, live, 2);
  VarveLedger *ledger = ledger_new (&key);
  add_stale (ledger, "usr/gone/", NULL, 0, 0);
  add_stale (ledger, "usr/gone/x", NULL, 1, 7);
  add_stale (ledger, "usr/bin/a", NULL, 3, 8);
  return ledger;
}

static void
check_plain (void (*change) (VarveLedger *ledger), gboolean has_tree, const char *expected)
{
  g_autoptr (FakeSource) old = tree_of ("old", TRUE), new = tree_of ("new", FALSE);
  g_autoptr (VarveImage) image = plain_image (old, new);
  g_autoptr (VarveInventory) tree = fake_source_inventory (new);
  VarveLedger *ledger = ledger_of_plain (tree);
  change (ledger);
  set_ledger (image, ledger);
  VarveVerifyOptions options = { .jobs = 2, .tree = has_tree ? tree : NULL };
  g_autoptr (VarveFindings) findings = varve_verify_image (image, &options, NULL, NULL, NULL);
  g_autofree char *errors = list (findings, VARVE_SEVERITY_ERROR);
  g_assert_cmpstr (errors, ==, expected);
}

static void
test_plain (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("case %u", i);
      if (CASES[i].change != stale_lacks_path) /* no object has two */
        check_plain (CASES[i].change, TRUE, CASES[i].errors);
    }
  check_plain (layers_are_too_many, FALSE, "image.ledger ");
}

/* A plain image that does not say which commit it shows has its layers from the first in the ledger. */
static void
test_plain_first (void)
{
  g_autoptr (FakeSource) old = tree_of ("old", TRUE), new = tree_of ("new", FALSE);
  g_autoptr (VarveImage) image = plain_image (old, new);
  g_assert_cmpuint (varve_ledger_claims_first (image), ==, 1);
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_COMMIT, NULL);
  g_assert_cmpuint (varve_ledger_claims_first (image), ==, 0);
}

static void
test_unreadable (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = fixture_image (fixture);
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_LEDGER, "1:AAAA");
  g_autoptr (VarveFindings) findings = verify (image, 1);
  g_autofree char *errors = list (findings, VARVE_SEVERITY_ERROR);
  g_assert_cmpstr (errors, ==, "image.ledger ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger-claims/commit", test_commit);
  g_test_add_func ("/ledger-claims/plain", test_plain);
  g_test_add_func ("/ledger-claims/plain-first", test_plain_first);
  g_test_add_func ("/ledger-claims/unreadable", test_unreadable);
  return g_test_run ();
}
