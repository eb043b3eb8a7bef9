/* SPDX-License-Identifier: Apache-2.0 */
/* verify/record-entries: what a layer that was read has of a tree. */
#include "verify/record-entries.h"

#include "emit/tar.h"
#include "tests/unit/entries-text.h"
#include "tests/unit/kept-world.h"

/* A record of a layer told as "usr/a=5001 usr/b=5002"; in the order of the paths. */
static VarveLayerRecord *
record_of (const char *text)
{
  g_autoptr (WorldTree) layer = world_tree (text);
  g_autoptr (GPtrArray) paths = world_paths (layer);
  VarveLayerRecord *record = varve_layer_record_new ("layer 1");
  for (guint i = 0; i < paths->len; i++)
    {
      guint content = world_content (layer, paths->pdata[i]);
      VarveLayerObject object = { varve_digest_of (&content, sizeof content), content / 1000 * 1000, 0, 0, 0100644 };
      VarveLayerPath path
          = { paths->pdata[i], content < 1000 ? VARVE_TAR_FILE : VARVE_TAR_HARD_LINK, 0, 0, 0644, object.checksum };
      if (varve_layer_record_find (record, &object.checksum) == NULL)
        varve_layer_record_add_object (record, &object);
      varve_layer_record_add_path (record, &path);
    }
  return record;
}

static char *
text_of (const VarveLayerRecord *record, const VarveInventory *inventory)
{
  g_autoptr (VarveLayerEntries) entries = varve_record_entries (record, inventory);
  return entries_text (entries, inventory);
}

static char *
entries_of (const char *layer, const char *tree)
{
  g_autoptr (WorldTree) parsed = world_tree (tree);
  g_autoptr (VarveInventory) inventory = world_inventory (parsed);
  g_autoptr (VarveLayerRecord) record = record_of (layer);
  return text_of (record, inventory);
}

static void
test_objects (void)
{
  static const struct {
    const char *layer, *tree, *entries;
  } CASES[] = {
    { "usr/a=5001 usr/b=6002", "usr/a=5001 usr/b=6002 usr/c=7003", "usr/a usr/b " },
    { "usr/d/a=5001 usr/e=6002", "usr/d/a=5001 usr/e=6002", "usr/e usr/d/a " }, /* in walk order */
    { "usr/a=5001 usr/b=6002", "usr/a=5001 usr/b=6003", "usr/a -usr/b=6000 " },
    { "usr/a=5001", "usr/b=5001", "-usr/a=5000 " },            /* renamed */
    { "usr/a=5001", "usr/a=5001 usr/b=5001", "-usr/a=5000 " }, /* gained a name */
    { "usr/a=5001 usr/b=5001", "usr/a=5001", "-usr/a,usr/b=5000 " },
    { "usr/a=5001 usr/b=5001", "usr/a=5001 usr/b=5002", "-usr/a,usr/b=5000 " },
    { "usr/a=5001 usr/b=5001", "usr/a=5002 usr/b=5001", "-usr/a,usr/b=5000 " },
    { "usr/a=5001 usr/b=5001", "usr/a=5001 usr/b=5001", "usr/a " },
    { "usr/a=1 usr/b=1 usr/c=2", "usr/a=1 usr/b=1", "usr/a -usr/c=0 " }, /* empty ones */
    { "usr/a=5001", "usr/a/b=5001", "-usr/a=5000 " },
    { "usr/a=5001", "usr/a=0", "-usr/a=5000 " },
    { "etc/a=5001", "usr/etc/a=5001", "usr/etc/a " },
    { "etc/a=5001", "usr/etc/b=5001", "-usr/etc/a=5000 " },
    { "etc=5001", "usr/etc/b=5001", "-usr/etc=5000 " },
    { "etcetera=5001", "etcetera=5001 usr/etc/a=5002", "etcetera " },
    { "etc/a=5001", "etc/a=5001 usr/b=5002", "etc/a " },
    { "", "usr/a=5001", "" },
    { "usr/a=5001", "", "-usr/a=5000 " },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("%s of %s", CASES[i].layer, CASES[i].tree);
      g_autofree char *entries = entries_of (CASES[i].layer, CASES[i].tree);
      g_assert_cmpstr (entries, ==, CASES[i].entries);
    }
}

/* An object that no path shows is stale, whatever the tree has. */
static void
test_object_without_path (void)
{
  g_autoptr (WorldTree) tree = world_tree ("usr/a=5001");
  g_autoptr (VarveInventory) inventory = world_inventory (tree);
  g_autoptr (VarveLayerRecord) record = record_of ("usr/a=5001");
  g_array_set_size (record->paths, 0);
  g_autofree char *entries = text_of (record, inventory);
  g_assert_cmpstr (entries, ==, "-=5000 ");
}

static void
test_mark (void)
{
  g_autoptr (WorldTree) tree = world_tree ("usr/b=5001");
  g_autoptr (VarveInventory) inventory = world_inventory (tree);
  g_autoptr (VarveLayerRecord) record = record_of ("usr/a=5001");
  g_autoptr (VarveLayerEntries) entries = varve_record_entries (record, inventory);
  const VarveStaleObject *stale = entries->stale->pdata[0];
  g_assert_cmpuint (stale->mark, ==, varve_stale_object_mark (&inventory->objects[0].checksum));
}

/* A directory in the layer must be one of the tree, with its owner and mode. */
static void
test_directories (void)
{
  static const struct {
    VarveLayerPath path;
    const char *entries;
  } CASES[] = {
    { { .path = "usr", .mode = 0755 }, "usr/a " },
    { { .path = "", .mode = 0755 }, "usr/a " },
    { { .path = "etc", .mode = 0755 }, "usr/a " }, /* usr/etc */
    { { .path = "usr", .mode = 0700 }, "unknown" },
    { { .path = "usr", .mode = 0755, .uid = 1 }, "unknown" },
    { { .path = "usr", .mode = 0755, .gid = 1 }, "unknown" },
    { { .path = "usr/b", .mode = 0755 }, "unknown" },
    { { .path = "usr/a", .mode = 0755 }, "unknown" },
  };
  g_autoptr (WorldTree) tree = world_tree ("usr/a=5001 usr/etc/b=5002");
  g_autoptr (VarveInventory) inventory = world_inventory (tree);
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      VarveLayerPath path = CASES[i].path;
      path.type = VARVE_TAR_DIRECTORY;
      g_autoptr (VarveLayerRecord) record = record_of ("usr/a=5001");
      varve_layer_record_add_path (record, &path);
      g_autofree char *entries = text_of (record, inventory);
      g_test_message ("%s, %o", path.path, path.mode);
      g_assert_cmpstr (entries, ==, CASES[i].entries);
    }
}

/* Removes something below, which the entries cannot tell. */
static void
test_whiteout (void)
{
  g_autoptr (WorldTree) tree = world_tree ("usr/a=5001");
  g_autoptr (VarveInventory) inventory = world_inventory (tree);
  g_autoptr (VarveLayerRecord) record = record_of ("usr/a=5001");
  varve_layer_record_add_path (record, &(VarveLayerPath){ "usr/.wh.b", VARVE_TAR_FILE, 0, 0, 0644, { { 0 } } });
  g_autofree char *entries = text_of (record, inventory);
  g_assert_cmpstr (entries, ==, "unknown");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/record-entries/objects", test_objects);
  g_test_add_func ("/record-entries/object-without-path", test_object_without_path);
  g_test_add_func ("/record-entries/mark", test_mark);
  g_test_add_func ("/record-entries/directories", test_directories);
  g_test_add_func ("/record-entries/whiteout", test_whiteout);
  return g_test_run ();
}
