/* SPDX-License-Identifier: Apache-2.0 */
/* The importer takes a layer that it finds under its digest as it is, so the files of the layer must be what it would
 * have made of them. */
#include "host/prefetch-ordinary.h"

#include "base/error.h"
#include "base/parallel.h"
#include "ostree/layer-cache.h"
#include "ostree/prepare-root.h"
#include "verify/import-ordinary.h"
#include "verify/read-layers.h"

typedef struct {
  VarvePrefetchJob *job;
  VarveOrdinaryRules rules;
  GArray *wanted; /* guint: layers to get */
  GMutex mutex;   /* one layer at a time is written: libselinux has one policy */
} Ordinary;

/* Layers on top of a commit are labelled and filtered as its files say; those of a plain image get the labels of the
 * system that is upgraded. */
static gboolean
ordinary_find_rules (Ordinary *self, const VarveDigest *commit, GCancellable *cancellable, GError **error)
{
  VarveRepo *repo = self->job->repo;
  const VarveDigest *labels = commit != NULL ? commit : self->job->options->policy_commit;
  gboolean overlays = TRUE;
  if ((commit != NULL && !varve_prepare_root_overlays (repo, commit, &overlays, cancellable, error))
      || (labels != NULL && !varve_sepolicy_load_commit (repo, labels, &self->rules.policy, cancellable, error)))
    return FALSE;
  self->rules.flags = (overlays ? VARVE_LAYER_FILTER_ALL_TOPLEVELS : 0)
                      | (varve_import_keeps_var () ? VARVE_LAYER_FILTER_KEEP_VAR : 0);
  return TRUE;
}

static gboolean
ordinary_write (Ordinary *self, guint index, const VarvePrefetchStreams *streams, GCancellable *cancellable,
                GError **error)
{
  const char *repo_path = self->job->options->repo_path;
  VarvePlainLayer layer = { .image = self->job->image, .index = index, .blob = streams->blob, .tar = streams->tar };
  VarveImportedTree tree;
  return varve_import_ordinary (repo_path, &layer, &self->rules, &tree, cancellable, error)
         && varve_layer_cache_add_tree (repo_path, &varve_manifest_layer (layer.image->manifest, index)->digest, &tree,
                                        cancellable, error);
}

static gboolean
ordinary_take (gpointer data, guint index, const VarvePrefetchStreams *streams, GCancellable *cancellable,
               GError **error)
{
  Ordinary *self = data;
  GError *failure = NULL;
  g_mutex_lock (&self->mutex);
  gboolean done = ordinary_write (self, index, streams, cancellable, &failure);
  g_mutex_unlock (&self->mutex);
  if (!done && g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED))
    {
      varve_prefetch_job_skip (self->job, index, failure->message);
      g_error_free (failure);
      return TRUE;
    }
  g_autofree char *place = varve_layer_place (self->job->image, index);
  if (!done)
    g_propagate_prefixed_error (error, failure, "%s: ", place);
  return done;
}

static gboolean
ordinary_get (gsize position, gpointer data, GCancellable *cancellable, GError **error)
{
  Ordinary *self = data;
  return varve_prefetch_job_get (self->job, g_array_index (self->wanted, guint, position), ordinary_take, self,
                                 cancellable, error);
}

static gboolean
ordinary_run (Ordinary *self, const VarveDigest *commit, GCancellable *cancellable, GError **error)
{
  const VarvePrefetchJob *job = self->job;
  for (guint i = job->n_ostree_layers; i < job->image->manifest->layers->len; i++)
    if (!job->lookups[i].has && varve_prefetch_job_layer (job, i)->state != VARVE_PREFETCH_SKIPPED)
      g_array_append_val (self->wanted, i);
  return self->wanted->len == 0
         || (ordinary_find_rules (self, commit, cancellable, error)
             && varve_parallel_for (job->options->jobs, self->wanted->len, ordinary_get, self, cancellable, error));
}

gboolean
varve_prefetch_ordinary_layers (VarvePrefetchJob *job, const VarveDigest *commit, GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (guint));
  Ordinary self = { .job = job, .wanted = wanted };
  g_mutex_init (&self.mutex);
  gboolean done = ordinary_run (&self, commit, cancellable, error);
  g_mutex_clear (&self.mutex);
  g_clear_pointer (&self.rules.policy, varve_sepolicy_free);
  return done;
}
