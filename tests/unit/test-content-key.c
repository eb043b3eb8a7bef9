/* SPDX-License-Identifier: Apache-2.0 */
/* emit/content-key: equal keys mean equal tars, and whatever changes a tar changes its key. */
#include "emit/content-key.h"

#include <string.h>

#include "emit/ostree-tar.h"
#include "emit/plain-tar.h"
#include "tests/unit/fake-source.h"

static gboolean
hash_bytes (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  varve_hash_update (data, bytes, size_bytes);
  return TRUE;
}

typedef struct {
  VarveDigest key, diff_id;
} Identity;

/* Of the layer with these objects. */
static Identity
identity_of (VarveFormat format, FakeSource *fake, const VarveInventory *inventory, const guint32 *objects, guint32 n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveHash) hash = varve_hash_new ();
  VarveSink sink = { .write = hash_bytes, .data = hash };
  VarveOstreeTar tar = { .inventory = inventory, .source = fake_source_source (fake) };
  g_assert_true (format == VARVE_FORMAT_PLAIN ? varve_plain_tar_write_files (&tar, objects, n, &sink, &error)
                                              : varve_ostree_tar_write_component (&tar, objects, n, &sink, &error));
  g_assert_no_error (error);
  return (Identity){ .key = varve_content_key (format, inventory, objects, n), .diff_id = varve_hash_finish (hash) };
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
same (FakeSource *fake)
{
}

static void
other_content (FakeSource *fake)
{
  fake_source_add_text (fake, "usr/bin/a", "texT");
}

static void
second_path (FakeSource *fake)
{
  fake_source_add_text (fake, "usr/bin/c", "text");
}

/* The same objects at the same set of paths, but exchanged. */
static void
exchanged (FakeSource *fake)
{
  fake_source_add_text (fake, "usr/bin/a", "other");
  fake_source_add_text (fake, "usr/bin/b", "text");
}

static void
other_target (FakeSource *fake)
{
  fake_source_add_symlink (fake, "usr/lib", "lib32");
}

static void
attribute (FakeSource *fake)
{
  fake_source_set_xattr (fake, "usr/bin/a", "user.x", "1", 1);
}

static void
own_etc (FakeSource *fake)
{
  fake_source_add_text (fake, "etc/d", "conf");
}

static const struct {
  const char *name;
  void (*change) (FakeSource *fake);
} TREES[] = {
  { "same", same },           { "other-content", other_content }, { "second-path", second_path },
  { "exchanged", exchanged }, { "other-target", other_target },   { "attribute", attribute },
  { "own-etc", own_etc },
};

static Identity
identity_of_tree (VarveFormat format, guint tree)
{
  g_autoptr (FakeSource) fake = base_tree ();
  TREES[tree].change (fake);
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  g_autofree guint32 *objects = g_new (guint32, inventory->n_objects);
  for (guint32 i = 0; i < inventory->n_objects; i++)
    objects[i] = i;
  return identity_of (format, fake, inventory, objects, inventory->n_objects);
}

static void
assert_agree (const Identity *a, const Identity *b)
{
  g_assert_cmpint (varve_digest_compare (&a->key, &b->key) == 0, ==,
                   varve_digest_compare (&a->diff_id, &b->diff_id) == 0);
}

static void
test_trees (void)
{
  for (VarveFormat format = VARVE_FORMAT_OSTREE; format <= VARVE_FORMAT_PLAIN; format++)
    for (guint i = 0; i < G_N_ELEMENTS (TREES); i++)
      for (guint j = i; j < G_N_ELEMENTS (TREES); j++)
        {
          g_test_message ("%s, %s", TREES[i].name, TREES[j].name);
          Identity a = identity_of_tree (format, i), b = identity_of_tree (format, j);
          assert_agree (&a, &b);
          g_assert_cmpint (varve_digest_compare (&a.key, &b.key) == 0, ==, i == j);
        }
}

/* Order, selection and format of one tree. */
static void
test_selections (void)
{
  static const guint32 SELECTIONS[][2] = { { 0, 1 }, { 1, 0 }, { 0, 2 } };
  g_autoptr (FakeSource) fake = base_tree ();
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  Identity identities[2 * G_N_ELEMENTS (SELECTIONS) + 2];
  guint n = 0;
  for (VarveFormat format = VARVE_FORMAT_OSTREE; format <= VARVE_FORMAT_PLAIN; format++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (SELECTIONS); i++)
        identities[n++] = identity_of (format, fake, inventory, SELECTIONS[i], 2);
      identities[n++] = identity_of (format, fake, inventory, SELECTIONS[0], 1);
    }
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < i; j++)
      {
        g_assert_cmpint (varve_digest_compare (&identities[i].key, &identities[j].key), !=, 0);
        g_assert_cmpint (varve_digest_compare (&identities[i].diff_id, &identities[j].diff_id), !=, 0);
      }
}

/* A path that becomes a hard link changes the plain tar alone. */
static void
test_hard_link (void)
{
  g_autoptr (FakeSource) fake = base_tree ();
  second_path (fake);
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  guint32 first = varve_inventory_find_file (inventory, "usr/bin/a"),
          second = varve_inventory_find_file (inventory, "usr/bin/c"), object = inventory->files[first].object;
  Identity plain = identity_of (VARVE_FORMAT_PLAIN, fake, inventory, &object, 1),
           ostree = identity_of (VARVE_FORMAT_OSTREE, fake, inventory, &object, 1);
  inventory->files[second].link_to = first;
  Identity linked_plain = identity_of (VARVE_FORMAT_PLAIN, fake, inventory, &object, 1),
           linked_ostree = identity_of (VARVE_FORMAT_OSTREE, fake, inventory, &object, 1);
  assert_agree (&plain, &linked_plain);
  g_assert_cmpint (varve_digest_compare (&plain.key, &linked_plain.key), !=, 0);
  assert_agree (&ostree, &linked_ostree);
  g_assert_cmpint (varve_digest_compare (&ostree.key, &linked_ostree.key), ==, 0);
}

/* A time alone does not change the key of a plain layer, unless the content of another file requires it. */
static void
test_times (void)
{
  g_autoptr (FakeSource) fake = base_tree ();
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  guint32 index = varve_inventory_find_file (inventory, "usr/bin/a"), object = inventory->files[index].object;
  VarveFile *file = &inventory->files[index];
  Identity none = identity_of (VARVE_FORMAT_PLAIN, fake, inventory, &object, 1);
  VarveDigest former = varve_content_key_without_times (inventory, &object, 1);
  g_assert_cmpint (varve_digest_compare (&none.key, &former), ==, 0);
  file->time = 1000;
  Identity free_time = identity_of (VARVE_FORMAT_PLAIN, fake, inventory, &object, 1);
  g_assert_cmpint (varve_digest_compare (&none.key, &free_time.key), ==, 0);
  g_assert_cmpint (varve_digest_compare (&none.diff_id, &free_time.diff_id), !=, 0);
  file->is_time_bound = TRUE;
  Identity bound = identity_of (VARVE_FORMAT_PLAIN, fake, inventory, &object, 1);
  g_assert_cmpint (varve_digest_compare (&none.key, &bound.key), !=, 0);
  g_assert_cmpint (varve_digest_compare (&free_time.diff_id, &bound.diff_id), ==, 0);
  file->time = 1001;
  Identity other = identity_of (VARVE_FORMAT_PLAIN, fake, inventory, &object, 1);
  assert_agree (&bound, &other);
  g_assert_cmpint (varve_digest_compare (&bound.key, &other.key), !=, 0);
  former = varve_content_key_without_times (inventory, &object, 1);
  g_assert_cmpint (varve_digest_compare (&none.key, &former), ==, 0);
  Identity ostree = identity_of (VARVE_FORMAT_OSTREE, fake, inventory, &object, 1);
  varve_inventory_forget_times (inventory);
  Identity without = identity_of (VARVE_FORMAT_OSTREE, fake, inventory, &object, 1);
  g_assert_cmpint (varve_digest_compare (&ostree.diff_id, &without.diff_id), ==, 0);
  g_assert_cmpint (varve_digest_compare (&ostree.key, &without.key), ==, 0);
}

static void
test_first_layer (void)
{
  g_autoptr (FakeSource) fake = base_tree ();
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  g_autoptr (GBytes) metadata = g_bytes_new_static ("x", 1);
  VarveDigest keys[6];
  keys[0] = varve_content_key_first (VARVE_FORMAT_OSTREE, inventory, NULL);
  keys[1] = varve_content_key_first (VARVE_FORMAT_OSTREE, inventory, metadata);
  keys[2] = varve_content_key_first (VARVE_FORMAT_PLAIN, inventory, NULL);
  inventory->commit.bytes[0] ^= 1;
  keys[3] = varve_content_key_first (VARVE_FORMAT_OSTREE, inventory, NULL);
  VarveDigest plain = varve_content_key_first (VARVE_FORMAT_PLAIN, inventory, NULL);
  g_assert_cmpint (varve_digest_compare (&plain, &keys[2]), ==, 0); /* a plain layer has no commit */
  inventory->directories[1].dirmeta.bytes[0] ^= 1;
  keys[4] = varve_content_key_first (VARVE_FORMAT_PLAIN, inventory, NULL);
  fake_source_add_directory (fake, "var");
  g_autoptr (VarveInventory) more = fake_source_inventory (fake);
  keys[5] = varve_content_key_first (VARVE_FORMAT_PLAIN, more, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    for (guint j = 0; j < i; j++)
      g_assert_cmpint (varve_digest_compare (&keys[i], &keys[j]), !=, 0);
}

static VarveDigest
key_of_two (const VarveDigest *first, const VarveDigest *second, const char *const *paths)
{
  g_autoptr (VarveHash) hash = varve_content_key_start ();
  varve_content_key_feed_object (hash, first);
  varve_content_key_feed_path (hash, paths[0]);
  if (second == NULL)
    varve_content_key_feed_path (hash, paths[1]);
  varve_content_key_feed_end (hash);
  if (second != NULL)
    {
      varve_content_key_feed_object (hash, second);
      varve_content_key_feed_path (hash, paths[1]);
      varve_content_key_feed_end (hash);
    }
  return varve_hash_finish (hash);
}

/* A path that begins with the bytes of a checksum is not the next object. */
static void
test_end_of_paths (void)
{
  static const char LONG_PATH[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbx";
  VarveDigest first = varve_digest_of ("a", 1), second;
  memcpy (second.bytes, LONG_PATH, sizeof second.bytes);
  const char *one[] = { "usr/a", LONG_PATH }, *two[] = { "usr/a", "x" };
  VarveDigest of_one = key_of_two (&first, NULL, one), of_two = key_of_two (&first, &second, two);
  g_assert_cmpint (varve_digest_compare (&of_one, &of_two), !=, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/content-key/times", test_times);
  g_test_add_func ("/content-key/trees", test_trees);
  g_test_add_func ("/content-key/selections", test_selections);
  g_test_add_func ("/content-key/hard-link", test_hard_link);
  g_test_add_func ("/content-key/first-layer", test_first_layer);
  g_test_add_func ("/content-key/end-of-paths", test_end_of_paths);
  return g_test_run ();
}
