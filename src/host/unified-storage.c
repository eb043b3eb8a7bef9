/* SPDX-License-Identifier: Apache-2.0 */
/* Works without podman: containers-storage lists its images in <driver>-images/images.json. */
#include "host/unified-storage.h"

#include <fcntl.h>
#include <string.h>

#include "base/error.h"
#include "base/json-keys.h"
#include "base/tempfile.h"

static const gsize LIST_MAX_BYTES = 16 << 20;
static const VarveJsonKey ENTRY_KEYS[] = { { "names", NULL }, { NULL, NULL } };
static const char DOCKER[] = "docker://";

/* As containers-storage writes names: always with a tag or a digest. */
static char *
full_name (const char *image)
{
  const char *name = image + (g_str_has_prefix (image, DOCKER) ? strlen (DOCKER) : 0);
  const char *base = strrchr (name, '/');
  base = base != NULL ? base + 1 : name;
  return strpbrk (base, ":@") != NULL ? g_strdup (name) : g_strconcat (name, ":latest", NULL);
}

static gboolean
storage_entry_has_name (json_object *entry, const char *name, gboolean *out_has, GError **error)
{
  json_object *names;
  if (!varve_json_find (entry, "names", json_type_array, &names, error))
    return FALSE;
  for (gsize i = 0; names != NULL && i < json_object_array_length (names); i++)
    {
      json_object *item = json_object_array_get_idx (names, i);
      if (json_object_is_type (item, json_type_string) && strcmp (json_object_get_string (item), name) == 0)
        *out_has = TRUE;
    }
  return TRUE;
}

static gboolean
storage_list_has_name (GBytes *text, const char *name, gboolean *out_has, GError **error)
{
  g_autoptr (json_object) list = varve_json_parse (text, LIST_MAX_BYTES, error);
  if (list == NULL || !varve_json_check_keys (list, ENTRY_KEYS, error))
    return FALSE;
  for (gsize i = 0; json_object_is_type (list, json_type_array) && i < json_object_array_length (list); i++)
    {
      json_object *entry = json_object_array_get_idx (list, i);
      if (json_object_is_type (entry, json_type_object) && !storage_entry_has_name (entry, name, out_has, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
varve_unified_storage_has (const char *storage_path, const char *image, gboolean *out_has, GError **error)
{
  static const char *const DRIVERS[] = { "overlay", "vfs" };
  g_autofree char *name = full_name (image);
  gboolean has = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (DRIVERS); i++)
    {
      g_autofree char *folder = g_strconcat (DRIVERS[i], "-images", NULL);
      g_autofree char *path = g_build_filename (storage_path, folder, "images.json", NULL);
      g_autoptr (GError) failure = NULL;
      g_autoptr (GBytes) text = varve_read_file (AT_FDCWD, path, LIST_MAX_BYTES, &failure);
      if (text == NULL && g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
        continue;
      if (text == NULL)
        g_propagate_error (error, g_steal_pointer (&failure));
      if (text == NULL || !storage_list_has_name (text, name, &has, error))
        return FALSE;
    }
  *out_has = has;
  return TRUE;
}
