/* SPDX-License-Identifier: Apache-2.0 */
#include "ostree/prepare-root.h"

#include "base/error.h"
#include "base/whole-stream.h"
#include "ostree/repo-handle.h"

enum { CONFIG_MAX_BYTES = 1 << 16 };

/* A value that the importer does not know counts as disabled. */
static gboolean
has_composefs (GKeyFile *keys)
{
  static const char *const ENABLED[] = { "yes", "true", "1", "maybe", "signed", "verity", NULL };
  g_autofree char *value = g_key_file_get_string (keys, "composefs", "enabled", NULL);
  return value != NULL && g_strv_contains (ENABLED, value);
}

gboolean
varve_prepare_root_parse (const char *text, gsize size_bytes, gboolean *out_overlays, GError **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autoptr (GError) failure = NULL;
  if (g_key_file_load_from_data (keys, text, size_bytes, G_KEY_FILE_NONE, &failure))
    {
      *out_overlays = g_key_file_get_boolean (keys, "root", "transient", NULL) || has_composefs (keys);
      return TRUE;
    }
  g_autofree char *escaped = varve_escape (failure->message);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "prepare-root.conf of the commit: %s", escaped);
  return FALSE;
}

/* NULL where the commit does not have the file. */
static GBytes *
load_config (GFile *root, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_resolve_relative_path (root, path);
  if (!g_file_query_exists (file, cancellable))
    return NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  GBytes *bytes
      = stream != NULL ? varve_whole_stream_read (G_INPUT_STREAM (stream), CONFIG_MAX_BYTES, cancellable, error) : NULL;
  if (bytes == NULL)
    g_prefix_error (error, "%s of the commit: ", path);
  return bytes;
}

/* The first of the files that the commit has counts. */
gboolean
varve_prepare_root_overlays (VarveRepo *repo, const VarveDigest *commit, gboolean *out_overlays,
                             GCancellable *cancellable, GError **error)
{
  static const char *const PATHS[] = { "etc/ostree/prepare-root.conf", "usr/lib/ostree/prepare-root.conf" };
  g_autofree char *hex = varve_digest_to_hex (commit);
  g_autoptr (GFile) root = NULL;
  if (!ostree_repo_read_commit (varve_repo_handle (repo), hex, &root, NULL, cancellable, error))
    return FALSE;
  *out_overlays = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (PATHS); i++)
    {
      GError *failure = NULL;
      g_autoptr (GBytes) text = load_config (root, PATHS[i], cancellable, &failure);
      if (failure != NULL)
        g_propagate_error (error, failure);
      if (text != NULL)
        return varve_prepare_root_parse (g_bytes_get_data (text, NULL), g_bytes_get_size (text), out_overlays, error);
      if (failure != NULL)
        return FALSE;
    }
  return TRUE;
}
