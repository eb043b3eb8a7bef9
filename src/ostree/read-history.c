/* SPDX-License-Identifier: Apache-2.0 */
/* Two trees are walked in parallel; equal dirtrees are skipped. */
#include "ostree/read-history.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "ostree/checked.h"

typedef struct {
  VarveDigest checksum, root;
  gint64 time;
} Commit;

typedef struct {
  VarveSource *source;
  const VarveInventory *inventory;
  VarveHistoryStep *step;
  GCancellable *cancellable;
  GString *path; /* of the current directory, without a trailing slash */
} Comparison;

static gboolean
add_commit (GArray *commits, VarveSource *source, const VarveDigest *checksum, VarveCommit **out_commit, GError **error)
{
  g_autoptr (VarveCommit) commit = varve_checked_commit (source, checksum, error);
  if (commit == NULL)
    return FALSE;
  gboolean is_known = FALSE;
  for (guint i = 0; i < commits->len; i++)
    is_known = is_known || varve_digest_compare (&g_array_index (commits, Commit, i).checksum, checksum) == 0;
  Commit entry = { *checksum, commit->root_dirtree, (gint64)MIN (commit->timestamp, (guint64)G_MAXINT64) };
  if (!is_known)
    g_array_append_val (commits, entry);
  if (out_commit != NULL)
    *out_commit = g_steal_pointer (&commit);
  return TRUE;
}

/* Adds the commit and its ancestors. */
static gboolean
follow_parents (GArray *commits, VarveRepo *repo, const VarveDigest *start, guint n_parents, GError **error)
{
  VarveSource *source = varve_repo_source (repo);
  g_autoptr (VarveCommit) commit = NULL;
  if (!add_commit (commits, source, start, &commit, error))
    return FALSE;
  for (guint i = 0; i < MIN (n_parents, VARVE_HISTORY_COMMITS_MAX - 1) && commit->parent != NULL; i++)
    {
      g_autoptr (GError) local_error = NULL;
      VarveCommit *parent = NULL;
      if (varve_repo_check_complete (repo, commit->parent, &local_error)
          && add_commit (commits, source, commit->parent, &parent, &local_error))
        {
          varve_commit_free (commit);
          commit = parent;
          continue;
        }
      if (g_error_matches (local_error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  return TRUE;
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  const Commit *left = a, *right = b;
  if (left->time != right->time)
    return left->time < right->time ? 1 : -1;
  return varve_digest_compare (&left->checksum, &right->checksum);
}

/* Commits newer than the one being built are no part of its history. */
static GArray *
find_commits (VarveRepo *repo, const VarveInventory *inventory, const VarveReadHistoryOptions *options, GError **error)
{
  g_autoptr (GArray) commits = g_array_new (FALSE, FALSE, sizeof (Commit));
  VarveSource *source = varve_repo_source (repo);
  if (!follow_parents (commits, repo, &inventory->commit, options->n_parents, error))
    return NULL;
  Commit start = g_array_index (commits, Commit, 0);
  for (char **name = options->commits; name != NULL && *name != NULL; name++)
    {
      VarveDigest checksum;
      if (!varve_repo_resolve (repo, *name, &checksum, error))
        return NULL;
      if (varve_repo_check_complete (repo, &checksum, error) && add_commit (commits, source, &checksum, NULL, error))
        continue;
      g_autofree char *escaped = varve_escape (*name);
      g_prefix_error (error, "commit '%s': ", escaped);
      return NULL;
    }
  g_array_remove_index (commits, 0);
  for (guint i = commits->len; i-- > 0;)
    if (g_array_index (commits, Commit, i).time > start.time)
      g_array_remove_index (commits, i);
  g_array_sort (commits, compare_newest_first);
  g_array_prepend_val (commits, start);
  if (commits->len > VARVE_HISTORY_COMMITS_MAX)
    g_array_set_size (commits, VARVE_HISTORY_COMMITS_MAX);
  return g_steal_pointer (&commits);
}

/* Records a file that is in only one tree, or differs. */
static void
add_changed_file (Comparison *comparison, const char *name)
{
  g_autofree char *path
      = comparison->path->len > 0 ? g_strconcat (comparison->path->str, "/", name, NULL) : g_strdup (name);
  varve_history_step_add_path (comparison->step, comparison->inventory, path);
}

/* Which of the two sorted lists has the next name; NULL is the end of a list. */
static int
merge_order (const char *newer, const char *older)
{
  if (newer == NULL || older == NULL)
    return newer == NULL ? 1 : -1;
  return strcmp (newer, older);
}

static void
compare_files (Comparison *comparison, const VarveDirtree *newer, const VarveDirtree *older)
{
  guint n_newer = newer != NULL ? newer->n_files : 0, n_older = older != NULL ? older->n_files : 0;
  for (guint i = 0, j = 0; i < n_newer || j < n_older;)
    {
      int order = merge_order (i < n_newer ? newer->files[i].name : NULL, j < n_older ? older->files[j].name : NULL);
      if (order != 0 || varve_digest_compare (&newer->files[i].checksum, &older->files[j].checksum) != 0)
        add_changed_file (comparison, order <= 0 ? newer->files[i].name : older->files[j].name);
      i += order <= 0;
      j += order >= 0;
    }
}

static gboolean compare_trees (Comparison *comparison, const VarveDigest *newer, const VarveDigest *older, guint depth,
                               GError **error);

static gboolean
compare_directories (Comparison *comparison, const VarveDirtree *newer, const VarveDirtree *older, guint depth,
                     GError **error)
{
  guint n_newer = newer != NULL ? newer->n_directories : 0, n_older = older != NULL ? older->n_directories : 0;
  for (guint i = 0, j = 0; i < n_newer || j < n_older;)
    {
      int order = merge_order (i < n_newer ? newer->directories[i].name : NULL,
                               j < n_older ? older->directories[j].name : NULL);
      const VarveDigest *of_newer = order <= 0 ? &newer->directories[i].dirtree : NULL;
      const VarveDigest *of_older = order >= 0 ? &older->directories[j].dirtree : NULL;
      gsize length = comparison->path->len;
      g_string_append_printf (comparison->path, "%s%s", length > 0 ? "/" : "",
                              order <= 0 ? newer->directories[i].name : older->directories[j].name);
      if (!compare_trees (comparison, of_newer, of_older, depth + 1, error))
        return FALSE;
      g_string_truncate (comparison->path, length);
      i += order <= 0;
      j += order >= 0;
    }
  return TRUE;
}

/* Either may be NULL, for a missing directory. */
static gboolean
compare_trees (Comparison *comparison, const VarveDigest *newer, const VarveDigest *older, guint depth, GError **error)
{
  if (newer != NULL && older != NULL && varve_digest_compare (newer, older) == 0)
    return TRUE;
  if (depth > VARVE_TREE_DEPTH_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "directories nest deeper than the limit of %u",
                   VARVE_TREE_DEPTH_MAX);
      return FALSE;
    }
  g_autoptr (VarveDirtree) of_newer = NULL, of_older = NULL;
  if (g_cancellable_set_error_if_cancelled (comparison->cancellable, error))
    return FALSE;
  if (newer != NULL && (of_newer = varve_checked_dirtree (comparison->source, newer, error)) == NULL)
    return FALSE;
  if (older != NULL && (of_older = varve_checked_dirtree (comparison->source, older, error)) == NULL)
    return FALSE;
  compare_files (comparison, of_newer, of_older);
  return compare_directories (comparison, of_newer, of_older, depth, error);
}

static gboolean
compare_commits (VarveCommitHistory *history, Comparison *comparison, const Commit *newer, const Commit *older,
                 GError **error)
{
  comparison->step = varve_commit_history_add_step (history);
  g_string_truncate (comparison->path, 0);
  if (!compare_trees (comparison, &newer->root, &older->root, 0, error))
    {
      g_autofree char *hex = varve_digest_to_hex (&older->checksum);
      g_prefix_error (error, "comparing with commit %s: ", hex);
      return FALSE;
    }
  varve_history_step_settle (comparison->step);
  return TRUE;
}

VarveCommitHistory *
varve_read_history (VarveRepo *repo, const VarveInventory *inventory, const VarveReadHistoryOptions *options,
                    VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  varve_observer_begin (observer, "learning from older commits", 0);
  g_autoptr (GArray) commits = find_commits (repo, inventory, options, error);
  if (commits == NULL)
    {
      g_prefix_error (error, "learning from older commits: ");
      return NULL;
    }
  g_autoptr (VarveCommitHistory) history = varve_commit_history_new ();
  g_autoptr (GString) path = g_string_new (NULL);
  Comparison comparison
      = { .source = varve_repo_source (repo), .inventory = inventory, .cancellable = cancellable, .path = path };
  for (guint i = 0; i < commits->len; i++)
    {
      const Commit *commit = &g_array_index (commits, Commit, i);
      g_array_append_val (history->times, commit->time);
      if (i > 0 && !compare_commits (history, &comparison, commit - 1, commit, error))
        return NULL;
    }
  return g_steal_pointer (&history);
}
