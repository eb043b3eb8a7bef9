/* SPDX-License-Identifier: Apache-2.0 */
/* rootfs/rootfs, varve_rootfs_read: files that change between the reading of the tree and the reading of their
 * contents. */
#include "rootfs/rootfs.h"

#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.h"
#include "model/xattrs.h"

typedef struct {
  char *folder, *file;
  VarveRootfs rootfs;
  const VarveTreeInode *inode;
} World;

static void
world_set_up (World *world, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  VarveSkipped skipped = { 0 };
  world->folder = g_dir_make_tmp ("varve-test-XXXXXX", &error);
  g_assert_no_error (error);
  world->file = g_build_filename (world->folder, "file", NULL);
  g_file_set_contents (world->file, "text", -1, &error);
  g_assert_no_error (error);
  VarveRootfsOptions options
      = { .path = world->folder, .owner_uid = VARVE_OWNER_AS_FOUND, .owner_gid = VARVE_OWNER_AS_FOUND };
  gboolean is_read = varve_rootfs_read (&options, &skipped, NULL, &world->rootfs, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (is_read);
  varve_skipped_clear (&skipped);
  world->inode = varve_tree_find (world->rootfs.tree, "file")->inode;
}

static void
world_tear_down (World *world, gconstpointer data)
{
  varve_tree_free (world->rootfs.tree);
  varve_tree_contents_free (world->rootfs.contents);
  g_unlink (world->file);
  g_rmdir (world->folder);
  g_free (world->file);
  g_free (world->folder);
}

static void
assert_changed (World *world, const char *message)
{
  VarveTreeContents *contents = world->rootfs.contents;
  g_autoptr (GError) error = NULL, stream_error = NULL;
  g_assert_cmpint (contents->open_fd (contents, world->inode, &error), ==, -1);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
  g_assert_null (contents->open (contents, world->inode, &stream_error));
  g_assert_cmpstr (stream_error->message, ==, error->message);
}

static void
test_unchanged (World *world, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = world->rootfs.contents->open (world->rootfs.contents, world->inode, &error);
  g_assert_no_error (error);
  char text[8];
  g_assert_cmpint (g_input_stream_read (stream, text, sizeof text, NULL, &error), ==, 4);
  g_assert_no_error (error);
}

static void
test_fifo (World *world, gconstpointer data)
{
  g_assert_cmpint (g_unlink (world->file), ==, 0);
  g_assert_cmpint (mkfifo (world->file, 0600), ==, 0);
  assert_changed (world, "expected a regular file");
}

static void
test_folder (World *world, gconstpointer data)
{
  g_assert_cmpint (g_unlink (world->file), ==, 0);
  g_assert_cmpint (g_mkdir (world->file, 0700), ==, 0);
  assert_changed (world, "expected a regular file");
  g_assert_cmpint (g_rmdir (world->file), ==, 0);
}

static void
test_symlink (World *world, gconstpointer data)
{
  g_assert_cmpint (g_unlink (world->file), ==, 0);
  g_assert_cmpint (symlink ("/etc/passwd", world->file), ==, 0);
  assert_changed (world, "opening the file");
}

static void
test_size (World *world, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_file_set_contents (world->file, "longer text", -1, &error);
  g_assert_no_error (error);
  assert_changed (world, "expected 4 bytes, found 11");
}

/* `ostree fsck` reports a file with such an attribute as corrupt, because OSTree hashes it without. */
static void
test_empty_xattr (World *world, gconstpointer data)
{
  if (setxattr (world->file, "user.empty", "", 0, 0) != 0 || setxattr (world->file, "user.full", "x", 1, 0) != 0)
    {
      g_test_skip ("no attributes on this file system");
      return;
    }
  g_autoptr (GError) error = NULL;
  VarveSkipped skipped = { 0 };
  VarveRootfs rootfs;
  VarveRootfsOptions options
      = { .path = world->folder, .owner_uid = VARVE_OWNER_AS_FOUND, .owner_gid = VARVE_OWNER_AS_FOUND };
  gboolean is_read = varve_rootfs_read (&options, &skipped, NULL, &rootfs, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (is_read);
  g_autoptr (VarveXattrs) xattrs = varve_xattrs_parse (varve_tree_find (rootfs.tree, "file")->inode->xattrs, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (xattrs->n, ==, 1);
  g_assert_cmpstr (xattrs->list[0].name, ==, "user.full");
  g_assert_cmpuint (skipped.kinds[VARVE_SKIPPED_EMPTY].count, ==, 1);
  g_assert_cmpuint (skipped.kinds[VARVE_SKIPPED_EMPTY].paths->len, ==, 1);
  g_assert_cmpstr (skipped.kinds[VARVE_SKIPPED_EMPTY].paths->pdata[0], ==, "file");
  varve_skipped_clear (&skipped);
  varve_tree_free (rootfs.tree);
  varve_tree_contents_free (rootfs.contents);
}

static void
test_hard_links (World *world, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *second = g_build_filename (world->folder, "second", NULL),
                  *other = g_build_filename (world->folder, "other", NULL);
  g_assert_cmpint (link (world->file, second), ==, 0);
  g_assert_true (g_file_set_contents (other, "text", -1, NULL));
  VarveSkipped skipped = { 0 };
  VarveRootfs rootfs;
  VarveRootfsOptions options
      = { .path = world->folder, .owner_uid = VARVE_OWNER_AS_FOUND, .owner_gid = VARVE_OWNER_AS_FOUND };
  g_assert_true (varve_rootfs_read (&options, &skipped, NULL, &rootfs, NULL, &error));
  g_assert_no_error (error);
  const VarveTreeInode *inode = varve_tree_find (rootfs.tree, "file")->inode;
  g_assert_true (varve_tree_find (rootfs.tree, "second")->inode == inode);
  g_assert_true (varve_tree_find (rootfs.tree, "other")->inode != inode);
  varve_skipped_clear (&skipped);
  varve_tree_free (rootfs.tree);
  varve_tree_contents_free (rootfs.contents);
  g_assert_cmpint (g_unlink (second), ==, 0);
  g_assert_cmpint (g_unlink (other), ==, 0);
}

enum { SKIPPED = 77 };

/* In a process of its own, which may mount what it wants. */
static void
read_with_mount (const World *world, const char *place)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_build_filename (place, "mounted", NULL);
  int flags = CLONE_NEWNS | (geteuid () == 0 ? 0 : CLONE_NEWUSER);
  if (unshare (flags) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
      || mount ("none", place, "tmpfs", 0, NULL) != 0 || !g_file_set_contents (file, "x", 1, NULL))
    _exit (SKIPPED);
  VarveSkipped skipped = { 0 };
  VarveRootfs rootfs;
  VarveRootfsOptions options
      = { .path = world->folder, .owner_uid = VARVE_OWNER_AS_FOUND, .owner_gid = VARVE_OWNER_AS_FOUND };
  g_assert_true (varve_rootfs_read (&options, &skipped, NULL, &rootfs, NULL, &error));
  g_assert_no_error (error);
  g_assert_nonnull (varve_tree_find (rootfs.tree, "place"));
  g_assert_null (varve_tree_find (rootfs.tree, "place/mounted"));
  g_assert_cmpuint (skipped.kinds[VARVE_SKIPPED_MOUNT].count, ==, 1);
}

static void
test_mount (World *world, gconstpointer data)
{
  g_autofree char *place = g_build_filename (world->folder, "place", NULL);
  g_assert_cmpint (g_mkdir (place, 0755), ==, 0);
  pid_t child = fork ();
  if (child == 0)
    {
      read_with_mount (world, place);
      _exit (0);
    }
  int status;
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (g_rmdir (place), ==, 0);
  if (WIFEXITED (status) && WEXITSTATUS (status) == SKIPPED)
    g_test_skip ("no mounts here");
  else
    g_assert_cmpint (status, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/rootfs-read/" name, World, NULL, world_set_up, func, world_tear_down)
  ADD ("unchanged", test_unchanged);
  ADD ("fifo", test_fifo);
  ADD ("folder", test_folder);
  ADD ("symlink", test_symlink);
  ADD ("size", test_size);
  ADD ("empty-xattr", test_empty_xattr);
  ADD ("hard-links", test_hard_links);
  ADD ("mount", test_mount);
#undef ADD
  return g_test_run ();
}
