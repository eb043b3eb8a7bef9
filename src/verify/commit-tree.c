/* SPDX-License-Identifier: Apache-2.0 */
/* The record's objects were parsed when they were read, so the only possible error is a limit. */
#include "verify/commit-tree.h"

#include "base/error.h"
#include "base/limits.h"
#include "ostree/commit.h"
#include "ostree/dirtree.h"

typedef struct {
  const VarveLayerRecord *record;
  const VarveTreeVisitor *visitor;
  GString *path;
  guint depth, n_entries;
} Visit;

static gboolean
visit_count_entry (Visit *visit, GError **error)
{
  if (++visit->n_entries <= VARVE_TREE_ENTRIES_MAX)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "the tree of the commit has more than the limit of %u entries",
               VARVE_TREE_ENTRIES_MAX);
  return FALSE;
}

/* Appends a component; returns the length to truncate to afterwards. */
static gsize
visit_push (Visit *visit, const char *name)
{
  gsize length = visit->path->len;
  g_string_append (visit->path, length > 0 ? "/" : "");
  g_string_append (visit->path, name);
  return length;
}

static GBytes *
visit_find (Visit *visit, GHashTable *table, const char *kind, const VarveDigest *checksum)
{
  GBytes *raw = g_hash_table_lookup (table, checksum);
  if (raw == NULL && visit->visitor->missing != NULL)
    visit->visitor->missing (visit->visitor->data, visit->path->str, kind, checksum);
  return raw;
}

static gboolean
visit_dirmeta (Visit *visit, const VarveDigest *checksum, GError **error)
{
  GBytes *raw = visit_find (visit, visit->record->dirmetas, "dirmeta", checksum);
  if (raw == NULL)
    return TRUE;
  g_autoptr (VarveDirmeta) dirmeta = varve_dirmeta_parse (raw, error);
  if (dirmeta == NULL)
    return FALSE;
  if (visit->visitor->directory != NULL)
    visit->visitor->directory (visit->visitor->data, visit->path->str, checksum, dirmeta);
  return TRUE;
}

static gboolean
visit_files (Visit *visit, const VarveDirtree *dirtree, GError **error)
{
  for (guint i = 0; i < dirtree->n_files; i++)
    {
      gsize length = visit_push (visit, dirtree->files[i].name);
      if (visit->visitor->file != NULL)
        visit->visitor->file (visit->visitor->data, visit->path->str, &dirtree->files[i].checksum);
      g_string_truncate (visit->path, length);
      if (!visit_count_entry (visit, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean visit_directory (Visit *visit, const VarveDigest *tree, const VarveDigest *meta, GError **error);

static gboolean
visit_subdirectories (Visit *visit, const VarveDirtree *dirtree, GError **error)
{
  for (guint i = 0; i < dirtree->n_directories; i++)
    {
      const VarveDirtreeDirectory *directory = &dirtree->directories[i];
      gsize length = visit_push (visit, directory->name);
      if (!visit_directory (visit, &directory->dirtree, &directory->dirmeta, error))
        return FALSE;
      g_string_truncate (visit->path, length);
    }
  return TRUE;
}

static gboolean
visit_directory (Visit *visit, const VarveDigest *tree, const VarveDigest *meta, GError **error)
{
  if (++visit->depth > VARVE_TREE_DEPTH_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "the tree of the commit is deeper than the limit of %u",
                   VARVE_TREE_DEPTH_MAX);
      return FALSE;
    }
  if (!visit_count_entry (visit, error) || !visit_dirmeta (visit, meta, error))
    return FALSE;
  GBytes *raw = visit_find (visit, visit->record->dirtrees, "dirtree", tree);
  if (raw != NULL)
    {
      g_autoptr (VarveDirtree) dirtree = varve_dirtree_parse (raw, error);
      if (dirtree == NULL)
        return FALSE;
      if (visit->visitor->dirtree != NULL)
        visit->visitor->dirtree (visit->visitor->data, visit->path->str, tree);
      if (!visit_files (visit, dirtree, error) || !visit_subdirectories (visit, dirtree, error))
        return FALSE;
    }
  visit->depth--;
  return TRUE;
}

gboolean
varve_commit_tree_visit (const VarveLayerRecord *record, const VarveTreeVisitor *visitor, GError **error)
{
  g_return_val_if_fail (record->has_commit, FALSE);
  g_autoptr (VarveCommit) commit = varve_commit_parse (record->commit_raw, error);
  if (commit == NULL)
    return FALSE;
  g_autoptr (GString) path = g_string_new (NULL);
  Visit visit = { .record = record, .visitor = visitor, .path = path };
  return visit_directory (&visit, &commit->root_dirtree, &commit->root_dirmeta, error);
}
