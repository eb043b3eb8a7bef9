/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An image of one layer, or more, whose tars are in memory and not compressed; for one test program each. */

#include "oci/image.h"

typedef struct {
  VarveBlobs blobs; /* first: cast back */
  GPtrArray *tars;  /* GBytes */
} MemoryBlobs;

static GInputStream *
memory_open_blob (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  MemoryBlobs *memory = (MemoryBlobs *)blobs;
  for (guint i = 0; i < memory->tars->len; i++)
    {
      GBytes *tar = memory->tars->pdata[i];
      VarveDigest digest = varve_digest_of (g_bytes_get_data (tar, NULL), g_bytes_get_size (tar));
      if (varve_digest_compare (&digest, &descriptor->digest) == 0)
        return g_memory_input_stream_new_from_bytes (tar);
    }
  g_assert_not_reached ();
}

static void
memory_free (VarveBlobs *blobs)
{
  g_ptr_array_unref (((MemoryBlobs *)blobs)->tars);
  g_free (blobs);
}

static VarveImage *
memory_image_new (void)
{
  MemoryBlobs *blobs = g_new0 (MemoryBlobs, 1);
  blobs->blobs = (VarveBlobs){ .open_blob = memory_open_blob, .free = memory_free };
  blobs->tars = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  VarveImage *image = g_new0 (VarveImage, 1);
  image->blobs = &blobs->blobs;
  image->config = varve_config_new ("amd64");
  image->manifest = varve_manifest_new ();
  return image;
}

static void
memory_image_add (VarveImage *image, GBytes *tar)
{
  VarveDigest digest = varve_digest_of (g_bytes_get_data (tar, NULL), g_bytes_get_size (tar));
  g_ptr_array_add (((MemoryBlobs *)image->blobs)->tars, g_bytes_ref (tar));
  g_ptr_array_add (image->manifest->layers,
                   varve_descriptor_new (VARVE_MEDIA_TYPE_LAYER, &digest, g_bytes_get_size (tar)));
  varve_config_add_layer (image->config, &digest, NULL, NULL);
}
