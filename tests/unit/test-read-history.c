/* SPDX-License-Identifier: Apache-2.0 */
/* ostree/read-history: what changed between commits of a repository that libostree makes. */
#include "ostree/read-history.h"

#include <fcntl.h>
#include <ostree.h>

#include "base/error.h"
#include "ostree/walk.h"
#include "tests/unit/tinyimage.h"

typedef struct {
  TinyFolder *path;
  OstreeRepo *repo;
  char *parent; /* of the next commit; NULL: it has none */
} World;

static void
world_clear (World *world)
{
  g_clear_object (&world->repo);
  g_clear_pointer (&world->parent, g_free);
  g_clear_pointer (&world->path, tiny_remove);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static World
world_new (void)
{
  g_autoptr (GError) error = NULL;
  World world = { .path = tiny_folder () };
  g_autofree char *repo = g_build_filename (world.path, "repo", NULL);
  world.repo = ostree_repo_create_at (AT_FDCWD, repo, OSTREE_REPO_MODE_BARE_USER, NULL, NULL, &error);
  g_assert_no_error (error);
  return world;
}

/* A tree told as "PATH=CONTENT PATH=CONTENT…". */
static void
write_tree (const char *folder, const char *text)
{
  g_auto (GStrv) files = g_strsplit (text, " ", -1);
  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  for (char **file = files; *file != NULL && **file != '\0'; file++)
    {
      g_auto (GStrv) pair = g_strsplit (*file, "=", 2);
      g_autofree char *path = g_build_filename (folder, pair[0], NULL), *parent = g_path_get_dirname (path);
      g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
      g_assert_true (g_file_set_contents (path, pair[1], -1, NULL));
    }
}

/* Commits it under @ref (which must not look like the beginning of a checksum), on top of the last one, and makes it
 * the next one's parent. */
static void
commit (World *world, const char *ref, guint64 time, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_build_filename (world->path, "tree", NULL), *checksum = NULL;
  write_tree (folder, text);
  g_autoptr (OstreeMutableTree) tree = ostree_mutable_tree_new ();
  g_autoptr (GFile) root = NULL;
  g_autoptr (OstreeRepoCommitModifier) modifier
      = ostree_repo_commit_modifier_new (OSTREE_REPO_COMMIT_MODIFIER_FLAGS_CANONICAL_PERMISSIONS, NULL, NULL, NULL);
  g_assert_true (ostree_repo_prepare_transaction (world->repo, NULL, NULL, &error));
  g_assert_true (ostree_repo_write_dfd_to_mtree (world->repo, AT_FDCWD, folder, tree, modifier, NULL, &error));
  g_assert_true (ostree_repo_write_mtree (world->repo, tree, &root, NULL, &error));
  g_assert_true (ostree_repo_write_commit_with_time (world->repo, world->parent, "commit", NULL, NULL,
                                                     OSTREE_REPO_FILE (root), time, &checksum, NULL, &error));
  ostree_repo_transaction_set_ref (world->repo, NULL, ref, checksum);
  g_assert_true (ostree_repo_commit_transaction (world->repo, NULL, NULL, &error));
  g_assert_no_error (error);
  tiny_remove (g_steal_pointer (&folder));
  g_free (world->parent);
  world->parent = g_steal_pointer (&checksum);
}

/* The steps as "TIME: files | directories; TIME: …", of the commit under @ref. */
static char *
history_of (const World *world, const char *ref, guint n_parents, const char *const *commits, GError **error)
{
  g_autofree char *path = g_build_filename (world->path, "repo", NULL);
  g_autoptr (VarveRepo) repo = varve_repo_open (path, NULL, error);
  VarveDigest checksum;
  g_assert_true (repo != NULL && varve_repo_resolve (repo, ref, &checksum, error));
  g_autoptr (VarveInventory) inventory = varve_walk (repo, &checksum, 1, NULL, NULL, error);
  g_assert_nonnull (inventory);
  VarveReadHistoryOptions options = { n_parents, (char **)commits };
  g_autoptr (VarveCommitHistory) history = varve_read_history (repo, inventory, &options, NULL, NULL, error);
  if (history == NULL)
    return NULL;
  g_assert_cmpuint (history->times->len, ==, history->steps->len + 1);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < history->times->len; i++)
    {
      g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? "; " : "",
                              g_array_index (history->times, gint64, i));
      if (i == history->steps->len)
        break;
      const VarveHistoryStep *step = history->steps->pdata[i];
      g_string_append_c (text, ':');
      for (guint j = 0; j < step->files->len; j++)
        g_string_append_printf (text, " %s", inventory->files[g_array_index (step->files, guint32, j)].path);
      if (step->directories->len > 0)
        g_string_append (text, " |");
      for (guint j = 0; j < step->directories->len; j++)
        g_string_append_printf (text, " /%s",
                                inventory->directories[g_array_index (step->directories, guint32, j)].path);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_history (const World *world, const char *ref, guint n_parents, const char *const *commits, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = history_of (world, ref, n_parents, commits, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_steps (void)
{
  g_auto (World) world = world_new ();
  commit (&world, "one", 100, "usr/a=1 usr/b=1 usr/deep/er/c=1 usr/gone/x=1 usr/gone/y=1");
  commit (&world, "two", 200, "usr/a=2 usr/b=1 usr/deep/er/c=1 usr/gone/x=1 usr/gone/y=1");
  commit (&world, "three", 300, "usr/a=2 usr/b=1 usr/deep/er/c=1 usr/deep/er/d=1");
  commit (&world, "four", 400, "usr/a=2 usr/b=1 usr/deep/er/d=1 new=1");
  commit (&world, "five", 500, "usr/a=2 usr/b=1 usr/deep/er/d=1 new=1");
  assert_history (&world, "five", 0, NULL, "500");
  assert_history (&world, "five", 1, NULL, "500:; 400");
  assert_history (&world, "five", 4, NULL, "500:; 400: new | /usr/deep/er; 300: usr/deep/er/d | /usr; 200: usr/a; 100");
  assert_history (&world, "five", 127, NULL,
                  "500:; 400: new | /usr/deep/er; 300: usr/deep/er/d | /usr; 200: usr/a; 100");
  assert_history (&world, "one", 9, NULL, "100"); /* the first has no parent */
}

/* A file that becomes a directory, and the other way round. */
static void
test_kinds (void)
{
  g_auto (World) world = world_new ();
  commit (&world, "one", 100, "usr/x=1 usr/y/z=1 usr/w=1");
  commit (&world, "two", 200, "usr/x/z=1 usr/y=1 usr/w=1");
  assert_history (&world, "two", 1, NULL, "200: usr/y usr/x/z | /usr /usr/x; 100");
}

/* What a kernel of another version had is told of the one that there is. */
static void
test_kernels (void)
{
  g_auto (World) world = world_new ();
  commit (&world, "one", 100,
          "usr/lib/modules/6.1/vmlinuz=1 usr/lib/modules/6.1/kernel/x.ko=1 usr/lib/modules/6.1/kernel/gone.ko=1");
  commit (&world, "two", 200, "usr/lib/modules/6.2/vmlinuz=1 usr/lib/modules/6.2/kernel/x.ko=1");
  assert_history (
      &world, "two", 1, NULL,
      "200: usr/lib/modules/6.2/vmlinuz usr/lib/modules/6.2/kernel/x.ko | /usr/lib/modules/6.2/kernel; 100");
}

static void
test_named (void)
{
  g_auto (World) world = world_new ();
  commit (&world, "one", 100, "usr/a=1 usr/b=1");
  g_clear_pointer (&world.parent, g_free);
  commit (&world, "two", 300, "usr/a=1 usr/b=3");
  commit (&world, "three", 400, "usr/a=4 usr/b=3");
  g_clear_pointer (&world.parent, g_free);
  commit (&world, "younger", 900, "usr/a=9 usr/b=9");
  const char *const first[] = { "one", NULL }, *const all[] = { "younger", "one", "two", "one", "three", NULL };
  assert_history (&world, "three", 0, first, "400: usr/a usr/b; 100");
  assert_history (&world, "three", 1, first, "400: usr/a; 300: usr/b; 100");
  assert_history (&world, "three", 0, all,
                  "400: usr/a; 300: usr/b; 100"); /* in the order of time, each once, none from the future */
  const char *const missing[] = { "one", "no-such-ref", NULL };
  g_autoptr (GError) error = NULL;
  g_assert_null (history_of (&world, "three", 0, missing, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  g_assert_true (g_str_has_prefix (error->message, "learning from older commits: "));
  g_assert_nonnull (strstr (error->message, "no-such-ref"));
}

static char *
object_path (const World *world, const char *checksum, const char *suffix)
{
  return g_strdup_printf ("%s/repo/objects/%.2s/%s.%s", world->path, checksum, checksum + 2, suffix);
}

/* Repositories are pruned: the row ends where a parent is not there. */
static void
test_pruned (void)
{
  g_auto (World) world = world_new ();
  commit (&world, "one", 100, "usr/a=1");
  g_autofree char *oldest = g_strdup (world.parent);
  commit (&world, "two", 200, "usr/a=2");
  commit (&world, "three", 300, "usr/a=3");
  tiny_remove (object_path (&world, oldest, "commit"));
  assert_history (&world, "three", 5, NULL, "300: usr/a; 200");
}

/* Parents are often pulled without their trees: the row ends before them too, while one that is named is an error. */
static void
test_partial (void)
{
  g_auto (World) world = world_new ();
  commit (&world, "one", 100, "usr/a=1");
  g_autofree char *oldest = g_strdup (world.parent);
  commit (&world, "two", 200, "usr/a=2");
  commit (&world, "three", 300, "usr/a=3");
  g_assert_true (ostree_repo_mark_commit_partial (world.repo, oldest, TRUE, NULL));
  assert_history (&world, "three", 5, NULL, "300: usr/a; 200");
  const char *const named[] = { "one", NULL };
  g_autoptr (GError) error = NULL;
  g_assert_null (history_of (&world, "three", 0, named, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  g_assert_true (g_str_has_prefix (error->message, "learning from older commits: commit 'one': partial commit"));
}

static void
test_damaged (void)
{
  g_auto (World) world = world_new ();
  commit (&world, "one", 100, "usr/a=1");
  g_autofree char *oldest = g_strdup (world.parent), *path = object_path (&world, oldest, "commit");
  commit (&world, "two", 200, "usr/a=2");
  g_assert_true (g_file_set_contents (path, "garbage", -1, NULL));
  g_autoptr (GError) error = NULL;
  g_assert_null (history_of (&world, "two", 5, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, oldest));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/read-history/steps", test_steps);
  g_test_add_func ("/read-history/kinds", test_kinds);
  g_test_add_func ("/read-history/kernels", test_kernels);
  g_test_add_func ("/read-history/named", test_named);
  g_test_add_func ("/read-history/pruned", test_pruned);
  g_test_add_func ("/read-history/partial", test_partial);
  g_test_add_func ("/read-history/damaged", test_damaged);
  return g_test_run ();
}
