/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest is loaded at once and checked against its digest; blobs are streamed through the proxies of a pool. */
#include "skopeo/proxied-blobs.h"

#include "base/error.h"
#include "oci/index.h"
#include "skopeo/proxied-stream.h"
#include "skopeo/skopeo.h"

typedef struct {
  VarveBlobs blobs;
  VarveProxyPool *pool;
  VarveDigest manifest_digest;
  GBytes *manifest, *index;
} Proxied;

static GInputStream *
proxied_open_blob (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  Proxied *proxied = (Proxied *)blobs;
  if (varve_digest_compare (&descriptor->digest, &proxied->manifest_digest) == 0)
    return g_memory_input_stream_new_from_bytes (proxied->manifest);
  return varve_proxied_stream_new (proxied->pool, descriptor, cancellable, error);
}

static GBytes *
proxied_load_index (VarveBlobs *blobs, GError **error)
{
  return g_bytes_ref (((Proxied *)blobs)->index);
}

static void
proxied_free (VarveBlobs *blobs)
{
  Proxied *proxied = (Proxied *)blobs;
  varve_proxy_pool_unref (proxied->pool);
  g_clear_pointer (&proxied->manifest, g_bytes_unref);
  g_clear_pointer (&proxied->index, g_bytes_unref);
  g_free (proxied);
}

GBytes *
varve_load_raw_manifest (const VarveReference *reference, GError **error)
{
  g_autoptr (VarveSkopeo) skopeo = varve_skopeo_new (reference->access, error);
  if (skopeo == NULL)
    return NULL;
  varve_skopeo_add (skopeo, "inspect");
  varve_skopeo_add (skopeo, "--raw");
  if (!varve_skopeo_add_access (skopeo, reference, "", error))
    return NULL;
  varve_skopeo_add_reference (skopeo, reference);
  return varve_skopeo_run (skopeo, error);
}

/* The proxy converts Docker manifests to OCI; the digest is that of the original. */
static GBytes *
load_original (const VarveReference *reference, const VarveDigest *digest, GError **error)
{
  if (reference->transport != VARVE_TRANSPORT_DOCKER)
    return varve_load_raw_manifest (reference, error);
  g_autoptr (VarveReference) exact = varve_reference_with_digest (reference, digest);
  return varve_load_raw_manifest (exact, error);
}

static VarveDigest
digest_of_bytes (GBytes *bytes)
{
  return varve_digest_of (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static gboolean
proxied_load_manifest (Proxied *proxied, VarveProxy *proxy, const VarveReference *reference, GCancellable *cancellable,
                       GError **error)
{
  g_autofree char *name = NULL;
  proxied->manifest = varve_proxy_get_manifest (proxy, &name, cancellable, error);
  if (proxied->manifest == NULL || !varve_digest_from_string (name, &proxied->manifest_digest, error))
    return FALSE;
  VarveDigest found = digest_of_bytes (proxied->manifest);
  if (varve_digest_compare (&found, &proxied->manifest_digest) == 0)
    return TRUE;
  g_autoptr (GBytes) original = load_original (reference, &proxied->manifest_digest, error);
  if (original == NULL)
    return FALSE;
  found = digest_of_bytes (original);
  if (varve_digest_compare (&found, &proxied->manifest_digest) != 0)
    {
      g_autofree char *other = varve_digest_to_string (&found);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the manifest has the digest '%s': expected '%s'", other,
                   name);
      return FALSE;
    }
  g_bytes_unref (proxied->manifest);
  proxied->manifest = g_steal_pointer (&original);
  return TRUE;
}

/* The manifest's own media type; OCI's when it has none. */
static const char *
manifest_media_type (GBytes *manifest)
{
  const char *type = NULL;
  g_autoptr (json_object) json = varve_json_parse (manifest, VARVE_DOCUMENT_MAX_BYTES, NULL);
  gboolean is_docker = json != NULL && varve_json_find_string (json, "mediaType", &type, NULL)
                       && g_strcmp0 (type, VARVE_MEDIA_TYPE_MANIFEST_DOCKER) == 0;
  return is_docker ? VARVE_MEDIA_TYPE_MANIFEST_DOCKER : VARVE_MEDIA_TYPE_MANIFEST;
}

static gboolean
proxied_make_index (Proxied *proxied, GError **error)
{
  g_autoptr (VarveIndex) index = varve_index_new ();
  g_autoptr (VarveDescriptor) descriptor = varve_descriptor_new (
      manifest_media_type (proxied->manifest), &proxied->manifest_digest, g_bytes_get_size (proxied->manifest));
  if (!varve_index_add (index, descriptor, error))
    return FALSE;
  proxied->index = varve_index_to_bytes (index);
  return TRUE;
}

static gboolean
check_requested_digest (const VarveReference *reference, const Proxied *proxied, GError **error)
{
  VarveDigest wanted;
  if (reference->ref == NULL || !varve_digest_from_string (reference->ref + 1, &wanted, NULL)
      || varve_digest_compare (&wanted, &proxied->manifest_digest) == 0)
    return TRUE;
  /* The digest may be that of an index. */
  g_autoptr (GBytes) raw = varve_load_raw_manifest (reference, error);
  if (raw == NULL)
    return FALSE;
  VarveDigest found = digest_of_bytes (raw);
  if (varve_digest_compare (&found, &wanted) == 0)
    return TRUE;
  g_autofree char *name = varve_digest_to_string (&found);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the manifest or index has the digest '%s': expected '%s'",
               name, reference->ref + 1);
  return FALSE;
}

VarveBlobs *
varve_proxied_read (const VarveReference *reference, const char *architecture, GCancellable *cancellable,
                    GError **error)
{
  Proxied *proxied = g_new0 (Proxied, 1);
  proxied->blobs
      = (VarveBlobs){ .open_blob = proxied_open_blob, .load_index = proxied_load_index, .free = proxied_free };
  proxied->pool = varve_proxy_pool_new (reference, architecture);
  g_autoptr (VarveBlobs) blobs = &proxied->blobs;
  VarveProxy *proxy = varve_proxy_pool_take (proxied->pool, cancellable, error);
  if (proxy == NULL)
    return NULL;
  if (!proxied_load_manifest (proxied, proxy, reference, cancellable, error)
      || !check_requested_digest (reference, proxied, error) || !proxied_make_index (proxied, error))
    {
      varve_proxy_pool_discard (proxied->pool, proxy);
      return NULL;
    }
  varve_proxy_pool_give_back (proxied->pool, proxy);
  return g_steal_pointer (&blobs);
}

static gboolean
use_stored_layer (VarveImage *image, guint index, VarveProxy *proxy, GCancellable *cancellable, GError **error)
{
  const VarveDigest *diff_id = varve_config_diff_id (image->config, index);
  g_autofree char *name = varve_digest_to_string (diff_id);
  guint64 size_bytes;
  if (!varve_proxy_get_size (proxy, name, &size_bytes, cancellable, error))
    {
      g_prefix_error (error, "layer %u: ", index);
      return FALSE;
    }
  VarveDescriptor *layer = image->manifest->layers->pdata[index];
  g_free (layer->media_type);
  layer->media_type = g_strdup (VARVE_MEDIA_TYPE_LAYER);
  layer->digest = *diff_id;
  layer->size_bytes = size_bytes;
  return TRUE;
}

gboolean
varve_proxied_use_stored_layers (VarveImage *image, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (image->blobs->free == proxied_free, FALSE);
  VarveProxyPool *pool = ((Proxied *)image->blobs)->pool;
  VarveProxy *proxy = varve_proxy_pool_take (pool, cancellable, error);
  if (proxy == NULL)
    return FALSE;
  for (guint i = 0; i < image->manifest->layers->len; i++)
    if (!use_stored_layer (image, i, proxy, cancellable, error))
      {
        varve_proxy_pool_discard (pool, proxy);
        return FALSE;
      }
  varve_proxy_pool_give_back (pool, proxy);
  return TRUE;
}
