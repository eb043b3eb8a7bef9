/* SPDX-License-Identifier: Apache-2.0 */
/* Each delta of a chain but the last makes a whole image in the repository, as if the host were to upgrade to it; the
 * next delta starts from its commit. Its layers are removed as those of any image that is not in use. */
#include "host/prefetch-deltas.h"

#include "base/error.h"
#include "host/delta-path.h"
#include "host/prefetch-lookup.h"
#include "host/prefetch.h"
#include "model/image-keys.h"

void
varve_prefetch_found_clear (VarvePrefetchFound *found)
{
  g_clear_pointer (&found->last, varve_prefetch_delta_free);
  g_clear_pointer (&found->digests, g_strfreev);
}

static gboolean
find_missing_in_repo (const VarvePrefetchSearch *search, VarveRepo *repo, gboolean *missing, GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (VarveLookupTable) table = varve_lookup_table_new (repo, cancellable, error);
  for (guint i = 0; table != NULL && i < search->image->manifest->layers->len; i++)
    {
      VarveLookup lookup;
      if (!varve_lookup_layer (table, search->image, i, &lookup, cancellable, error))
        return FALSE;
      missing[i] = !lookup.has;
      varve_lookup_clear (&lookup);
    }
  return table != NULL;
}

static gboolean
find_missing_in_store (const VarvePrefetchSearch *search, gboolean *missing, GError **error)
{
  for (guint i = 0; i < search->image->manifest->layers->len; i++)
    {
      gboolean has;
      if (!search->store->has_layer (search->store->data, &varve_manifest_layer (search->image->manifest, i)->digest,
                                     varve_config_diff_id (search->image->config, i), &has, error))
        return FALSE;
      missing[i] = !has;
    }
  return TRUE;
}

typedef struct {
  const VarvePrefetchSearch *search;
  VarveRepo *repo; /* of the files; NULL where they are in a folder */
} Files;

static gboolean
files_have_source (gpointer data, const VarveDeltaReferrer *delta)
{
  const Files *files = data;
  const GArray *manifests = files->search->manifests;
  for (guint i = 0; manifests != NULL && delta->has_source && i < manifests->len; i++)
    if (varve_digest_compare (&g_array_index (manifests, VarveDigest, i), &delta->source) == 0)
      return TRUE;
  gboolean has = FALSE;
  VarveDigest commit;
  const char *named = varve_descriptor_annotation (delta->descriptor, VARVE_DELTA_SOURCE_COMMIT);
  return files->repo != NULL && varve_delta_base_find (files->repo, named, &delta->source_config, &has, &commit, NULL)
         && has;
}

static gboolean
choose (const VarvePrefetchSearch *search, const VarveDeltaOffers *offers, VarveDeltaChoice *choice,
        GCancellable *cancellable, GError **error)
{
  g_autofree gboolean *missing = g_new0 (gboolean, search->image->manifest->layers->len + 1);
  g_autoptr (VarveRepo) repo = NULL;
  varve_observer_begin (search->observer, "looking for deltas", 0);
  if (search->delta.repo_path != NULL && (repo = varve_repo_open (search->delta.repo_path, cancellable, error)) == NULL)
    return FALSE;
  if (search->store != NULL ? !find_missing_in_store (search, missing, error)
                            : !find_missing_in_repo (search, repo, missing, cancellable, error))
    return FALSE;
  Files files = { .search = search, .repo = repo };
  VarveDeltaSearch deltas = {
    .image = search->image,
    .missing = missing,
    .max_steps = search->store == NULL ? search->max_steps : 1,
    .has_source = files_have_source,
    .data = &files,
    .limits = { .max_cpu_seconds = search->delta.max_cpu_seconds, .memory = search->delta.memory },
    .observer = search->observer,
    .cancellable = cancellable,
  };
  return varve_delta_search (&deltas, offers, choice, error);
}

/* Takes the delta at @position. */
static VarvePrefetchDelta *
open_step (const VarvePrefetchSearch *search, const VarveDeltaChoice *choice, guint position, GCancellable *cancellable,
           GError **error)
{
  VarveDelta *delta = g_ptr_array_steal_index (choice->deltas, position);
  VarvePrefetchDeltaOptions options = search->delta;
  options.is_strict = TRUE;
  return varve_prefetch_delta_new (delta, &options, search->observer, cancellable, error);
}

static gboolean
apply_step (const VarvePrefetchSearch *search, VarvePrefetchDelta *delta, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveImage) image = varve_prefetch_delta_image (delta, error);
  if (image == NULL)
    return FALSE;
  VarvePrefetchOptions job = *search->job;
  job.tars = varve_prefetch_delta_tars (delta);
  g_autoptr (VarvePrefetch) result = varve_prefetch_image (image, &job, search->observer, cancellable, error);
  return result != NULL;
}

static gboolean
apply_all (const VarvePrefetchSearch *search, const VarveDeltaChoice *choice, VarvePrefetchDelta **out_last,
           GCancellable *cancellable, GError **error)
{
  while (choice->deltas->len > 1)
    {
      g_autoptr (VarvePrefetchDelta) step = open_step (search, choice, 0, cancellable, error);
      if (step == NULL || !apply_step (search, step, cancellable, error))
        return FALSE;
    }
  *out_last = open_step (search, choice, 0, cancellable, error);
  return *out_last != NULL;
}

static char **
list_digests (const VarveDeltaChoice *choice)
{
  char **digests = g_new0 (char *, choice->deltas->len + 1);
  for (guint i = 0; i < choice->deltas->len; i++)
    digests[i] = varve_digest_to_string (&((VarveDelta *)choice->deltas->pdata[i])->descriptor->digest);
  return digests;
}

gboolean
varve_prefetch_find_deltas (const VarvePrefetchSearch *search, const VarveDeltaOffers *offers,
                            VarvePrefetchFound *out_found, GCancellable *cancellable, GError **error)
{
  g_auto (VarveDeltaChoice) choice = { 0 };
  g_autoptr (GError) failure = NULL;
  g_auto (VarvePrefetchFound) found = { 0 };
  if (!choose (search, offers, &choice, cancellable, error))
    return FALSE;
  found.bytes = choice.bytes;
  found.digests = list_digests (&choice);
  if (choice.deltas->len > 0 && !apply_all (search, &choice, &found.last, cancellable, &failure))
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      varve_observer_warn (search->observer, "deltas cannot be applied, fetching the layers: %s", failure->message);
      g_clear_pointer (&found.digests, g_strfreev);
      found.bytes = choice.full_bytes;
    }
  *out_found = found;
  found = (VarvePrefetchFound){ 0 };
  return TRUE;
}
