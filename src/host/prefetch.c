/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for the layers, sets the pin, then gets what is missing: the layers of a commit first, because layers on top of
 * it are written by its rules. */
#include "host/prefetch.h"

#include "host/prefetch-check.h"
#include "host/prefetch-commit.h"
#include "host/prefetch-ordinary.h"
#include "ostree/pin.h"
#include "ostree/staging.h"
#include "verify/read-layers.h"
#include "verify/stale.h"

/* A signature covers the objects of the commit only: neither stale ones, nor the layers on top of it. A layer that is
 * not covered would be left in the end, so it is not fetched. */
static gboolean
prefetch_is_covered (const VarvePrefetchJob *self, guint index)
{
  return self->options->remote == NULL
         || (index < self->n_ostree_layers
             && !varve_stale_is_declared (varve_manifest_layer (self->image->manifest, index)));
}

static gboolean
prefetch_look_up (VarvePrefetchJob *self, GCancellable *cancellable, GError **error)
{
  varve_observer_begin (self->observer, "reading the repository", 0);
  g_autoptr (VarveLookupTable) table = varve_lookup_table_new (self->repo, cancellable, error);
  if (table == NULL)
    return FALSE;
  for (guint i = 0; i < self->image->manifest->layers->len; i++)
    {
      VarveLookup *lookup = &self->lookups[i];
      if (!varve_lookup_layer (table, self->image, i, lookup, cancellable, error))
        return FALSE;
      g_autofree char *place = varve_layer_place (self->image, i);
      if (lookup->broken != NULL)
        varve_observer_warn (self->observer, "%s: incomplete in the repository (%s); %s", place, lookup->broken,
                             lookup->is_linked ? "linking it again" : "fetching it again");
      VarvePrefetchState state = lookup->has ? VARVE_PREFETCH_PRESENT : VARVE_PREFETCH_FETCHED;
      if (!lookup->has && !prefetch_is_covered (self, i))
        state = VARVE_PREFETCH_SKIPPED;
      varve_prefetch_job_layer (self, i)->state = lookup->is_linked ? VARVE_PREFETCH_LINKED : state;
    }
  return TRUE;
}

static gboolean
prefetch_set_pin (const VarvePrefetchJob *self, GCancellable *cancellable, GError **error)
{
  const VarvePrefetchGuard *guard = &self->options->guard;
  if (guard->lock != NULL && !guard->lock (guard->data, cancellable, error))
    return FALSE;
  gboolean ok = varve_pin_set (self->options->repo_path, &self->image->descriptor->digest, self->image->manifest_bytes,
                               cancellable, error);
  if (guard->unlock != NULL)
    guard->unlock (guard->data);
  return ok;
}

static gboolean
prefetch_link_layers (const VarvePrefetchJob *self, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < self->image->manifest->layers->len; i++)
    if (self->lookups[i].is_linked
        && !varve_layer_cache_link (self->options->repo_path, &varve_manifest_layer (self->image->manifest, i)->digest,
                                    &self->lookups[i].commit, cancellable, error))
      return FALSE;
  return TRUE;
}

static guint64
prefetch_missing_bytes (const VarvePrefetchJob *self)
{
  guint64 bytes = 0;
  for (guint i = 0; i < self->image->manifest->layers->len; i++)
    if (!self->lookups[i].has && varve_prefetch_job_layer (self, i)->state != VARVE_PREFETCH_SKIPPED)
      bytes += varve_manifest_layer (self->image->manifest, i)->size_bytes;
  return bytes;
}

static gboolean
prefetch_get_all (VarvePrefetchJob *self, GCancellable *cancellable, GError **error)
{
  guint64 bytes = prefetch_missing_bytes (self);
  VarveDigest commit;
  if (bytes > 0)
    varve_observer_begin (self->observer, "prefetching layers", bytes);
  if (!prefetch_link_layers (self, cancellable, error)
      || (self->n_ostree_layers > 0 && !varve_prefetch_commit_layers (self, &commit, cancellable, error)))
    return FALSE;
  return varve_prefetch_ordinary_layers (self, self->n_ostree_layers > 0 ? &commit : NULL, cancellable, error);
}

static gboolean
prefetch_run (VarvePrefetchJob *self, GCancellable *cancellable, GError **error)
{
  return prefetch_look_up (self, cancellable, error) && prefetch_set_pin (self, cancellable, error)
         && prefetch_get_all (self, cancellable, error);
}

VarvePrefetch *
varve_prefetch_image (const VarveImage *image, const VarvePrefetchOptions *options, VarveObserver *observer,
                      GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (options->jobs > 0, NULL);
  VarvePrefetchJob self = { .image = image, .options = options, .observer = observer };
  if (!varve_prefetch_check_image (image, options->remote, &self.n_ostree_layers, error))
    return NULL;
  g_autoptr (VarveRepo) repo = varve_repo_open (options->repo_path, cancellable, error);
  if (repo == NULL)
    return NULL;
  varve_staging_remove_leftovers (options->repo_path); /* also where there is nothing to fetch */
  g_autofree char *folder = g_build_filename (options->repo_path, "tmp", NULL);
  g_autoptr (VarvePrefetch) result = varve_prefetch_new (image);
  self.repo = repo;
  self.aside = (VarveBlobAside){ .folder = folder, .limit = options->limit, .observer = observer };
  self.lookups = g_new0 (VarveLookup, image->manifest->layers->len);
  self.result = result;
  gboolean ok = prefetch_run (&self, cancellable, error);
  for (guint i = 0; i < image->manifest->layers->len; i++)
    varve_lookup_clear (&self.lookups[i]);
  g_free (self.lookups);
  return ok ? g_steal_pointer (&result) : NULL;
}

gboolean
varve_prefetch_clear (const char *repo_path, gboolean *out_had_pin, GCancellable *cancellable, GError **error)
{
  guint n;
  if (!varve_pin_clear (repo_path, &n, cancellable, error))
    return FALSE;
  *out_had_pin = n > 0;
  return TRUE;
}
