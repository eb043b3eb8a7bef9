/* SPDX-License-Identifier: Apache-2.0 */
/* The result of a prefetch: sums for each state, and JSON. */
#include "host/prefetch-types.h"

/* "left": a key of the JSON. */
static const char *const NAMES[] = {
  [VARVE_PREFETCH_PRESENT] = "present", [VARVE_PREFETCH_LINKED] = "linked", [VARVE_PREFETCH_REBUILT] = "rebuilt",
  [VARVE_PREFETCH_FETCHED] = "fetched", [VARVE_PREFETCH_SKIPPED] = "left",
};

VarvePrefetch *
varve_prefetch_new (const VarveImage *image)
{
  VarvePrefetch *prefetch = g_new0 (VarvePrefetch, 1);
  prefetch->layers = g_array_new (FALSE, FALSE, sizeof (VarvePrefetchLayer));
  for (guint i = 0; i < image->manifest->layers->len; i++)
    {
      const VarveDescriptor *descriptor = varve_manifest_layer (image->manifest, i);
      VarvePrefetchLayer layer = {
        .state = VARVE_PREFETCH_SKIPPED,
        .digest = descriptor->digest,
        .diff_id = *varve_config_diff_id (image->config, i),
        .size_bytes = descriptor->size_bytes,
      };
      g_array_append_val (prefetch->layers, layer);
    }
  return prefetch;
}

void
varve_prefetch_free (VarvePrefetch *prefetch)
{
  g_array_unref (prefetch->layers);
  g_free (prefetch);
}

guint64
varve_prefetch_bytes (const VarvePrefetch *prefetch, VarvePrefetchState state)
{
  guint64 bytes = 0;
  for (guint i = 0; i < prefetch->layers->len; i++)
    {
      const VarvePrefetchLayer *layer = &g_array_index (prefetch->layers, VarvePrefetchLayer, i);
      bytes += layer->state == state ? layer->size_bytes : 0;
    }
  return bytes;
}

static json_object *
layer_to_json (const VarvePrefetchLayer *layer)
{
  g_autofree char *digest = varve_digest_to_string (&layer->digest),
                  *diff_id = varve_digest_to_string (&layer->diff_id);
  json_object *json = json_object_new_object ();
  varve_json_add_string (json, "digest", digest);
  varve_json_add_string (json, "diff_id", diff_id);
  varve_json_add_size (json, "size_bytes", layer->size_bytes);
  varve_json_add_string (json, "state", NAMES[layer->state]);
  return json;
}

void
varve_prefetch_to_json (const VarvePrefetch *prefetch, json_object *into)
{
  json_object *layers = json_object_new_array ();
  for (guint state = 0; state < G_N_ELEMENTS (NAMES); state++)
    {
      g_autofree char *key = g_strconcat (NAMES[state], "_bytes", NULL);
      varve_json_add_size (into, key, varve_prefetch_bytes (prefetch, state));
    }
  for (guint i = 0; i < prefetch->layers->len; i++)
    json_object_array_add (layers, layer_to_json (&g_array_index (prefetch->layers, VarvePrefetchLayer, i)));
  json_object_object_add (into, "layers", layers);
}
