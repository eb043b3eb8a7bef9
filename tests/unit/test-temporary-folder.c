/* SPDX-License-Identifier: Apache-2.0 */
/* base/temporary-folder: leftovers of ended runs are removed, and nothing else. */
#include "base/temporary-folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

typedef struct {
  char *parent, *leftover, *file; /* the file is in the leftover */
} World;

static void
world_init (World *world, gconstpointer data)
{
  world->parent = g_dir_make_tmp ("varve-temporary-folder-XXXXXX", NULL);
  world->leftover = g_build_filename (world->parent, "varve-tmp-123456", NULL);
  world->file = g_build_filename (world->leftover, "file", NULL);
  g_assert_cmpint (g_mkdir (world->leftover, 0700), ==, 0);
  g_assert_true (g_file_set_contents (world->file, "", 0, NULL));
}

static void
world_clear (World *world, gconstpointer data)
{
  (void)g_unlink (world->file);
  g_rmdir (world->leftover);
  g_assert_cmpint (g_rmdir (world->parent), ==, 0);
  g_free (world->parent);
  g_free (world->leftover);
  g_free (world->file);
}

static VarveTemporaryFolder *
folder_new (const World *world)
{
  g_autoptr (GError) error = NULL;
  VarveTemporaryFolder *folder = varve_temporary_folder_new (world->parent, &error);
  g_assert_no_error (error);
  g_assert_nonnull (folder);
  return folder;
}

static gboolean
exists (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
test_leftover (World *world, gconstpointer data)
{
  g_autoptr (VarveTemporaryFolder) folder = folder_new (world);
  g_assert_false (exists (world->leftover));
}

static void
test_in_use (World *world, gconstpointer data)
{
  g_autoptr (VarveTemporaryFolder) first = folder_new (world);
  g_autofree char *file = g_build_filename (varve_temporary_folder_path (first), "file", NULL);
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_autoptr (VarveTemporaryFolder) second = folder_new (world);
  g_assert_true (exists (file));
  g_assert_cmpstr (varve_temporary_folder_path (first), !=, varve_temporary_folder_path (second));
}

static void
test_private (World *world, gconstpointer data)
{
  g_autoptr (VarveTemporaryFolder) folder = folder_new (world);
  struct stat status;
  g_assert_cmpint (lstat (varve_temporary_folder_path (folder), &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 07777, ==, 0700);
}

static void
test_other_user (World *world, gconstpointer data)
{
  if (geteuid () != 0)
    {
      g_test_skip ("needs root");
      return;
    }
  g_assert_cmpint (chown (world->leftover, 12345, 12345), ==, 0);
  g_autoptr (VarveTemporaryFolder) folder = folder_new (world);
  g_assert_true (exists (world->file));
}

static void
test_symlink (World *world, gconstpointer data)
{
  g_autofree char *target = g_build_filename (world->parent, "kept", NULL),
                  *link = g_build_filename (world->parent, "varve-tmp-654321", NULL);
  g_assert_cmpint (g_rename (world->leftover, target), ==, 0);
  g_assert_cmpint (symlink ("kept", link), ==, 0);
  varve_temporary_folder_free (folder_new (world));
  g_autofree char *file = g_build_filename (target, "file", NULL);
  g_assert_true (exists (file));
  (void)g_unlink (link);
  g_assert_cmpint (g_rename (target, world->leftover), ==, 0);
}

static void
test_freed (World *world, gconstpointer data)
{
  VarveTemporaryFolder *folder = folder_new (world);
  g_autofree char *path = g_strdup (varve_temporary_folder_path (folder));
  g_autofree char *file = g_build_filename (path, "file", NULL);
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  varve_temporary_folder_free (folder);
  g_assert_false (exists (path));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/temporary-folder/leftover", World, NULL, world_init, test_leftover, world_clear);
  g_test_add ("/temporary-folder/in-use", World, NULL, world_init, test_in_use, world_clear);
  g_test_add ("/temporary-folder/private", World, NULL, world_init, test_private, world_clear);
  g_test_add ("/temporary-folder/other-user", World, NULL, world_init, test_other_user, world_clear);
  g_test_add ("/temporary-folder/symlink", World, NULL, world_init, test_symlink, world_clear);
  g_test_add ("/temporary-folder/freed", World, NULL, world_init, test_freed, world_clear);
  return g_test_run ();
}
