/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/given-deltas.h"

#include <string.h>

#include "base/error.h"
#include "oci/layout.h"
#include "transport/open-image.h"

enum { DEPTH_MAX = 4, FILES_MAX = 1000 };

typedef struct {
  VarvePublisher *publisher;
  guint n_files; /* archives and layouts that were read */
  guint n_used;
} Search;

static gboolean
is_new_image (const VarvePublisher *publisher, const VarveDigest *digest)
{
  for (guint i = 0; i < publisher->images->len; i++)
    if (varve_digest_compare (&((const VarveImage *)publisher->images->pdata[i])->descriptor->digest, digest) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_wanted (const VarvePublisher *publisher, const VarveDelta *delta, const VarveDigest *source)
{
  return is_new_image (publisher, &delta->target_descriptor->digest)
         || (publisher->options->ways == VARVE_PUBLISH_BOTH_WAYS && source != NULL && is_new_image (publisher, source));
}

/* One delta from the same image is enough. */
static gboolean
is_there (VarvePublisher *publisher, const VarveDigest *target, const VarveDigest *source, gboolean *out_is_there,
          GError **error)
{
  g_autoptr (GPtrArray) deltas = varve_delta_referrers_list (publisher->target, target, error);
  if (deltas == NULL)
    return FALSE;
  *out_is_there = source != NULL && varve_publisher_find (deltas, source) != NULL;
  return TRUE;
}

static gboolean
use_delta (Search *search, const VarveReference *place, GError **error)
{
  VarvePublisher *publisher = search->publisher;
  VarveBlobs *blobs = varve_open_layout (place, error);
  g_autoptr (VarveDelta) delta = blobs != NULL ? varve_delta_open (blobs, place->ref, error) : NULL;
  if (delta == NULL)
    return FALSE;
  VarveDigest digest;
  const char *text = varve_string_map_get (delta->manifest->annotations, VARVE_DELTA_SOURCE);
  const VarveDigest *source = text != NULL && varve_digest_from_string (text, &digest, NULL) ? &digest : NULL;
  const VarveDigest *target = &delta->target_descriptor->digest;
  if (!is_wanted (publisher, delta, source))
    return TRUE;
  gboolean there;
  if (!is_there (publisher, target, source, &there, error)
      || (!there && !varve_publisher_add (publisher, VARVE_PUBLISHED_GIVEN, place, error)))
    return FALSE;
  search->n_used++;
  return TRUE;
}

/* Whether an entry of a layout is a delta: others are left alone. */
static gboolean
is_delta (VarveBlobs *blobs, const VarveDescriptor *entry, gboolean *out_is_delta, GError **error)
{
  *out_is_delta = FALSE;
  if (varve_image_is_index (entry))
    return TRUE;
  g_autoptr (GBytes) bytes = varve_blobs_load (blobs, entry, VARVE_DOCUMENT_MAX_BYTES, error);
  g_autoptr (VarveManifest) manifest = bytes != NULL ? varve_manifest_from_bytes (bytes, error) : NULL;
  *out_is_delta = manifest != NULL && g_strcmp0 (manifest->artifact_type, VARVE_DELTA_ARTIFACT_TYPE) == 0;
  return manifest != NULL;
}

/* @transport is "oci" or "oci-archive". */
static gboolean
use_place (Search *search, const char *transport, const char *path, GError **error)
{
  if (++search->n_files > FILES_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than %d layouts and archives", FILES_MAX);
      return FALSE;
    }
  if (!varve_reference_check_folder (path, error))
    return FALSE;
  g_autofree char *text = g_strdup_printf ("%s:%s", transport, path);
  g_autoptr (VarveReference) place = varve_reference_parse (text, error);
  g_autoptr (VarveBlobs) blobs = place != NULL ? varve_open_layout (place, error) : NULL;
  g_autoptr (GBytes) bytes = blobs != NULL ? varve_blobs_load_index (blobs, error) : NULL;
  g_autoptr (VarveIndex) index = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  for (guint i = 0; index != NULL && i < index->manifests->len; i++)
    {
      gboolean found;
      if (!is_delta (blobs, varve_index_entry (index, i), &found, error))
        return FALSE;
      g_autofree char *digest = varve_digest_to_string (&varve_index_entry (index, i)->digest);
      g_autofree char *exact = g_strdup_printf ("%s:@%s", text, digest);
      g_autoptr (VarveReference) entry = varve_reference_parse (exact, error);
      if (entry == NULL || (found && !use_delta (search, entry, error)))
        return FALSE;
    }
  return index != NULL;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
sorted_names (const char *path, GError **error)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, error);
  if (folder == NULL)
    return NULL;
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  for (const char *name = g_dir_read_name (folder); name != NULL && names->len <= FILES_MAX;
       name = g_dir_read_name (folder))
    if (name[0] != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

static gboolean
use_folder (Search *search, const char *path, guint depth, GError **error)
{
  g_autofree char *layout_file = g_build_filename (path, VARVE_LAYOUT_FILE, NULL);
  if (g_file_test (layout_file, G_FILE_TEST_EXISTS))
    return use_place (search, "oci", path, error);
  g_autoptr (GPtrArray) names = sorted_names (path, error);
  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autofree char *inner = g_build_filename (path, names->pdata[i], NULL);
      gboolean is_folder = g_file_test (inner, G_FILE_TEST_IS_DIR);
      if (is_folder && depth >= DEPTH_MAX)
        continue;
      if (!(is_folder ? use_folder (search, inner, depth + 1, error) : use_place (search, "oci-archive", inner, error)))
        {
          g_autofree char *escaped = varve_escape (inner);
          if (!is_folder)
            g_prefix_error (error, "'%s': ", escaped);
          return FALSE;
        }
    }
  return names != NULL;
}

gboolean
varve_given_deltas_publish (VarvePublisher *publisher, GError **error)
{
  Search search = { .publisher = publisher };
  const char *path = publisher->options->deltas_path;
  g_autofree char *escaped = varve_escape (path);
  if (!use_folder (&search, path, 0, error))
    {
      g_prefix_error (error, "deltas in '%s': ", escaped);
      return FALSE;
    }
  if (search.n_used > 0)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND,
               "deltas in '%s': %u layouts or archives, and none has a delta to the new image", escaped,
               search.n_files);
  return FALSE;
}
