/* SPDX-License-Identifier: Apache-2.0 */
/* One run of creation makes all deltas to the new image, because it reads the new image and tries its recipes once. */
#include "publish/image-deltas.h"

#include "base/error.h"
#include "base/temporary-folder.h"
#include "delta/create.h"
#include "oci/predecessors.h"
#include "transport/nearest-blobs.h"
#include "transport/open-image.h"

/* For one of the new images. */
typedef struct {
  VarvePublisher *publisher;
  VarveImage *new;
  GPtrArray *there;  /* VarveDeltaReferrer: to the new image */
  GPtrArray *opened; /* VarveImage, owned: of the next two */
  GPtrArray *olds;   /* VarveImage to start from */
  GPtrArray *backs;  /* VarveImage to go back to */
  GHashTable *seen;  /* of VarveDigest: images that were considered */
} Work;

static void
work_clear (Work *work)
{
  g_clear_pointer (&work->there, g_ptr_array_unref);
  g_clear_pointer (&work->opened, g_ptr_array_unref);
  g_clear_pointer (&work->olds, g_ptr_array_unref);
  g_clear_pointer (&work->backs, g_ptr_array_unref);
  g_clear_pointer (&work->seen, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

/* Blobs that the layout has, as it does after builds into the same one, are not downloaded. */
static void
use_local_blobs (const VarvePublisher *publisher, VarveImage *image)
{
  image->blobs = varve_nearest_blobs_new (publisher->local, image->blobs);
}

/* An image of the registry; NULL without an error where it is no longer there. */
static gboolean
open_old (Work *work, const VarveDigest *digest, VarveImage **out_image, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (VarveReference) reference = varve_reference_with_digest (work->publisher->target, digest);
  *out_image = varve_open_image (reference, work->new->config->architecture, &failure);
  if (*out_image == NULL && !g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (*out_image == NULL)
    return TRUE;
  use_local_blobs (work->publisher, *out_image);
  g_ptr_array_add (work->opened, *out_image);
  return TRUE;
}

static gboolean
wants_way_back (const Work *work, const VarveDigest *old, gboolean *out_wants, GError **error)
{
  *out_wants = FALSE;
  if (work->publisher->options->ways != VARVE_PUBLISH_BOTH_WAYS)
    return TRUE;
  g_autoptr (GPtrArray) deltas = varve_delta_referrers_list (work->publisher->target, old, error);
  if (deltas == NULL)
    return FALSE;
  const VarveDeltaReferrer *delta = varve_publisher_find (deltas, &work->new->descriptor->digest);
  if (delta != NULL)
    varve_publisher_report (work->publisher, VARVE_PUBLISHED_THERE, old, delta);
  *out_wants = delta == NULL;
  return TRUE;
}

/* *@out_has: whether there is a delta from the old image, or will be. */
static gboolean
add_old (Work *work, const VarveDigest *digest, gboolean *out_has, GError **error)
{
  gboolean is_there = varve_publisher_find (work->there, digest) != NULL, wants_back;
  *out_has = is_there;
  if (varve_digest_compare (digest, &work->new->descriptor->digest) == 0
      || !g_hash_table_add (work->seen, g_memdup2 (digest, sizeof *digest)))
    return TRUE;
  if (!wants_way_back (work, digest, &wants_back, error))
    return FALSE;
  VarveImage *image = NULL;
  if ((!is_there || wants_back) && !open_old (work, digest, &image, error))
    return FALSE;
  if (image == NULL)
    return TRUE;
  if (!is_there)
    g_ptr_array_add (work->olds, image);
  if (wants_back)
    g_ptr_array_add (work->backs, image);
  *out_has = TRUE;
  return TRUE;
}

static gboolean
add_last (Work *work, const GPtrArray *earlier, GError **error)
{
  for (guint i = 0, n = 0; i < earlier->len && n < work->publisher->options->n_last; i++)
    {
      gboolean has;
      if (!add_old (work, &((const VarvePredecessor *)earlier->pdata[i])->digest, &has, error))
        return FALSE;
      n += has ? 1 : 0;
    }
  return TRUE;
}

/* An image that the user named must be there. */
static gboolean
add_named (Work *work, const char *ref, GError **error)
{
  gboolean has;
  g_autoptr (VarveReference) reference = varve_reference_with_ref (work->publisher->target, ref);
  g_autoptr (VarveImage) image = varve_open_image (reference, work->new->config->architecture, error);
  return image != NULL && add_old (work, &image->descriptor->digest, &has, error);
}

static gboolean
make (Work *work, GPtrArray *olds, const VarveImage *new, const char *path, GError **error)
{
  VarvePublisher *publisher = work->publisher;
  g_autoptr (VarveReference) place = varve_reference_in_folder (path, "delta", error);
  g_autoptr (GPtrArray) made = place != NULL ? varve_delta_create (olds, new, place, &publisher->options->create,
                                                                   publisher->cancellable, error)
                                             : NULL;
  for (guint i = 0; made != NULL && i < made->len; i++)
    {
      g_autoptr (VarveReference) one
          = varve_reference_parse (((const VarveDeltaResult *)made->pdata[i])->target, error);
      if (one == NULL || !varve_publisher_add (publisher, VARVE_PUBLISHED_MADE, one, error))
        return FALSE;
    }
  return made != NULL;
}

static gboolean
make_all (Work *work, GError **error)
{
  if (work->olds->len == 0 && work->backs->len == 0)
    return TRUE;
  /* The layout may lack what the registry has. */
  g_autoptr (VarveReference) reference
      = varve_reference_with_digest (work->publisher->target, &work->new->descriptor->digest);
  VarveBlobs *far = varve_open_blobs (reference, work->new->config->architecture, error);
  g_autoptr (VarveTemporaryFolder) scratch
      = far != NULL ? varve_temporary_folder_new (work->publisher->options->create.work_path, error) : NULL;
  if (far != NULL)
    {
      varve_blobs_free (work->new->blobs);
      work->new->blobs = far;
      use_local_blobs (work->publisher, work->new);
    }
  if (scratch == NULL)
    return FALSE;
  g_autofree char *path = g_build_filename (varve_temporary_folder_path (scratch), "deltas", NULL);
  if (work->olds->len > 0 && !make (work, work->olds, work->new, path, error))
    return FALSE;
  for (guint i = 0; i < work->backs->len; i++)
    {
      g_autofree char *back = g_strdup_printf ("%s-%u", path, i);
      g_autoptr (GPtrArray) from = g_ptr_array_new ();
      g_ptr_array_add (from, work->new);
      if (!make (work, from, work->backs->pdata[i], back, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
varve_image_deltas_publish (VarvePublisher *publisher, VarveImage *image, const GPtrArray *earlier, GError **error)
{
  g_auto (Work) work = { .publisher = publisher, .new = image };
  const VarvePublishOptions *options = publisher->options;
  work.there = varve_delta_referrers_list (publisher->target, &image->descriptor->digest, error);
  work.opened = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_image_free);
  work.olds = g_ptr_array_new ();
  work.backs = g_ptr_array_new ();
  work.seen = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
  if (work.there == NULL)
    return FALSE;
  for (guint i = 0; i < work.there->len; i++)
    varve_publisher_report (publisher, VARVE_PUBLISHED_THERE, &image->descriptor->digest, work.there->pdata[i]);
  if (!add_last (&work, earlier, error))
    return FALSE;
  for (guint i = 0; i < options->named->len; i++)
    if (!add_named (&work, options->named->pdata[i], error))
      return FALSE;
  return make_all (&work, error);
}
