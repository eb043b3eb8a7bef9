/* SPDX-License-Identifier: Apache-2.0 */
/* Pushes by digest first, then once for each tag, so that no tag names an image whose blobs are not all there. */
#include "transport/push.h"

#include "base/error.h"
#include "oci/image.h"
#include "skopeo/skopeo.h"
#include "transport/push-source.h"
#include "transport/sent-blobs.h"

typedef struct {
  const VarveReference *target;
  const VarvePushOptions *options;
  VarvePushSource *source;
  VarveSentBlobs *sent;
} Push;

typedef enum {
  UNSIGNED,
  SIGNED,
} Signed;

static gboolean
push_add_signing (VarveSkopeo *skopeo, const VarveSigning *signing, GError **error)
{
  const char *const options[][2] = {
    { "sign-by", signing->sign_by },
    { "sign-by-sigstore", signing->sign_by_sigstore },
    { "sign-by-sigstore-private-key", signing->sign_by_sigstore_private_key },
    { "sign-identity", signing->sign_identity },
    { "sign-passphrase-file", signing->sign_passphrase_file },
  };
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    if (options[i][1] != NULL && !varve_skopeo_add_option (skopeo, options[i][0], options[i][1], error))
      return FALSE;
  return TRUE;
}

static void
poll_sent_blobs (gpointer data)
{
  varve_sent_blobs_poll (data);
}

/* A thin layout may lack a layer that the registry has. */
static void
push_explain_thin (const Push *push, GError **error)
{
  if (error != NULL && g_error_matches (*error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND)
      && g_strrstr ((*error)->message, push->source->path) != NULL)
    g_prefix_error (error, "a blob is in neither the layout nor the registry's repository: ");
}

static gboolean
push_copy (Push *push, const VarveReference *target, Signed is_signed, GError **error)
{
  g_autoptr (VarveSkopeo) skopeo = varve_skopeo_new (target->access, error);
  if (skopeo == NULL)
    return FALSE;
  varve_skopeo_add (skopeo, "copy");
  varve_skopeo_add (skopeo, "--preserve-digests");
  if (varve_image_is_index (push->source->descriptor))
    varve_skopeo_add (skopeo, "--all");
  if ((is_signed == SIGNED && !push_add_signing (skopeo, &push->options->signing, error))
      || !varve_skopeo_add_access (skopeo, target, "dest-", error))
    return FALSE;
  g_autofree char *place = g_strconcat ("oci:", push->source->path, NULL);
  varve_skopeo_add (skopeo, place);
  varve_skopeo_add_reference (skopeo, target);
  varve_skopeo_set_watch (skopeo, poll_sent_blobs, push->sent);
  g_autoptr (GBytes) output = varve_skopeo_run (skopeo, error);
  if (output == NULL)
    push_explain_thin (push, error);
  return output != NULL;
}

static gboolean
push_check_digest (const Push *push, const char *digest, GError **error)
{
  const char *ref = push->target->ref;
  if (ref == NULL || ref[0] != '@' || g_str_equal (ref + 1, digest))
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "the image has the digest '%s': expected '%s'", digest, ref + 1);
  return FALSE;
}

/* In the order in which they are set. */
static GPtrArray *
push_list_tags (const Push *push)
{
  GPtrArray *tags = g_ptr_array_new_with_free_func (g_free);
  const char *own = push->target->ref;
  if (own != NULL && own[0] != '@')
    g_ptr_array_add (tags, g_strdup (own));
  for (guint i = 0; push->options->tags != NULL && push->options->tags[i] != NULL; i++)
    if (!g_ptr_array_find_with_equal_func (tags, push->options->tags[i], g_str_equal, NULL))
      g_ptr_array_add (tags, g_strdup (push->options->tags[i]));
  if (tags->len == 0 && own == NULL)
    g_ptr_array_add (tags, g_strdup ("latest"));
  return tags;
}

static gboolean
push_to_registry (Push *push, GPtrArray *tags, const char *digest, GError **error)
{
  g_autofree char *ref = g_strconcat ("@", digest, NULL);
  g_autoptr (VarveReference) exact = varve_reference_with_ref (push->target, ref);
  VarvePushStep step = push->options->step;
  if (!push_check_digest (push, digest, error)
      || (step != VARVE_PUSH_TAGS && !push_copy (push, exact, tags->len == 0 ? SIGNED : UNSIGNED, error)))
    return FALSE;
  for (guint i = 0; step != VARVE_PUSH_CONTENT && i < tags->len; i++)
    {
      g_autoptr (VarveReference) tagged = varve_reference_with_ref (push->target, g_ptr_array_index (tags, i));
      if (!push_copy (push, tagged, SIGNED, error))
        {
          g_prefix_error (error, "tag '%s': ", (const char *)g_ptr_array_index (tags, i));
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
push_check_options (const VarveReference *target, const VarvePushOptions *options, GError **error)
{
  for (guint i = 0; options->tags != NULL && options->tags[i] != NULL; i++)
    if (!varve_reference_check_tag (options->tags[i], error))
      return FALSE;
  const char *problem = NULL;
  if (varve_reference_is_oci (target))
    problem = "is not a push target: use 'varve copy'";
  else if (target->transport != VARVE_TRANSPORT_DOCKER && options->tags != NULL && options->tags[0] != NULL)
    problem = "cannot have tags";
  if (problem == NULL)
    return TRUE;
  g_autofree char *escaped = varve_escape (target->text);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "'%s' %s", escaped, problem);
  return FALSE;
}

static void
push_sum_layers (const Push *push, VarvePushResult *result)
{
  GHashTableIter iter;
  gpointer size_bytes;
  g_hash_table_iter_init (&iter, push->source->layers);
  while (g_hash_table_iter_next (&iter, NULL, &size_bytes))
    result->layers_bytes += *(const guint64 *)size_bytes;
  result->n_layers = g_hash_table_size (push->source->layers);
}

gboolean
varve_push (const VarveReference *source, const VarveReference *target, const VarvePushOptions *options,
            VarvePushResult *out_result, GCancellable *cancellable, GError **error)
{
  if (!push_check_options (target, options, error))
    return FALSE;
  /* Fails before anything is sent when this skopeo lacks an option. */
  g_autoptr (VarveSkopeo) trial = varve_skopeo_new (target->access, error);
  if (trial == NULL || !push_add_signing (trial, &options->signing, error))
    return FALSE;
  g_autoptr (VarvePushSource) prepared = varve_push_source_new (source, cancellable, error);
  if (prepared == NULL)
    return FALSE;
  VarveObserver *observer = target->access != NULL ? target->access->observer : NULL;
  g_autoptr (VarveSentBlobs) sent = varve_sent_blobs_new (prepared->blobs_path, prepared->layers, observer);
  Push push = { .target = target, .options = options, .source = prepared, .sent = sent };
  g_autofree char *digest = varve_digest_to_string (&prepared->descriptor->digest);
  g_autoptr (GPtrArray) tags
      = target->transport == VARVE_TRANSPORT_DOCKER ? push_list_tags (&push) : g_ptr_array_new ();
  g_auto (VarvePushResult) result = { .digest = prepared->descriptor->digest };
  push_sum_layers (&push, &result);
  varve_observer_begin (observer, "pushing", result.layers_bytes);
  gboolean pushed = target->transport == VARVE_TRANSPORT_DOCKER ? push_to_registry (&push, tags, digest, error)
                                                                : push_copy (&push, target, SIGNED, error);
  if (!pushed)
    {
      g_prefix_error (error, "'%s': ", target->text);
      return FALSE;
    }
  result.tags = g_steal_pointer (&tags);
  result.knows_sent = varve_sent_blobs_count (sent, &result.n_sent, &result.sent_bytes);
  *out_result = result;
  result.tags = NULL;
  return TRUE;
}

void
varve_push_result_clear (VarvePushResult *result)
{
  g_clear_pointer (&result->tags, g_ptr_array_unref);
}
