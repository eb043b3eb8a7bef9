/* SPDX-License-Identifier: Apache-2.0 */
/* Decides whether a prefetch reads an image, a delta or both, and when to continue without the delta. */
#include "cli/prefetch-source.h"

#include "base/error.h"
#include "cli/delta-place.h"
#include "host/delta-offers.h"
#include "host/layered-blobs.h"
#include "publish/bundle.h"
#include "transport/open-image.h"

void
varve_prefetch_source_free (VarvePrefetchSource *source)
{
  g_clear_pointer (&source->image, varve_image_free); /* before the delta, which may own its blobs */
  g_clear_pointer (&source->delta, varve_prefetch_delta_free);
  varve_prefetch_found_clear (&source->found);
  g_free (source->image_name);
  g_free (source);
}

/* Leaves @out_delta NULL if the reference names no delta. */
static gboolean
open_delta (const VarvePrefetchSourceOptions *options, const VarveSession *session, const VarveReference *reference,
            VarvePrefetchDelta **out_delta, GError **error)
{
  const char *ref = varve_reference_is_oci (reference) ? reference->ref : NULL;
  g_autoptr (VarveBlobs) blobs = varve_open_blobs (reference, NULL, error);
  if (blobs == NULL)
    return FALSE;
  if (!varve_prefetch_is_delta (blobs, ref))
    return TRUE;
  VarveDelta *delta = varve_delta_open (g_steal_pointer (&blobs), ref, error);
  *out_delta = delta != NULL
                   ? varve_prefetch_delta_new (delta, &options->delta, session->observer, session->cancellable, error)
                   : NULL;
  return *out_delta != NULL;
}

/* Opens options->name as a delta, else as an image. */
static gboolean
open_named (const VarvePrefetchSourceOptions *options, VarveSession *session, const VarveReference *reference,
            VarvePrefetchSource *source, GError **error)
{
  if (!open_delta (options, session, reference, &source->delta, error))
    return FALSE;
  if (source->delta != NULL)
    return TRUE;
  source->image = varve_open_image (reference, options->architecture, error);
  if (source->image == NULL)
    return FALSE;
  source->image_name = g_strdup (options->name);
  return TRUE;
}

/* Opens options->wanted, which the upgrade pulls and whose signature the host checks; drops a delta to another image.
 */
static gboolean
open_wanted (const VarvePrefetchSourceOptions *options, VarveSession *session, VarvePrefetchSource *source,
             GError **error)
{
  source->image_name = g_strdup (options->wanted);
  source->image = varve_image_options_open (options->images, session, options->wanted, options->architecture, error);
  if (source->image == NULL || source->delta == NULL)
    return source->image != NULL;
  const VarveDigest *delta_target = varve_prefetch_delta_target (source->delta);
  if (varve_digest_compare (&source->image->descriptor->digest, delta_target) == 0)
    return TRUE;
  g_autofree char *target = varve_digest_to_string (delta_target),
                  *wanted = varve_digest_to_string (&source->image->descriptor->digest);
  varve_observer_warn (session->observer, "delta '%s' is not used: its target is %s, but '%s' is %s", options->name,
                       target, options->wanted, wanted);
  g_clear_pointer (&source->delta, varve_prefetch_delta_free);
  return TRUE;
}

static gboolean
has_fallback (const VarvePrefetchSourceOptions *options, const VarveSession *session)
{
  return options->wanted != NULL && !g_str_equal (options->name, options->wanted)
         && !g_cancellable_is_cancelled (session->cancellable);
}

static gboolean
open_all (const VarvePrefetchSourceOptions *options, VarveSession *session, const VarveReference *reference,
          VarvePrefetchSource *source, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gboolean is_open = open_named (options, session, reference, source, &failure);
  if (!is_open && !has_fallback (options, session))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (!is_open)
    varve_observer_warn (session->observer, "'%s' cannot be used, fetching everything from '%s': %s", options->name,
                         options->wanted, failure->message);
  if (source->image != NULL && options->needs_delta)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "'%s' is an image: --image requires a delta", options->name);
      return FALSE;
    }
  if (source->image != NULL)
    return TRUE;
  if (options->wanted != NULL)
    return open_wanted (options, session, source, error);
  source->image_name = g_strdup (options->name);
  source->image = varve_prefetch_delta_image (source->delta, error);
  return source->image != NULL;
}

static char *
folder_image_name (const VarvePrefetchSourceOptions *options)
{
  return g_strconcat ("oci:", options->folder, ":" VARVE_BUNDLE_IMAGE, NULL);
}

/* Nothing in the folder is trusted: all of it has digests that are checked, and a named image says which ones. */
static VarvePrefetchSource *
open_from_folder (const VarvePrefetchSourceOptions *options, VarveSession *session, GError **error)
{
  if (!varve_reference_check_folder (options->folder, error))
    return NULL;
  g_autoptr (VarvePrefetchSource) source = g_new0 (VarvePrefetchSource, 1);
  source->image_name = options->name != NULL ? g_strdup (options->name) : folder_image_name (options);
  source->image = varve_image_options_open (options->images, session, source->image_name, options->architecture, error);
  if (source->image == NULL || options->name == NULL)
    return source->image != NULL ? g_steal_pointer (&source) : NULL;
  g_autofree char *in_folder = folder_image_name (options);
  g_autoptr (VarveReference) folder = varve_reference_parse (in_folder, error);
  VarveBlobs *near = folder != NULL ? varve_open_layout (folder, error) : NULL;
  if (near == NULL)
    return NULL;
  source->image->blobs = varve_layered_blobs_new (near, source->image->blobs, session->observer);
  return g_steal_pointer (&source);
}

VarvePrefetchSource *
varve_prefetch_source_open (const VarvePrefetchSourceOptions *options, VarveSession *session, GError **error)
{
  if (options->folder != NULL)
    return open_from_folder (options, session, error);
  g_autoptr (VarveReference) reference
      = varve_delta_place_parse (options->images, session, VARVE_SIDE_SOURCE, options->name, error);
  g_autoptr (VarvePrefetchSource) source = g_new0 (VarvePrefetchSource, 1);
  if (reference == NULL || !open_all (options, session, reference, source, error))
    return NULL;
  return g_steal_pointer (&source);
}

gboolean
varve_prefetch_source_search (VarvePrefetchSource *source, const VarvePrefetchSourceOptions *options,
                              VarvePrefetchSearch *search, VarveSession *session, GError **error)
{
  if (source->delta != NULL)
    return TRUE;
  g_autoptr (GError) failure = NULL;
  g_autofree char *in_folder = options->folder != NULL ? folder_image_name (options) : NULL;
  g_autoptr (VarveReference) place = varve_delta_place_parse (
      options->images, session, VARVE_SIDE_SOURCE, in_folder != NULL ? in_folder : source->image_name, error);
  if (place == NULL)
    return FALSE;
  g_autoptr (VarveDeltaOffers) offers
      = varve_delta_offers_new (place, session->observer, session->cancellable, &failure);
  search->image = source->image;
  search->delta = options->delta;
  search->observer = session->observer;
  if (failure != NULL)
    varve_observer_warn (session->observer, "looking for deltas: %s", failure->message);
  return offers == NULL || varve_prefetch_find_deltas (search, offers, &source->found, session->cancellable, error);
}

const VarveTarSource *
varve_prefetch_source_tars (const VarvePrefetchSource *source)
{
  const VarvePrefetchDelta *delta = source->delta != NULL ? source->delta : source->found.last;
  return delta != NULL ? varve_prefetch_delta_tars (delta) : NULL;
}
