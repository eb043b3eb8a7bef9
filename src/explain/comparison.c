/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the objects of two images: those of the old one only by name, new ones with their compressed size. */
#include "explain/comparison.h"

#include "explain/image-commit.h"

void
varve_comparison_free (VarveComparison *comparison)
{
  g_clear_pointer (&comparison->old, varve_contents_free);
  g_clear_pointer (&comparison->new, varve_contents_free);
  varve_owned_tree_clear (&comparison->old_tree);
  varve_owned_tree_clear (&comparison->new_tree);
  g_clear_pointer (&comparison->repo, varve_repo_free);
  g_free (comparison);
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
  return self->new != NULL;
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
      if (varve_contents_find_object (comparison->old, &object->checksum) != NULL)
        continue;
      diff->objects++;
      diff->object_bytes += object->compressed_bytes;
      diff->object_raw_bytes += object->size_bytes;
    }
}
