/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/stale-places.h"

#include <string.h>

#include "base/error.h"
#include "compose/image-ledger.h"
#include "emit/ostree-tar.h"

static void
place_free (gpointer data)
{
  VarveStalePlace *place = data;
  g_ptr_array_unref (place->objects);
  g_free (place);
}

typedef struct {
  char *path;  /* as in the commit; NULL: all paths of a layer */
  gint64 only; /* of this layer; -1: of all */
} Wanted;

static gboolean
is_wanted (const Wanted *wanted, const char *path)
{
  gsize length = wanted->path != NULL ? strlen (wanted->path) : 0;
  return wanted->path == NULL
         || (strncmp (path, wanted->path, length) == 0 && (path[length] == '/' || path[length] == '\0'));
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* With those of its paths that are wanted. */
static void
place_add (VarveStalePlace *place, const VarveStaleObject *stale, const Wanted *wanted)
{
  GPtrArray *paths = g_ptr_array_new ();
  for (char **path = stale->paths; *path != NULL; path++)
    if (is_wanted (wanted, *path))
      g_ptr_array_add (paths, g_strdup (*path));
  if (paths->len == 0 && wanted->path != NULL)
    {
      g_ptr_array_unref (paths);
      return;
    }
  g_ptr_array_sort (paths, compare_paths);
  VarveStaleObject *found = varve_stale_object_new (paths, stale->size_bytes, stale->mark);
  found->since = stale->since;
  g_ptr_array_add (place->objects, found);
  place->found.n_objects++;
  place->found.size_bytes += stale->size_bytes;
}

static int
compare_objects (gconstpointer a, gconstpointer b)
{
  const VarveStaleObject *left = *(VarveStaleObject *const *)a, *right = *(VarveStaleObject *const *)b;
  return g_strcmp0 (left->paths[0], right->paths[0]);
}

static void
add_layer (GPtrArray *places, const VarveImage *image, const VarveLedger *ledger, guint layer, const Wanted *wanted)
{
  const VarveLedgerLayer *known = layer > 0 ? varve_ledger_layer (ledger, layer - 1) : NULL;
  if (known == NULL || known->stale == NULL)
    return;
  VarveStalePlace *place = g_new0 (VarveStalePlace, 1);
  *place = (VarveStalePlace){ .layer = layer,
                              .digest = varve_manifest_layer (image->manifest, layer)->digest,
                              .objects = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_stale_object_free) };
  for (guint i = 0; i < known->stale->len; i++)
    place_add (place, known->stale->pdata[i], wanted);
  g_ptr_array_sort (place->objects, compare_objects);
  if (place->found.n_objects > 0)
    g_ptr_array_add (places, place);
  else
    place_free (place);
}

/* FALSE for the name of a component. */
static gboolean
parse_name (const VarveImage *image, const char *name, Wanted *out_wanted)
{
  guint64 layer;
  guint n_layers = image->manifest->layers->len;
  if (n_layers > 0 && g_ascii_string_to_unsigned (name, 10, 0, n_layers - 1, &layer, NULL))
    {
      *out_wanted = (Wanted){ NULL, (gint64)layer };
      return TRUE;
    }
  const char *path = name + strspn (name, "/");
  gsize length = strlen (path);
  while (length > 0 && path[length - 1] == '/')
    length--;
  g_autofree char *shown = g_strndup (path, length);
  *out_wanted = (Wanted){ varve_ostree_tar_commit_path (shown), -1 };
  return strchr (name, '/') != NULL && length > 0;
}

GPtrArray *
varve_stale_places_find (const VarveImage *image, const char *name, GError **error)
{
  g_autoptr (VarveLedger) ledger = varve_image_ledger_read (image->manifest, error);
  if (ledger == NULL)
    return NULL;
  Wanted wanted;
  gboolean is_place = parse_name (image, name, &wanted);
  GPtrArray *places = g_ptr_array_new_with_free_func (place_free);
  for (guint i = 0; is_place && i < image->manifest->layers->len; i++)
    if (wanted.only < 0 || i == wanted.only)
      add_layer (places, image, ledger, i, &wanted);
  g_free (wanted.path);
  return places;
}

static void
add_paths (json_object *out, const VarveStaleObject *stale)
{
  for (char **path = stale->paths; *path != NULL; path++)
    {
      g_autofree char *shown = g_strconcat ("/", *path, NULL), *escaped = varve_escape (shown);
      json_object_array_add (out, json_object_new_string (escaped));
    }
}

static json_object *
object_to_json (const VarveStaleObject *stale)
{
  json_object *json = json_object_new_object (), *paths = json_object_new_array ();
  add_paths (paths, stale);
  json_object_object_add (json, "paths", paths);
  varve_json_add_size (json, "size_bytes", stale->size_bytes);
  varve_stale_since_to_json (json, stale->since);
  return json;
}

json_object *
varve_stale_place_to_json (const VarveStalePlace *place)
{
  json_object *json = json_object_new_object (), *paths = json_object_new_array (), *objects = json_object_new_array ();
  g_autofree char *digest = varve_digest_to_string (&place->digest);
  varve_json_add_size (json, "layer", place->layer);
  varve_json_add_string (json, "digest", digest);
  varve_json_add_size (json, "stale_objects", place->found.n_objects);
  varve_json_add_size (json, "stale_bytes", place->found.size_bytes);
  varve_stale_since_to_json (json, varve_stale_objects_since (place->objects));
  for (guint i = 0; i < place->objects->len; i++)
    {
      add_paths (paths, place->objects->pdata[i]);
      json_object_array_add (objects, object_to_json (place->objects->pdata[i]));
    }
  json_object_object_add (json, "stale_paths", paths);
  json_object_object_add (json, "objects", objects);
  return json;
}
