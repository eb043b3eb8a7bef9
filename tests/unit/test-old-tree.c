/* SPDX-License-Identifier: Apache-2.0 */
/* delta/old-tree: names that a delta gives lead to regular files inside the tree, or nowhere. */
#include "delta/old-tree.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "tests/unit/image-fixture.h"

static char *
read_file (VarveOldTree *tree, const char *name, GError **error)
{
  VarveOldFile file = VARVE_OLD_FILE_INIT;
  if (!varve_old_tree_open (tree, name, &file, error))
    return NULL;
  g_autofree char *content = g_malloc0 (file.size_bytes + 1);
  gboolean done = varve_old_file_read (&file, 0, content, file.size_bytes, error);
  varve_old_file_close (&file);
  return done ? g_steal_pointer (&content) : NULL;
}

static void
check (VarveOldTree *tree, const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *found = read_file (tree, name, &error);
  g_test_message ("%s: %s", name, error != NULL ? error->message : found);
  g_assert_cmpstr (found, ==, expected);
  if (expected == NULL)
    g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
}

static char *
below (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
write_below (const char *folder, const char *name, const char *content)
{
  g_autofree char *path = below (folder, name), *parent = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

static void
link_below (const char *folder, const char *name, const char *target)
{
  g_autofree char *path = below (folder, name);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
test_folder (void)
{
  static const char *const NAMES[]
      = { "a/file", "a/inside", "a/outside",    "a/loop",      "a",       "absolute", "etc/own",
          "etc",    "pipe",     "usr/etc/conf", "usr/etc/own", "usr/etc", "usr",      "" };
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("varve-test-XXXXXX", NULL), *pipe = below (folder, "pipe");
  write_below (folder, "a/file", "file");
  write_below (folder, "usr/etc/conf", "default");
  write_below (folder, "usr/etc/own", "default");
  write_below (folder, "etc/own", "changed");
  link_below (folder, "a/inside", "../a/file");
  link_below (folder, "a/outside", "../../../../../../../../etc/hostname");
  link_below (folder, "a/loop", "loop");
  link_below (folder, "absolute", "/a/file"); /* from the root of the tree */
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_autoptr (VarveOldTree) tree = varve_old_tree_of_folder (folder, &error);
  g_assert_no_error (error);
  check (tree, "a/file", "file");
  check (tree, "a/inside", "file");
  check (tree, "absolute", "file");
  check (tree, "etc/conf", "default");
  check (tree, "etc/own", "changed");
  check (tree, "a/outside", NULL);
  check (tree, "a/loop", NULL);
  check (tree, "a/file/x", NULL);
  check (tree, "a", NULL);
  check (tree, "pipe", NULL);
  check (tree, "none", NULL);
  check (tree, "etc/none", NULL);

  VarveDigest diff_id = { 0 };
  VarveOldFile file;
  g_assert_false (varve_old_tree_open_layer (tree, &diff_id, &file, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      g_autofree char *path = below (folder, NAMES[i]);
      g_assert_cmpint (g_remove (path), ==, 0);
    }
}

/* A failure of the system below usr/etc is not reported as a missing file. */
static void
test_etc_failure (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("varve-test-XXXXXX", NULL), *usr = below (folder, "usr");
  g_autofree char *etc = below (folder, "usr/etc"), *long_part = g_strnfill (300, 'x');
  g_autofree char *name = g_strconcat ("etc/", long_part, NULL);
  g_assert_cmpint (g_mkdir_with_parents (etc, 0700), ==, 0);
  g_autoptr (VarveOldTree) tree = varve_old_tree_of_folder (folder, &error);
  g_assert_null (read_file (tree, name, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_IO);
  g_assert_cmpint (g_rmdir (etc), ==, 0);
  g_assert_cmpint (g_rmdir (usr), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_no_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (varve_old_tree_of_folder ("/nonexistent/tree", &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
}

static void
test_image (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Fixture) fixture = fixture_new ();
  fixture_add (fixture, 1, '0', "usr/etc/plain", NULL, 0644, g_bytes_new_static ("plain", 5));
  g_autoptr (VarveImage) image = fixture_image (fixture);
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  VarveImageFilesOptions options = { .kind = VARVE_TAR_MAP_PLAIN, .jobs = 1, .spool = spool };
  g_autoptr (VarveImageFiles) files = varve_image_files_read (image, &options, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (VarveOldTree) tree = varve_old_tree_of_image (files);
  check (tree, "usr/bin/tool", "tool");
  check (tree, "usr/bin/again", "tool");
  check (tree, "etc/conf", "conf");
  check (tree, "etc/plain", "plain");
  check (tree, "usr/bin/link", NULL);
  check (tree, "usr/bin", NULL);
  check (tree, "sysroot/ostree/repo/config", NULL);

  VarveOldFile layer;
  VarveDigest other = { 0 };
  const VarveTarMap *map = files->maps->pdata[1];
  g_assert_true (varve_old_tree_open_layer (tree, varve_config_diff_id (image->config, 1), &layer, &error));
  g_assert_cmpuint (layer.size_bytes, ==, map->tar.size_bytes);
  varve_old_file_close (&layer);
  g_assert_false (varve_old_tree_open_layer (tree, &other, &layer, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
}

static void
test_bounds (void)
{
  static const struct {
    guint64 at;
    gsize size_bytes;
    gboolean is_inside;
  } CASES[] = { { 0, 4, TRUE },
                { 4, 0, TRUE },
                { 1, 3, TRUE },
                { 0, 5, FALSE },
                { 4, 1, FALSE },
                { 5, 0, FALSE },
                { G_MAXUINT64, 2, FALSE },
                { 2, G_MAXSIZE, FALSE } };
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("varve-test-XXXXXX", &path, NULL);
  g_assert_cmpint (write (fd, "--file--", 8), ==, 8);
  VarveOldFile file = { .fd = fd, .is_owned = TRUE, .base = 2, .size_bytes = 4 };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      char buffer[5] = { 0 };
      g_autoptr (GError) error = NULL;
      g_assert_cmpint (varve_old_file_read (&file, CASES[i].at, buffer, CASES[i].size_bytes, &error), ==,
                       CASES[i].is_inside);
      if (CASES[i].is_inside)
        g_assert_cmpmem (buffer, CASES[i].size_bytes, "file" + CASES[i].at, CASES[i].size_bytes);
      else
        g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
    }
  varve_old_file_close (&file);
  g_assert_cmpint (file.fd, ==, -1);
  g_assert_cmpint (g_remove (path), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/old-tree/folder", test_folder);
  g_test_add_func ("/old-tree/etc-failure", test_etc_failure);
  g_test_add_func ("/old-tree/no-folder", test_no_folder);
  g_test_add_func ("/old-tree/image", test_image);
  g_test_add_func ("/old-tree/bounds", test_bounds);
  return g_test_run ();
}
