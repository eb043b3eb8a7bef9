/* SPDX-License-Identifier: Apache-2.0 */
/* The layers are listed in <driver>-layers/layers.json; all else is done by skopeo. */
#include "host/unified-store.h"

#include <fcntl.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/tempfile.h"
#include "host/unified-storage.h"
#include "skopeo/skopeo.h"

static const char IMAGE[] = "localhost/varve-prefetch:latest";
static const gsize LIST_MAX_BYTES = 64 << 20;

typedef struct {
  char *storage_path, *run_path;
  const char *driver;
  GHashTable *blobs; /* set of char *: digests of the blobs of its layers; NULL: not read yet */
  VarveAccess *access;
} UnifiedStore;

static gboolean
list_take_blobs (GHashTable *blobs, GBytes *text, GError **error)
{
  g_autoptr (json_object) list = varve_json_parse (text, LIST_MAX_BYTES, error);
  if (list == NULL)
    return FALSE;
  for (gsize i = 0; json_object_is_type (list, json_type_array) && i < json_object_array_length (list); i++)
    {
      json_object *layer = json_object_array_get_idx (list, i);
      const char *digest = NULL;
      if (!json_object_is_type (layer, json_type_object)
          || !varve_json_find_string (layer, "compressed-diff-digest", &digest, NULL) || digest == NULL)
        continue;
      g_hash_table_add (blobs, g_strdup (digest));
    }
  return TRUE;
}

/* An empty storage has no list. */
static gboolean
unified_read_blobs (UnifiedStore *self, GError **error)
{
  g_autofree char *folder = g_strconcat (self->driver, "-layers", NULL);
  g_autofree char *path = g_build_filename (self->storage_path, folder, "layers.json", NULL);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GBytes) text = varve_read_file (AT_FDCWD, path, LIST_MAX_BYTES, &failure);
  g_autoptr (GHashTable) blobs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (text == NULL && !g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (text != NULL && !list_take_blobs (blobs, text, error))
    {
      g_prefix_error (error, "'%s': ", path);
      return FALSE;
    }
  self->blobs = g_steal_pointer (&blobs);
  return TRUE;
}

static gboolean
unified_has_layer (gpointer data, const VarveDigest *digest, const VarveDigest *diff_id, gboolean *out_has,
                   GError **error)
{
  UnifiedStore *self = data;
  g_autofree char *text = varve_digest_to_string (digest);
  if (self->blobs == NULL && !unified_read_blobs (self, error))
    return FALSE;
  *out_has = g_hash_table_contains (self->blobs, text);
  return TRUE;
}

static char *
unified_image (const UnifiedStore *self, const char *name)
{
  return g_strdup_printf ("containers-storage:[%s@%s+%s]%s", self->driver, self->storage_path, self->run_path, name);
}

static gboolean
unified_run (const UnifiedStore *self, const char *const *arguments, GError **error)
{
  g_autoptr (VarveSkopeo) skopeo = varve_skopeo_new (self->access, error);
  if (skopeo == NULL)
    return FALSE;
  for (; *arguments != NULL; arguments++)
    varve_skopeo_add (skopeo, *arguments);
  g_autoptr (GBytes) output = varve_skopeo_run (skopeo, error);
  return output != NULL;
}

static gboolean
unified_delete (const UnifiedStore *self, const char *name, GError **error)
{
  g_autofree char *image = unified_image (self, name);
  const char *const arguments[] = { "delete", image, NULL };
  return unified_run (self, arguments, error);
}

/* The images of earlier runs, from which the name was taken: nobody looks for them, but they keep their layers. */
static gboolean
delete_former (const UnifiedStore *self, guint *out_n, GError **error)
{
  g_autoptr (GPtrArray) former = varve_unified_storage_former (self->storage_path, IMAGE, error);
  for (guint i = 0; former != NULL && i < former->len; i++)
    {
      g_autofree char *name = g_strconcat ("@", former->pdata[i], NULL);
      if (!unified_delete (self, name, error))
        return FALSE;
    }
  if (former != NULL)
    *out_n = former->len;
  return former != NULL;
}

/* The digests in the layout are checked already, so the host's policy has no say. The former image goes when this one
 * is complete, and a failure to remove it takes nothing from this one: the next run tries again. */
static gboolean
unified_take (gpointer data, const char *layout_path, GCancellable *cancellable, GError **error)
{
  const UnifiedStore *self = data;
  g_autofree char *from = g_strconcat ("oci:", layout_path, ":", VARVE_IMAGE_STORE_REF, NULL);
  g_autofree char *to = unified_image (self, IMAGE);
  const char *const arguments[] = { "copy", "--insecure-policy", "--quiet", from, to, NULL };
  g_autoptr (GError) failure = NULL;
  guint n;
  if (!unified_run (self, arguments, error))
    return FALSE;
  if (!delete_former (self, &n, &failure))
    varve_observer_warn (self->access->observer, "what an earlier prefetch stored is still there: %s",
                         failure->message);
  return TRUE;
}

static gboolean
unified_clear (gpointer data, gboolean *out_had, GCancellable *cancellable, GError **error)
{
  const UnifiedStore *self = data;
  guint n_former = 0;
  gboolean has;
  if (!varve_unified_storage_has (self->storage_path, IMAGE, &has, error)
      || (has && !unified_delete (self, IMAGE, error)) || !delete_former (self, &n_former, error))
    return FALSE;
  *out_had = has || n_former > 0;
  return TRUE;
}

static void
unified_free (gpointer data)
{
  UnifiedStore *self = data;
  g_free (self->storage_path);
  g_free (self->run_path);
  g_clear_pointer (&self->blobs, g_hash_table_unref);
  varve_access_unref (self->access);
  g_free (self);
}

static const char *
driver_of (const char *storage_path)
{
  g_autofree char *vfs = g_build_filename (storage_path, "vfs-images", NULL);
  return g_file_test (vfs, G_FILE_TEST_IS_DIR) ? "vfs" : "overlay";
}

VarveImageStore *
varve_unified_store_new (const char *storage_path, const char *run_path, VarveObserver *observer,
                         GCancellable *cancellable)
{
  UnifiedStore *self = g_new0 (UnifiedStore, 1);
  *self = (UnifiedStore){
    .storage_path = g_strdup (storage_path),
    .run_path = g_strdup (run_path),
    .driver = driver_of (storage_path),
    .access = varve_access_new (),
  };
  self->access->observer = observer;
  self->access->cancellable = cancellable;
  VarveImageStore *store = g_new0 (VarveImageStore, 1);
  *store = (VarveImageStore){
    .name = "bootc's unified storage",
    .has_layer = unified_has_layer,
    .take = unified_take,
    .clear = unified_clear,
    .free = unified_free,
    .data = self,
  };
  return store;
}
