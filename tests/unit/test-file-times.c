/* SPDX-License-Identifier: Apache-2.0 */
/* rootfs/file-times: which times of a tree a plain image shows. */
#include "rootfs/file-times.h"

#include <string.h>
#include <sys/stat.h>

#include "tests/unit/fake-source.h"

typedef struct {
  const char *path;
  gint64 own, built, expected; /* built: of its package; 0: no package has it */
  const char *link_to;
} Case;

static VarveTreeInode *
inode_at (VarveTree *tree, const Case *file)
{
  if (file->link_to != NULL)
    return varve_tree_find (tree, file->link_to)->inode;
  VarveTreeInode *inode = varve_tree_inode_new (S_IFREG | 0644, 0, 0);
  inode->mtime = file->own;
  return inode;
}

/* In one folder "f" below "etc". */
static void
check (const Case *files, guint n_files)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  g_autoptr (VarveTree) tree = varve_tree_new (NULL);
  VarveTreeNode *etc = varve_tree_put (tree, tree->root, "etc", varve_tree_inode_new (S_IFDIR | 0755, 0, 0));
  VarveTreeNode *folder = varve_tree_put (tree, etc, "f", varve_tree_inode_new (S_IFDIR | 0755, 0, 0));
  etc->inode->mtime = folder->inode->mtime = 999;
  for (guint i = 0; i < n_files; i++)
    {
      fake_source_add_text (fake, files[i].path, files[i].link_to != NULL ? files[i].link_to : files[i].path);
      varve_tree_put (tree, folder, files[i].path + strlen ("etc/f/"), inode_at (tree, &files[i]));
    }
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  g_autoptr (VarveComponents) components = varve_components_new (inventory->n_files);
  for (guint i = 0; i < n_files; i++)
    {
      guint32 file = varve_inventory_find_file (inventory, files[i].path);
      components->built_of_file[file] = files[i].built;
      if (files[i].link_to != NULL)
        inventory->files[file].link_to = varve_inventory_find_file (inventory, files[i].link_to);
    }
  varve_file_times_set (tree, inventory, components);
  for (guint i = 0; i < n_files; i++)
    {
      const VarveFile *file = &inventory->files[varve_inventory_find_file (inventory, files[i].path)];
      g_test_message ("%s", files[i].path);
      g_assert_cmpint (file->time, ==, files[i].expected);
      g_assert_false (file->is_time_bound);
    }
}

static void
test_owned (void)
{
  static const Case FILES[] = {
    { "etc/f/earlier", 100, 200, 100, NULL }, { "etc/f/edited", 300, 200, 200, NULL },
    { "etc/f/unowned", 100, 0, 0, NULL },     { "etc/f/without", 0, 200, 0, NULL },
    { "etc/f/negative", -5, 200, 0, NULL },   { "etc/f/far", G_MAXINT64, G_MAXINT64, VARVE_FILE_TIME_MAX, NULL },
  };
  check (FILES, G_N_ELEMENTS (FILES));
}

/* Names of one file are of two packages, or not all of a package. */
static void
test_links (void)
{
  static const Case FILES[] = {
    { "etc/f/a", 300, 200, 150, NULL },
    { "etc/f/b", 300, 150, 150, "etc/f/a" },
    { "etc/f/c", 300, 200, 0, NULL },
    { "etc/f/d", 300, 0, 0, "etc/f/c" },
  };
  check (FILES, G_N_ELEMENTS (FILES));
}

/* What was compiled is not older than its source. */
static void
test_compiled (void)
{
  static const Case FILES[] = {
    { "etc/f/a.el", 100, 200, 0, NULL },        { "etc/f/a.elc", 150, 0, 0, NULL },
    { "etc/f/b.el", 100, 200, 100, NULL },      { "etc/f/b.elc", 150, 200, 150, NULL },
    { "etc/f/c.el", 100, 200, 90, NULL },       { "etc/f/c.elc", 90, 200, 90, NULL },
    { "etc/f/z", 100, 200, 0, NULL },           { "etc/f/z.zwc", 150, 0, 0, NULL },
    { "etc/f/aliases", 100, 200, 0, NULL },     { "etc/f/aliases.db", 150, 0, 0, NULL },
    { "etc/f/alone.elc", 150, 200, 150, NULL },
  };
  check (FILES, G_N_ELEMENTS (FILES));
}

/* What was compiled has an earlier time because of its hard links, or of what was compiled from it in turn. */
static void
test_compiled_links (void)
{
  static const Case FILES[] = {
    { "etc/f/a.el", 100, 200, 0, NULL },           { "etc/f/a.elc", 150, 200, 0, NULL },
    { "etc/f/a", 150, 0, 0, "etc/f/a.elc" },       { "etc/f/b", 100, 200, 50, NULL },
    { "etc/f/b.db", 100, 200, 50, NULL },          { "etc/f/b.db.zwc", 50, 200, 50, NULL },
    { "etc/f/c.el", 100, 200, 60, NULL },          { "etc/f/c.elc", 100, 200, 60, NULL },
    { "etc/f/d.el", 100, 200, 60, "etc/f/c.elc" }, { "etc/f/d.elc", 60, 200, 60, NULL },
  };
  check (FILES, G_N_ELEMENTS (FILES));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/file-times/owned", test_owned);
  g_test_add_func ("/file-times/links", test_links);
  g_test_add_func ("/file-times/compiled", test_compiled);
  g_test_add_func ("/file-times/compiled-links", test_compiled_links);
  return g_test_run ();
}
