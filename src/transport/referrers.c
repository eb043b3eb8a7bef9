/* SPDX-License-Identifier: Apache-2.0 */
/* The registry has no conditional write. A publisher that reads a list, and writes it before the next one reads it,
 * loses nothing; one that is slower replaces what others wrote in between. So a list is read again after as long as the
 * slowest writing took. */
#include "transport/referrers.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/temporary-folder.h"
#include "oci/layout.h"
#include "skopeo/proxied-blobs.h"
#include "skopeo/registry-api.h"
#include "skopeo/skopeo.h"

enum {
  ATTEMPTS = 20,
  SETTLE_MIN_USEC = 1500 * 1000, /* a run of skopeo on loopback takes 100 to 300 ms */
  SETTLE_FACTOR = 2,             /* another publisher may be as much slower */
  PAUSE_MAX_USEC = 400 * 1000,
};

static const char CANNOT_PRESERVE[] = "Manifest list must be converted";

char *
varve_referrers_tag (const VarveDigest *subject)
{
  g_autofree char *hex = varve_digest_to_hex (subject);
  return g_strconcat ("sha256-", hex, NULL);
}

static VarveReference *
list_reference (const VarveReference *repository, const VarveDigest *subject)
{
  g_autofree char *tag = varve_referrers_tag (subject);
  return varve_reference_with_ref (repository, tag);
}

/* NULL without an error where there is no list under the tag. */
static gboolean
read_tag (const VarveReference *list, VarveIndex **out_index, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GBytes) bytes = varve_load_raw_manifest (list, &failure);
  *out_index = NULL;
  if (bytes == NULL && g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    return TRUE;
  if (bytes == NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    *out_index = varve_index_from_bytes (bytes, error);
  if (*out_index == NULL)
    g_prefix_error (error, "list of referrers '%s': ", list->text);
  return *out_index != NULL;
}

static VarveObserver *
observer_of (const VarveReference *reference)
{
  return reference->access != NULL ? reference->access->observer : NULL;
}

/* Many registries have no Referrers API, and answer in many ways; so does a build without libcurl. What else fails is a
 * warning, because the tag alone is enough for what varve publishes. */
static VarveIndex *
read_api (const VarveReference *repository, const VarveDigest *subject)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GBytes) bytes = varve_registry_referrers (repository, subject, &failure);
  VarveIndex *index = bytes != NULL ? varve_index_from_bytes (bytes, &failure) : NULL;
  if (index != NULL)
    return index;
  if (!g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND)
      && !g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED))
    varve_observer_warn (observer_of (repository), "'%s': the Referrers API cannot be used: %s", repository->text,
                         failure->message);
  return varve_index_new ();
}

typedef enum {
  FROM_TAG,
  FROM_API, /* there is no list under the tag */
} ReadFrom;

static VarveIndex *
read_list (const VarveReference *repository, const VarveDigest *subject, ReadFrom *out_from, GError **error)
{
  g_autoptr (VarveReference) list = list_reference (repository, subject);
  VarveIndex *index;
  if (!read_tag (list, &index, error))
    return NULL;
  *out_from = index != NULL ? FROM_TAG : FROM_API;
  return index != NULL ? index : read_api (repository, subject);
}

VarveIndex *
varve_referrers_read (const VarveReference *repository, const VarveDigest *subject, GError **error)
{
  ReadFrom from;
  return read_list (repository, subject, &from, error);
}

VarveIndex *
varve_referrers_read_all (const VarveReference *repository, const VarveDigest *subject, GError **error)
{
  ReadFrom from;
  g_autoptr (VarveIndex) all = read_list (repository, subject, &from, error);
  if (all == NULL || from == FROM_API)
    return g_steal_pointer (&all);
  g_autoptr (VarveIndex) listed = read_api (repository, subject);
  for (guint i = 0; i < listed->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (listed, i);
      if (!varve_index_has (all, &entry->digest) && !varve_index_add (all, entry, error))
        return NULL;
    }
  return g_steal_pointer (&all);
}

VarveReferrersChange *
varve_referrers_change_new (const VarveDigest *subject)
{
  VarveReferrersChange *change = g_new0 (VarveReferrersChange, 1);
  change->subject = *subject;
  change->added = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_descriptor_free);
  change->removed = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
  return change;
}

void
varve_referrers_change_free (VarveReferrersChange *change)
{
  g_ptr_array_unref (change->added);
  g_hash_table_unref (change->removed);
  g_free (change);
}

void
varve_referrers_change_add (VarveReferrersChange *change, const VarveDescriptor *descriptor)
{
  g_ptr_array_add (change->added, varve_descriptor_copy (descriptor));
}

void
varve_referrers_change_remove (VarveReferrersChange *change, const VarveDigest *digest)
{
  g_hash_table_add (change->removed, g_memdup2 (digest, sizeof *digest));
}

/* A layout with the list alone: what its entries name is in the registry. */
static gboolean
write_layout (const char *path, GBytes *list, GError **error)
{
  VarveDigest digest = varve_digest_of (g_bytes_get_data (list, NULL), g_bytes_get_size (list));
  g_autofree char *hex = varve_digest_to_hex (&digest);
  g_autofree char *blobs = g_build_filename (path, "blobs", "sha256", NULL);
  g_autofree char *blob = g_build_filename (blobs, hex, NULL);
  g_autofree char *file = g_build_filename (path, VARVE_LAYOUT_FILE, NULL);
  g_autofree char *index_file = g_build_filename (path, VARVE_LAYOUT_INDEX, NULL);
  g_autoptr (VarveIndex) index = varve_index_new ();
  g_autoptr (VarveDescriptor) entry = varve_descriptor_new (VARVE_MEDIA_TYPE_INDEX, &digest, g_bytes_get_size (list));
  if (g_mkdir_with_parents (blobs, 0700) != 0)
    return varve_set_errno (error, errno, "creating '%s'", blobs);
  if (!varve_index_add (index, entry, error))
    return FALSE;
  g_autoptr (GBytes) bytes = varve_index_to_bytes (index);
  return g_file_set_contents (blob, g_bytes_get_data (list, NULL), (gssize)g_bytes_get_size (list), error)
         && g_file_set_contents (index_file, g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes), error)
         && g_file_set_contents (file, VARVE_LAYOUT_CONTENT, -1, error);
}

static gboolean
push_bytes (const VarveReference *list, GBytes *bytes, GError **error)
{
  g_autoptr (VarveTemporaryFolder) scratch = varve_temporary_folder_new (NULL, error);
  g_autoptr (VarveSkopeo) skopeo = scratch != NULL ? varve_skopeo_new (list->access, error) : NULL;
  if (skopeo == NULL)
    return FALSE;
  g_autofree char *path = g_build_filename (varve_temporary_folder_path (scratch), "list", NULL);
  g_autofree char *place = g_strconcat ("oci:", path, NULL);
  if (!write_layout (path, bytes, error))
    return FALSE;
  varve_skopeo_add (skopeo, "copy");
  varve_skopeo_add (skopeo, "--preserve-digests");
  varve_skopeo_add (skopeo, "--multi-arch=index-only");
  if (!varve_skopeo_add_access (skopeo, list, "dest-", error))
    return FALSE;
  varve_skopeo_add (skopeo, place);
  varve_skopeo_add_reference (skopeo, list);
  g_autoptr (GBytes) output = varve_skopeo_run (skopeo, error);
  return output != NULL;
}

static gboolean
is_cancelled (const VarveReference *reference)
{
  return reference->access != NULL && g_cancellable_is_cancelled (reference->access->cancellable);
}

static gboolean
push_untyped (const VarveReference *list, const VarveIndex *index, const char *why, GError **error)
{
  varve_observer_warn (observer_of (list),
                       "'%s': this skopeo drops the artifact types in a list of referrers, and varve cannot write the "
                       "list itself (%s): other tools cannot tell what is in it; a newer skopeo can",
                       list->text, why);
  g_autoptr (VarveIndex) plain = varve_index_new ();
  for (guint i = 0; i < index->manifests->len; i++)
    {
      g_autoptr (VarveDescriptor) entry = varve_descriptor_copy (varve_index_entry (index, i));
      g_clear_pointer (&entry->artifact_type, g_free);
      if (!varve_index_add (plain, entry, error))
        return FALSE;
    }
  g_autoptr (GBytes) plain_bytes = varve_index_to_bytes (plain);
  return push_bytes (list, plain_bytes, error);
}

/* skopeo of Debian 12 (1.9) does not know the artifact type of an entry, and so refuses to push the list unchanged. */
static gboolean
push_list (const VarveReference *list, const VarveIndex *index, GError **error)
{
  g_autoptr (GBytes) bytes = varve_index_to_bytes (index);
  g_autoptr (GError) failure = NULL;
  if (push_bytes (list, bytes, &failure))
    return TRUE;
  if (strstr (failure->message, CANNOT_PRESERVE) != NULL)
    {
      g_clear_error (&failure);
      if (varve_registry_put_index (list, bytes, &failure))
        return TRUE;
      if (!g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND) && !is_cancelled (list))
        return push_untyped (list, index, failure->message, error);
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* With the right artifact type: not all registries and all versions of skopeo keep it. */
static gboolean
has_entry (const VarveIndex *index, const VarveDescriptor *descriptor)
{
  for (guint i = 0; i < index->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (index, i);
      if (varve_digest_compare (&entry->digest, &descriptor->digest) == 0)
        return entry->artifact_type == NULL || g_strcmp0 (entry->artifact_type, descriptor->artifact_type) == 0;
    }
  return FALSE;
}

/* Whether @index was changed. */
static gboolean
change_list (const VarveReferrersChange *change, VarveIndex *index, gboolean *out_changed, GError **error)
{
  *out_changed = FALSE;
  GHashTableIter iter;
  gpointer digest;
  g_hash_table_iter_init (&iter, change->removed);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    *out_changed |= varve_index_remove (index, digest);
  for (guint i = 0; i < change->added->len; i++)
    {
      const VarveDescriptor *descriptor = change->added->pdata[i];
      if (has_entry (index, descriptor) || g_hash_table_contains (change->removed, &descriptor->digest))
        continue;
      varve_index_remove (index, &descriptor->digest);
      if (!varve_index_add (index, descriptor, error))
        return FALSE;
      *out_changed = TRUE;
    }
  return TRUE;
}

static gboolean
is_added (const VarveReferrersChange *change, const VarveDigest *digest)
{
  for (guint i = 0; i < change->added->len; i++)
    if (varve_digest_compare (&((const VarveDescriptor *)change->added->pdata[i])->digest, digest) == 0)
      return TRUE;
  return FALSE;
}

/* Registries refuse a list with an entry whose manifest was deleted, so such entries go. */
static void
remove_absent (const VarveReference *repository, const VarveIndex *index, VarveReferrersChange *change)
{
  for (guint i = 0; i < index->manifests->len && !is_cancelled (repository); i++)
    {
      const VarveDigest *digest = &varve_index_entry (index, i)->digest;
      g_autoptr (VarveReference) entry = varve_reference_with_digest (repository, digest);
      g_autoptr (GError) failure = NULL;
      if (is_added (change, digest))
        continue;
      g_autoptr (GBytes) bytes = varve_load_raw_manifest (entry, &failure);
      if (bytes == NULL && g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
        varve_referrers_change_remove (change, digest);
    }
}

gboolean
varve_referrers_apply (const VarveReference *repository, VarveReferrersChange *change, GError **error)
{
  g_autoptr (VarveReference) list = list_reference (repository, &change->subject);
  g_autoptr (GError) failure = NULL;
  for (guint i = 0; i < ATTEMPTS; i++)
    {
      gint64 start = g_get_monotonic_time ();
      gboolean changed;
      ReadFrom from;
      g_autoptr (VarveIndex) index = read_list (repository, &change->subject, &from, error);
      if (index == NULL || !change_list (change, index, &changed, error))
        return FALSE;
      if (!changed && (from == FROM_TAG || index->manifests->len == 0))
        return TRUE;
      if (i > 0)
        g_usleep ((gulong)g_random_int_range (0, PAUSE_MAX_USEC));
      /* Another publisher may have removed a manifest that was in the list. */
      g_clear_error (&failure);
      if (!push_list (list, index, &failure) && !g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
        break;
      if (failure != NULL && i >= 1)
        remove_absent (repository, index, change);
      change->window_usec = MAX (change->window_usec, g_get_monotonic_time () - start);
    }
  if (failure != NULL)
    g_propagate_prefixed_error (error, g_steal_pointer (&failure), "list of referrers '%s': ", list->text);
  else
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO,
                 "list of referrers '%s': others changed it after each of %d attempts to write it: run this again",
                 list->text, ATTEMPTS);
  return FALSE;
}

static gint64
longest_window (const GPtrArray *changes)
{
  gint64 longest = 0;
  for (guint i = 0; i < changes->len; i++)
    longest = MAX (longest, ((const VarveReferrersChange *)changes->pdata[i])->window_usec);
  return longest;
}

static gboolean
wait_usec (gint64 usec, GCancellable *cancellable, GError **error)
{
  for (gint64 end = g_get_monotonic_time () + usec; g_get_monotonic_time () < end; g_usleep (50 * 1000))
    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
  return TRUE;
}

gboolean
varve_referrers_settle (const VarveReference *repository, const GPtrArray *changes, GCancellable *cancellable,
                        GError **error)
{
  for (guint i = 0; i < ATTEMPTS; i++)
    {
      gint64 window = longest_window (changes);
      if (window == 0)
        return TRUE;
      if (!wait_usec (MAX (SETTLE_FACTOR * window, SETTLE_MIN_USEC), cancellable, error))
        return FALSE;
      for (guint k = 0; k < changes->len; k++)
        {
          VarveReferrersChange *change = changes->pdata[k];
          if (change->window_usec == 0)
            continue;
          change->window_usec = 0;
          if (!varve_referrers_apply (repository, change, error))
            return FALSE;
        }
    }
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO,
               "'%s': others changed the lists of referrers during each of %d attempts to write them: run this again",
               repository->text, ATTEMPTS);
  return FALSE;
}
