/* SPDX-License-Identifier: Apache-2.0 */
/* ostree/walk: which commits become an inventory, and for whom. The commits are of empty files in memory. */
#include "ostree/walk.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/limits.h"
#include "ostree/tree-commit.h"

typedef struct {
  VarveTree *tree;
  VarveObjectStore *store;
} World;

static World
world_new (void)
{
  return (World){ .tree = varve_tree_new (NULL), .store = varve_object_store_new (NULL) };
}

static void
world_clear (World *world)
{
  varve_object_store_free (world->store);
  varve_tree_free (world->tree);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

/* Adds directories as needed. A path that ends in '/' is a directory; a @link_mode other than 0 makes a symlink. */
static void
add_path (World *world, const char *path, guint32 link_mode)
{
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  VarveTreeNode *node = world->tree->root;
  for (guint i = 0; names[i] != NULL && *names[i] != '\0'; i++)
    {
      gboolean is_last = names[i + 1] == NULL;
      VarveTreeNode *child = varve_tree_child (node, names[i]);
      guint32 mode = is_last ? S_IFREG | 0644 : S_IFDIR | 0755;
      if (is_last && link_mode != 0)
        mode = link_mode;
      if (child == NULL)
        {
          VarveTreeInode *inode = varve_tree_inode_new (mode, 0, 0);
          inode->symlink_target = S_ISLNK (mode) ? g_strdup ("target") : NULL;
          child = varve_tree_put (world->tree, node, names[i], inode);
        }
      node = child;
    }
}

static VarveInventory *
walk (World *world, VarveWalkPurpose purpose, VarveObserver *observer, GError **error)
{
  VarveTreeCommit objects = { .tree = world->tree, .store = world->store, .jobs = 1 };
  VarveCommitFacts facts = { .metadata = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0)) };
  g_assert_true (varve_tree_commit_objects (&objects, NULL, &facts.dirtree, &facts.dirmeta, NULL, error));
  VarveDigest commit = varve_tree_commit_write (world->store, &facts);
  g_variant_unref (facts.metadata);
  VarveWalkOptions options = { .purpose = purpose, .jobs = 2, .observer = observer };
  return varve_walk_source (varve_object_store_source (world->store), &commit, &options, NULL, error);
}

static void
test_inventory (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (World) world = world_new ();
  add_path (&world, "usr/bin/b", 0);
  add_path (&world, "usr/bin/a", 0);
  add_path (&world, "usr/etc/", 0);
  add_path (&world, "bin", S_IFLNK | 0777);
  g_autoptr (VarveInventory) inventory = walk (&world, VARVE_WALK_FOR_HOST, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (inventory->n_files, ==, 3);
  g_assert_cmpuint (inventory->n_objects, ==, 2); /* the two files are the same object */
  g_assert_cmpuint (inventory->n_directories, ==, 4);
  const VarveObject *link = NULL;
  for (guint32 i = 0; i < inventory->n_objects; i++)
    if (inventory->objects[i].symlink_target != NULL)
      link = &inventory->objects[i];
  g_assert_nonnull (link);
  g_assert_cmpstr (link->symlink_target, ==, "target");
  g_assert_cmpuint (link->mode, ==, S_IFLNK | 0777);
}

static void
test_paths (void)
{
  static const struct {
    const char *paths, *message; /* NULL: a host takes it */
  } CASES[] = {
    { "usr/etc/ sysroot/ var/tmp/ ostree", NULL },          { "etc/a var/log/a sysroot/home/", NULL },
    { "usr/etc/ etc/", "both /etc and /usr/etc" },          { "usr/etc etc", "both /etc and /usr/etc" },
    { "sysroot", "/sysroot is not a directory" },           { "sysroot/ostree/", "the commit has /sysroot/ostree" },
    { "sysroot/ostree", "the commit has /sysroot/ostree" }, { "var", "/var or /var/tmp is not a directory" },
    { "var/tmp", "/var or /var/tmp is not a directory" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL, none = NULL;
      g_auto (World) world = world_new ();
      g_auto (GStrv) paths = g_strsplit (CASES[i].paths, " ", -1);
      for (char **path = paths; *path != NULL; path++)
        add_path (&world, *path, 0);
      g_autoptr (VarveInventory) host = walk (&world, VARVE_WALK_FOR_HOST, NULL, &error);
      g_assert_true ((host != NULL) == (CASES[i].message == NULL));
      if (host == NULL)
        {
          g_assert_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED);
          g_assert_true (g_str_has_prefix (error->message, "commit "));
          g_assert_nonnull (strstr (error->message, CASES[i].message));
        }
      g_autoptr (VarveInventory) container = walk (&world, VARVE_WALK_FOR_CONTAINER, NULL, &none);
      g_assert_no_error (none);
      g_assert_nonnull (container);
    }
}

static void
test_whiteouts (void)
{
  static const struct {
    const char *path;
    gboolean is_warned;
  } CASES[] = {
    { "usr/.wh.a", TRUE },
    { ".wh..wh..opq", TRUE },
    { "usr/a.wh.b", FALSE },
    { ".wh.a/b", FALSE }, /* only the last component of a file counts */
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (World) world = world_new ();
      g_autoptr (VarveObserver) observer = varve_observer_new ();
      add_path (&world, CASES[i].path, 0);
      g_autoptr (VarveInventory) inventory = walk (&world, VARVE_WALK_FOR_HOST, observer, &error);
      g_assert_no_error (error);
      g_autofree char *warning = varve_observer_take_warning (observer);
      g_autofree char *expected = g_strdup_printf (
          "'/%s': named as a whiteout: hosts get the file, containers of the image do not", CASES[i].path);
      g_assert_cmpstr (warning, ==, CASES[i].is_warned ? expected : NULL);
    }
}

static void
test_symlink_mode (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (World) world = world_new ();
  add_path (&world, "usr/link", S_IFLNK | 0755);
  g_assert_null (walk (&world, VARVE_WALK_FOR_HOST, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "'/usr/link': object "));
  g_assert_nonnull (strstr (error->message, "symlink of mode 120755: importers only make 120777"));
}

static void
test_depth (void)
{
  for (guint extra = 0; extra < 2; extra++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (World) world = world_new ();
      g_autoptr (GString) path = g_string_new (NULL);
      for (guint i = 0; i < VARVE_TREE_DEPTH_MAX + extra; i++)
        g_string_append (path, "d/");
      add_path (&world, path->str, 0);
      g_autoptr (VarveInventory) inventory = walk (&world, VARVE_WALK_FOR_HOST, NULL, &error);
      g_assert_true ((inventory != NULL) == (extra == 0));
      if (extra > 0)
        g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
    }
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (World) world = world_new ();
  VarveDigest commit = varve_digest_of ("none", 4);
  g_autofree char *hex = varve_digest_to_hex (&commit);
  VarveWalkOptions options = { .purpose = VARVE_WALK_FOR_HOST, .jobs = 1 };
  g_assert_null (varve_walk_source (varve_object_store_source (world.store), &commit, &options, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, hex));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/walk/inventory", test_inventory);
  g_test_add_func ("/walk/paths", test_paths);
  g_test_add_func ("/walk/whiteouts", test_whiteouts);
  g_test_add_func ("/walk/symlink-mode", test_symlink_mode);
  g_test_add_func ("/walk/depth", test_depth);
  g_test_add_func ("/walk/missing", test_missing);
  return g_test_run ();
}
