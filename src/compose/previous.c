/* SPDX-License-Identifier: Apache-2.0 */
/* A name is an image reference or the path of a saved manifest. The annotations of varve's manifests replace the
 * config. */
#include "compose/previous.h"

#include <fcntl.h>
#include <string.h>

#include "base/error.h"
#include "base/tempfile.h"
#include "compose/image-ledger.h"
#include "model/image-keys.h"
#include "oci/index.h"
#include "skopeo/proxied-blobs.h"
#include "transport/open-image.h"
#include "verify/image-rules.h"
#include "verify/import-layer.h"

static const char ROLE[] = "previous image";

void
varve_previous_free (VarvePrevious *previous)
{
  g_free (previous->name);
  g_free (previous->commit);
  if (previous->image == NULL)
    g_clear_pointer (&previous->manifest, varve_manifest_free);
  g_clear_pointer (&previous->image, varve_image_free);
  g_clear_pointer (&previous->diff_ids, g_array_unref);
  g_clear_pointer (&previous->ledger, varve_ledger_free);
  g_clear_pointer (&previous->past, varve_ledger_free);
  g_clear_pointer (&previous->predecessors, g_ptr_array_unref);
  g_free (previous);
}

const char *
varve_previous_key (const VarvePrevious *previous, guint layer)
{
  return varve_descriptor_annotation (varve_manifest_layer (previous->manifest, layer), VARVE_ANNOTATION_CONTENT_KEY);
}

guint32
varve_previous_find (const VarvePrevious *previous, const char *key)
{
  static const VarveDigest UNKNOWN = { 0 };
  for (guint i = 0; i < previous->manifest->layers->len; i++)
    if (g_strcmp0 (varve_previous_key (previous, i), key) == 0
        && varve_digest_compare (&g_array_index (previous->diff_ids, VarveDigest, i), &UNKNOWN) != 0)
      return i;
  return VARVE_NO_LAYER;
}

static gboolean
previous_read_annotations (VarvePrevious *previous, GError **error)
{
  previous->ledger = varve_image_ledger_read (previous->manifest, error);
  previous->predecessors = previous->ledger != NULL ? varve_predecessors_read (previous->manifest, error) : NULL;
  return previous->predecessors != NULL;
}

/* From the layers' annotations, because a saved manifest has no config. */
static GArray *
noted_diff_ids (const VarveManifest *manifest)
{
  GArray *diff_ids = g_array_new (FALSE, TRUE, sizeof (VarveDigest));
  g_array_set_size (diff_ids, manifest->layers->len);
  for (guint i = 0; i < manifest->layers->len; i++)
    {
      const char *text = varve_descriptor_annotation (varve_manifest_layer (manifest, i), VARVE_ANNOTATION_DIFF_ID);
      if (text == NULL || !varve_digest_from_string (text, &g_array_index (diff_ids, VarveDigest, i), NULL))
        g_array_index (diff_ids, VarveDigest, i) = (VarveDigest){ 0 };
    }
  return diff_ids;
}

/* A plain image that varve wrote. */
static gboolean
is_plain (const VarveManifest *manifest, const char *final_diff_id)
{
  return final_diff_id == NULL && varve_string_map_get (manifest->annotations, VARVE_ANNOTATION_LEDGER) != NULL
         && varve_string_map_get (manifest->annotations, VARVE_ANNOTATION_COMMIT) != NULL;
}

static gboolean
previous_check_kind (VarvePrevious *previous, const VarveManifest *manifest, const char *final_diff_id,
                     gboolean takes_plain, GError **error)
{
  previous->is_plain = final_diff_id == NULL;
  previous->first = previous->is_plain && !is_plain (manifest, final_diff_id) ? 0 : 1;
  if (previous->first == 1 || takes_plain)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
               "not an image of an OSTree commit: no label '%s' (an ordinary image is of use with --format plain)",
               VARVE_LABEL_FINAL_DIFF_ID);
  return FALSE;
}

static char *
find_commit (const VarveManifest *manifest, const char *label)
{
  return g_strdup (label != NULL ? label : varve_string_map_get (manifest->annotations, VARVE_ANNOTATION_COMMIT));
}

static gboolean
previous_read_file (VarvePrevious *previous, const char *path, gboolean takes_plain, GError **error)
{
  g_autoptr (GBytes) bytes = varve_read_file (AT_FDCWD, path, VARVE_DOCUMENT_MAX_BYTES, error);
  previous->manifest = bytes != NULL ? varve_manifest_from_bytes (bytes, error) : NULL;
  if (previous->manifest == NULL)
    return FALSE;
  previous->digest = varve_digest_of (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  previous->diff_ids = noted_diff_ids (previous->manifest);
  previous->commit
      = find_commit (previous->manifest, varve_string_map_get (previous->manifest->annotations, VARVE_LABEL_COMMIT));
  return previous_check_kind (previous, previous->manifest,
                              varve_string_map_get (previous->manifest->annotations, VARVE_LABEL_FINAL_DIFF_ID),
                              takes_plain, error);
}

/* Layers on top of the commit's, from podman and others, are not reused. */
static void
drop_derived_layers (VarvePrevious *previous, guint n_layers)
{
  g_ptr_array_set_size (previous->manifest->layers, (gint)n_layers);
  g_array_set_size (previous->diff_ids, n_layers);
}

static gboolean
previous_check_image (VarvePrevious *previous, const VarveImage *image, const VarvePreviousOptions *options,
                      VarveImageShape *out_shape, GError **error)
{
  const char *architecture = options->architecture;
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  const char *final_diff_id = varve_config_label (image->config, VARVE_LABEL_FINAL_DIFF_ID);
  if (!previous_check_kind (previous, image->manifest, final_diff_id, options->takes_plain, error))
    return FALSE;
  if (architecture != NULL && strcmp (image->config->architecture, architecture) != 0)
    {
      g_autofree char *escaped = varve_escape (image->config->architecture);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "the image is for architecture '%s', expected '%s'",
                   escaped, architecture);
      return FALSE;
    }
  out_shape->n_ostree_layers = image->manifest->layers->len;
  if (previous->is_plain || varve_image_rules_check (image, findings, out_shape))
    return TRUE;
  return varve_import_check (findings, error);
}

static gboolean
previous_read_image (VarvePrevious *previous, const VarveReference *reference, const VarvePreviousOptions *options,
                     GError **error)
{
  g_autoptr (VarveImage) image = varve_open_image (reference, options->architecture, error);
  VarveImageShape shape;
  if (image == NULL || !previous_check_image (previous, image, options, &shape, error))
    return FALSE;
  previous->commit = find_commit (image->manifest, varve_config_label (image->config, VARVE_LABEL_COMMIT));
  previous->digest = image->descriptor->digest;
  previous->diff_ids = g_array_ref (image->config->diff_ids);
  previous->manifest = image->manifest;
  previous->blobs = image->blobs;
  previous->image = g_steal_pointer (&image);
  drop_derived_layers (previous, shape.n_ostree_layers);
  return TRUE;
}

/* The message of a reference begins with the name, as ours does. */
static void
previous_fail_unknown (const char *name, const char *message, GError **error)
{
  g_autofree char *escaped = varve_escape (name);
  g_autofree char *subject = g_strdup_printf ("'%s' ", escaped);
  gboolean repeats = g_str_has_prefix (message, subject);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "no such file, and %s%s", repeats ? "it " : "",
               message + (repeats ? strlen (subject) : 0));
}

VarvePrevious *
varve_previous_open_one (const char *role, const char *name, const VarvePreviousOptions *options, GError **error)
{
  g_autoptr (VarvePrevious) previous = g_new0 (VarvePrevious, 1);
  g_autoptr (GError) no_reference = NULL;
  g_autoptr (VarveReference) reference = varve_reference_parse (name, &no_reference);
  gboolean read = FALSE;
  previous->name = g_strdup (name);
  if (reference != NULL)
    {
      varve_reference_set_access (reference, options->access);
      read = previous_read_image (previous, reference, options, error);
    }
  else if (g_error_matches (no_reference, VARVE_ERROR, VARVE_ERROR_USAGE) && g_file_test (name, G_FILE_TEST_EXISTS))
    read = previous_read_file (previous, name, options->takes_plain, error);
  else if (g_error_matches (no_reference, VARVE_ERROR, VARVE_ERROR_USAGE))
    previous_fail_unknown (name, no_reference->message, error);
  else
    g_propagate_error (error, g_steal_pointer (&no_reference));
  if (read && previous_read_annotations (previous, error))
    return g_steal_pointer (&previous);
  g_autofree char *escaped = varve_escape (name);
  g_prefix_error (error, "%s '%s': ", role, escaped);
  return NULL;
}

/* An error leaves *@out_is_index FALSE. */
static gboolean
previous_find_index (const VarveReference *reference, gboolean *out_is_index, GError **error)
{
  *out_is_index = FALSE;
  if (varve_reference_is_oci (reference))
    {
      g_autoptr (VarveBlobs) blobs = varve_open_layout (reference, error);
      g_autoptr (GBytes) bytes = blobs != NULL ? varve_blobs_load_index (blobs, error) : NULL;
      g_autoptr (VarveIndex) index = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
      const VarveDescriptor *entry = index != NULL ? varve_image_select (index, reference->ref, error) : NULL;
      *out_is_index = entry != NULL && varve_image_is_index (entry);
      return entry != NULL;
    }
  g_autoptr (GBytes) raw = varve_load_raw_manifest (reference, error);
  g_autoptr (VarveIndex) index = raw != NULL ? varve_index_from_bytes (raw, NULL) : NULL;
  *out_is_index = index != NULL;
  return raw != NULL;
}

gboolean
varve_previous_check_one (const char *role, const char *name, const VarvePreviousOptions *options, GError **error)
{
  g_autoptr (VarveReference) reference = varve_reference_parse (name, NULL);
  gboolean is_index = FALSE;
  if (reference != NULL)
    {
      varve_reference_set_access (reference, options->access);
      if (!previous_find_index (reference, &is_index, error))
        {
          g_autofree char *escaped = varve_escape (name);
          g_prefix_error (error, "%s '%s': ", role, escaped);
          return FALSE;
        }
    }
  if (is_index)
    return TRUE;
  g_autoptr (VarvePrevious) previous = varve_previous_open_one (role, name, options, error);
  return previous != NULL;
}

gboolean
varve_previous_check (const VarvePreviousOptions *options, GError **error)
{
  for (char **name = options->names; !options->is_optional && name != NULL && *name != NULL; name++)
    if (!varve_previous_check_one (ROLE, *name, options, error))
      return FALSE;
  return TRUE;
}

/* A ledger of names has no digests, so that with a past all components would count as changed in the next step. */
static void
previous_add_older (VarvePrevious *newest, VarvePrevious *older)
{
  if (varve_image_ledger_is_exact (newest->ledger))
    varve_ledger_append_older (newest->ledger, older->ledger);
  else if (newest->past != NULL)
    varve_ledger_append_older (newest->past, older->ledger);
  else if (varve_image_ledger_is_exact (older->ledger))
    newest->past = g_steal_pointer (&older->ledger);
}

gboolean
varve_previous_open (const VarvePreviousOptions *options, VarveObserver *observer, VarvePrevious **out_previous,
                     GError **error)
{
  g_autoptr (VarvePrevious) newest = NULL;
  for (char **name = options->names; name != NULL && *name != NULL; name++)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (VarvePrevious) previous = varve_previous_open_one (ROLE, *name, options, &local_error);
      if (previous == NULL && !options->is_optional)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      if (previous == NULL)
        varve_observer_warn (observer, "%s: continuing without it", local_error->message);
      else if (newest == NULL)
        newest = g_steal_pointer (&previous);
      else
        previous_add_older (newest, previous);
    }
  *out_previous = g_steal_pointer (&newest);
  return TRUE;
}

GPtrArray *
varve_previous_predecessors (const VarvePrevious *previous, const char *commit)
{
  GPtrArray *list = varve_predecessors_new ();
  VarveStringMap *annotations = previous->manifest->annotations;
  const char *version = varve_string_map_get (annotations, VARVE_LABEL_IMAGE_VERSION),
             *time = varve_string_map_get (annotations, VARVE_ANNOTATION_CREATED);
  if (version == NULL && previous->image != NULL)
    version = varve_config_label (previous->image->config, VARVE_LABEL_IMAGE_VERSION);
  if (time == NULL && previous->image != NULL)
    time = previous->image->config->created;
  if (g_strcmp0 (previous->commit, commit) != 0)
    g_ptr_array_add (list, varve_predecessor_new (&previous->digest, version, time));
  varve_predecessors_append (list, previous->predecessors);
  return list;
}
