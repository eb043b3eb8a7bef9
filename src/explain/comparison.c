/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the objects of two images: those of the old one only by name, new ones with their compressed size. */
#include "explain/comparison.h"

#include "compose/image-ledger.h"
#include "explain/image-commit.h"

void
varve_comparison_free (VarveComparison *comparison)
{
  g_clear_pointer (&comparison->old, varve_contents_free);
  g_clear_pointer (&comparison->new, varve_contents_free);
  g_clear_pointer (&comparison->hidden, g_hash_table_unref);
  varve_owned_tree_clear (&comparison->old_tree);
  varve_owned_tree_clear (&comparison->new_tree);
  g_clear_pointer (&comparison->repo, varve_repo_free);
  g_free (comparison);
}

/* Layers that both images have are not read. What became stale in them, the old image has: a file that got another
 * path, for example, which a new layer has again. */

static char *
mark_of (guint32 mark, guint64 size_bytes)
{
  return g_strdup_printf ("%08x %" G_GUINT64_FORMAT, mark, size_bytes);
}

static void
collect_stale (GHashTable *marks, const VarveLedger *ledger, guint layer)
{
  const VarveLedgerLayer *known = layer > 0 ? varve_ledger_layer (ledger, layer - 1) : NULL;
  for (guint i = 0; known != NULL && known->stale != NULL && i < known->stale->len; i++)
    {
      const VarveStaleObject *stale = known->stale->pdata[i];
      g_hash_table_add (marks, mark_of (stale->mark, stale->size_bytes));
    }
}

static gboolean
has_layer (const VarveImage *image, const VarveDigest *digest)
{
  for (guint i = 0; i < image->manifest->layers->len; i++)
    if (varve_digest_compare (&varve_manifest_layer (image->manifest, i)->digest, digest) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
find_hidden (VarveComparison *self, const VarveComparisonOptions *options, GError **error)
{
  g_autoptr (VarveLedger) old = varve_image_ledger_read (options->old->manifest, error);
  g_autoptr (VarveLedger) new = old != NULL ? varve_image_ledger_read (options->new->manifest, error) : NULL;
  if (new == NULL)
    return FALSE;
  g_autoptr (GHashTable) before = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->hidden = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < options->old->manifest->layers->len; i++)
    collect_stale (before, old, i);
  for (guint i = 0; i < options->new->manifest->layers->len; i++)
    if (has_layer (options->old, &varve_manifest_layer (options->new->manifest, i)->digest))
      collect_stale (self->hidden, new, i);
  GHashTableIter iter;
  gpointer mark;
  g_hash_table_iter_init (&iter, self->hidden);
  while (g_hash_table_iter_next (&iter, &mark, NULL))
    if (g_hash_table_contains (before, mark))
      g_hash_table_iter_remove (&iter);
  return TRUE;
}

static gboolean
is_hidden (const VarveComparison *self, const VarveContentObject *object)
{
  g_autofree char *mark = mark_of (varve_stale_object_mark (&object->checksum), object->size_bytes);
  return self->hidden != NULL && g_hash_table_contains (self->hidden, mark);
}

static gboolean
read_images (VarveComparison *self, const VarveComparisonOptions *options, VarveObserver *observer,
             GCancellable *cancellable, GError **error)
{
  VarveReadContents old
      = { .image = options->old, .except = options->new, .jobs = options->jobs, .observer = observer };
  self->old = varve_contents_of_image (&old, cancellable, error);
  if (self->old == NULL)
    {
      g_prefix_error (error, "the old image: ");
      return FALSE;
    }
  VarveReadContents new = {
    .image = options->new, .except = options->old, .known = self->old, .jobs = options->jobs, .observer = observer
  };
  self->new = varve_contents_of_image (&new, cancellable, error);
  if (self->new == NULL)
    g_prefix_error (error, "the new image: ");
  return self->new != NULL &&find_hidden (self, options, error);
}

static gboolean
read_trees (VarveComparison *self, const VarveComparisonOptions *options, VarveObserver *observer,
            GCancellable *cancellable, GError **error)
{
  VarveReadOwnedTree old
      = { .repo = self->repo, .owners = options->owners, .jobs = options->jobs, .observer = observer };
  VarveReadOwnedTree new = old;
  return varve_image_commit_resolve (options->old, self->repo, &old.commit, error)
         && varve_image_commit_resolve (options->new, self->repo, &new.commit, error)
         && varve_owned_tree_read (&old, &self->old_tree, cancellable, error)
         && varve_owned_tree_read (&new, &self->new_tree, cancellable, error);
}

static gboolean
read_repo (VarveComparison *self, const VarveComparisonOptions *options, VarveObserver *observer,
           GCancellable *cancellable, GError **error)
{
  self->repo = varve_repo_open (options->repo_path, cancellable, error);
  if (self->repo == NULL || !read_trees (self, options, observer, cancellable, error))
    return FALSE;
  VarveCommitContents old = { .inventory = self->old_tree.inventory, .jobs = options->jobs, .observer = observer };
  self->old = varve_contents_of_commit (&old, cancellable, error);
  VarveCommitContents new = {
    .inventory = self->new_tree.inventory,
    .source = varve_repo_source (self->repo),
    .known = self->old,
    .jobs = options->jobs,
    .observer = observer,
  };
  self->new = self->old != NULL ? varve_contents_of_commit (&new, cancellable, error) : NULL;
  return self->new != NULL;
}

VarveComparison *
varve_comparison_new (const VarveComparisonOptions *options, VarveObserver *observer, GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (VarveComparison) self = g_new0 (VarveComparison, 1);
  gboolean read = options->repo_path != NULL ? read_repo (self, options, observer, cancellable, error)
                                             : read_images (self, options, observer, cancellable, error);
  return read ? g_steal_pointer (&self) : NULL;
}

void
varve_comparison_bound (const VarveComparison *comparison, VarveDiff *diff)
{
  GHashTableIter iter;
  gpointer value;
  diff->has_objects = TRUE;
  g_hash_table_iter_init (&iter, comparison->new->objects);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const VarveContentObject *object = value;
      if (varve_contents_find_object (comparison->old, &object->checksum) != NULL || is_hidden (comparison, object))
        continue;
      diff->objects++;
      diff->object_bytes += object->compressed_bytes;
      diff->object_raw_bytes += object->size_bytes;
    }
}
