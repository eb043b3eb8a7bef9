/* SPDX-License-Identifier: Apache-2.0 */
/* Works without podman: containers-storage lists its images in <driver>-images/images.json. */
#include "host/unified-storage.h"

#include <fcntl.h>
#include <string.h>

#include "base/error.h"
#include "base/json-keys.h"
#include "base/tempfile.h"

static const gsize LIST_MAX_BYTES = 16 << 20;
static const VarveJsonKey ENTRY_KEYS[]
    = { { "id", NULL }, { "names", NULL }, { "names-history", NULL }, { NULL, NULL } };
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

/* Called for each image. */
typedef gboolean (*StorageVisit) (gpointer data, json_object *entry, GError **error);

static gboolean
list_visit (GBytes *text, StorageVisit visit, gpointer data, GError **error)
{
  g_autoptr (json_object) list = varve_json_parse (text, LIST_MAX_BYTES, error);
  if (list == NULL || !varve_json_check_keys (list, ENTRY_KEYS, error))
    return FALSE;
  for (gsize i = 0; json_object_is_type (list, json_type_array) && i < json_object_array_length (list); i++)
    {
      json_object *entry = json_object_array_get_idx (list, i);
      if (json_object_is_type (entry, json_type_object) && !visit (data, entry, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
storage_visit (const char *storage_path, StorageVisit visit, gpointer data, GError **error)
{
  static const char *const DRIVERS[] = { "overlay", "vfs" };
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
      if (text == NULL || !list_visit (text, visit, data, error))
        return FALSE;
    }
  return TRUE;
}

/* Whether the list of names under @key, which may be absent, has @name. */
static gboolean
entry_lists (json_object *entry, const char *key, const char *name, gboolean *out_lists, guint *out_n, GError **error)
{
  json_object *names;
  if (!varve_json_find (entry, key, json_type_array, &names, error))
    return FALSE;
  *out_n = names != NULL ? (guint)json_object_array_length (names) : 0;
  *out_lists = FALSE;
  for (guint i = 0; i < *out_n; i++)
    {
      json_object *item = json_object_array_get_idx (names, i);
      if (json_object_is_type (item, json_type_string) && strcmp (json_object_get_string (item), name) == 0)
        *out_lists = TRUE;
    }
  return TRUE;
}

typedef struct {
  const char *name;
  gboolean has;
  GPtrArray *former; /* char *, owned: IDs; NULL: not asked for */
} Search;

static gboolean
find_name (gpointer data, json_object *entry, GError **error)
{
  Search *search = data;
  gboolean has;
  guint n;
  if (!entry_lists (entry, "names", search->name, &has, &n, error))
    return FALSE;
  search->has = search->has || has;
  return TRUE;
}

gboolean
varve_unified_storage_has (const char *storage_path, const char *image, gboolean *out_has, GError **error)
{
  g_autofree char *name = full_name (image);
  Search search = { .name = name };
  if (!storage_visit (storage_path, find_name, &search, error))
    return FALSE;
  *out_has = search.has;
  return TRUE;
}

static gboolean
is_id (const char *id)
{
  return strlen (id) == 64 && strspn (id, "0123456789abcdef") == 64;
}

static gboolean
find_former (gpointer data, json_object *entry, GError **error)
{
  Search *search = data;
  const char *id = NULL;
  gboolean has, had;
  guint n, n_former;
  if (!entry_lists (entry, "names", search->name, &has, &n, error)
      || !entry_lists (entry, "names-history", search->name, &had, &n_former, error)
      || !varve_json_find_string (entry, "id", &id, error))
    return FALSE;
  if (n == 0 && n_former == 1 && had && id != NULL && is_id (id))
    g_ptr_array_add (search->former, g_strdup (id));
  return TRUE;
}

GPtrArray *
varve_unified_storage_former (const char *storage_path, const char *image, GError **error)
{
  g_autofree char *name = full_name (image);
  g_autoptr (GPtrArray) former = g_ptr_array_new_with_free_func (g_free);
  Search search = { .name = name, .former = former };
  return storage_visit (storage_path, find_former, &search, error) ? g_steal_pointer (&former) : NULL;
}
