/* SPDX-License-Identifier: Apache-2.0 */
#include "host/composefs-origin.h"

#include <fcntl.h>

#include "base/error.h"
#include "base/tempfile.h"

enum { ORIGIN_MAX_BYTES = 1 << 16, DEPLOYMENTS_MAX = 1000 };

/* One with another reference leaves none. */
static gboolean
take_reference (VarveComposefsOrigins *origins, char **first, const char *text, GError **error)
{
  if (*first == NULL)
    {
      *first = g_strdup (text);
      origins->reference = varve_host_reference_parse (text, error);
      return origins->reference != NULL;
    }
  if (!g_str_equal (*first, text))
    g_clear_pointer (&origins->reference, varve_host_reference_free);
  return TRUE;
}

static gboolean
take_origin (VarveComposefsOrigins *origins, char **first, GBytes *text, GError **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  if (!g_key_file_load_from_bytes (keys, text, G_KEY_FILE_NONE, error))
    return FALSE;
  g_autofree char *reference = g_key_file_get_string (keys, "origin", "container-image-reference", NULL);
  g_autofree char *manifest = g_key_file_get_string (keys, "image", "manifest_digest", NULL);
  VarveDigest digest;
  if (manifest != NULL && !varve_digest_from_string (manifest, &digest, error))
    return FALSE;
  if (manifest != NULL)
    g_array_append_val (origins->manifests, digest);
  return reference == NULL || take_reference (origins, first, reference, error);
}

/* A deployment whose origin is missing is one that was not finished. */
static gboolean
load_origin (VarveComposefsOrigins *origins, char **first, const char *folder, const char *id, GError **error)
{
  g_autofree char *name = g_strconcat (id, ".origin", NULL), *path = g_build_filename (folder, id, name, NULL);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GBytes) text = varve_read_file (AT_FDCWD, path, ORIGIN_MAX_BYTES, &failure);
  if (text == NULL && g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    return TRUE;
  if (text != NULL && take_origin (origins, first, text, &failure))
    return TRUE;
  g_autofree char *escaped = varve_escape (failure->message), *shown = varve_escape (path);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "origin '%s': %s", shown, escaped);
  return FALSE;
}

/* One that cannot be read is only an error without @observer. */
static gboolean
load_deployment (VarveComposefsOrigins *origins, char **first, const char *folder, const char *id,
                 VarveObserver *observer, GError **error)
{
  g_autofree char *path = g_build_filename (folder, id, NULL);
  g_autoptr (GError) failure = NULL;
  if (!g_file_test (path, G_FILE_TEST_IS_DIR) || load_origin (origins, first, folder, id, &failure))
    return TRUE;
  if (observer == NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    varve_observer_warn (observer, "%s; ignoring this deployment", failure->message);
  return observer != NULL;
}

VarveComposefsOrigins *
varve_composefs_origins_load (const char *sysroot_path, VarveObserver *observer, GError **error)
{
  g_autoptr (VarveComposefsOrigins) origins = g_new0 (VarveComposefsOrigins, 1);
  g_autofree char *folder = g_build_filename (sysroot_path, "state", "deploy", NULL), *first = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *id;
  origins->manifests = g_array_new (FALSE, FALSE, sizeof (VarveDigest));
  for (guint n = 0; dir != NULL && (id = g_dir_read_name (dir)) != NULL; n++)
    {
      if (n == DEPLOYMENTS_MAX)
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than %d deployments", DEPLOYMENTS_MAX);
          return NULL;
        }
      if (!load_deployment (origins, &first, folder, id, observer, error))
        return NULL;
    }
  return g_steal_pointer (&origins);
}

void
varve_composefs_origins_free (VarveComposefsOrigins *origins)
{
  g_clear_pointer (&origins->reference, varve_host_reference_free);
  g_array_unref (origins->manifests);
  g_free (origins);
}

gboolean
varve_composefs_origins_have (const VarveComposefsOrigins *origins, const VarveDigest *manifest)
{
  for (guint i = 0; i < origins->manifests->len; i++)
    if (varve_digest_compare (&g_array_index (origins->manifests, VarveDigest, i), manifest) == 0)
      return TRUE;
  return FALSE;
}
