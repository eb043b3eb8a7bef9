/* SPDX-License-Identifier: Apache-2.0 */
/* One layer of an image, as verify reads it: decompression, the tar, objects and paths. The first byte says how: its
 * two lowest bits the compression, the next one the layer's role, the next whether checksums of headers are mended,
 * without which hardly any changed tar would be read on. */
#include "tests/fuzz/fuzz.h"

#include "tests/fuzz/mend-tar.h"
#include "verify/read-layers.h"

enum { ROLE_BIT = 4, MEND_BIT = 8, COMPRESSED_MAX_BYTES = 16384 }; /* a compressed bomb takes long to hash */

typedef struct {
  VarveBlobs blobs;
  GBytes *blob;
} MemoryBlobs;

static GInputStream *
open_blob (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  return g_memory_input_stream_new_from_bytes (((MemoryBlobs *)blobs)->blob);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const TYPES[]
      = { VARVE_MEDIA_TYPE_LAYER, VARVE_MEDIA_TYPE_LAYER_GZIP, VARVE_MEDIA_TYPE_LAYER_ZSTD, VARVE_MEDIA_TYPE_LAYER };
  guint8 how = size > 0 ? data[0] : 0;
  if (how % 4 != 0 && size > COMPRESSED_MAX_BYTES)
    return 0;
  gboolean mends = how % 4 == 0 && (how & MEND_BIT) != 0;
  g_autoptr (GBytes) blob = mends ? mend_tar (data + 1, size - 1) : g_bytes_new (data + (size > 0), size - (size > 0));
  MemoryBlobs blobs = { .blobs = { .open_blob = open_blob }, .blob = blob };
  VarveDigest digest = varve_digest_of (g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));
  g_autoptr (VarveManifest) manifest = varve_manifest_new ();
  g_ptr_array_add (manifest->layers, varve_descriptor_new (TYPES[how % 4], &digest, g_bytes_get_size (blob)));
  g_autoptr (VarveConfig) config = varve_config_new ("amd64");
  VarveImage image = { .manifest = manifest, .config = config, .blobs = &blobs.blobs };
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  VarveReadLayer layer = {
    .image = &image,
    .role = (how & ROLE_BIT) != 0 ? VARVE_LAYER_CONTENT : VARVE_LAYER_COMMIT,
    .findings = findings,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLayerRecord) record = varve_read_layer (&layer, NULL, &error);
  g_assert ((record == NULL) == (error != NULL));
  return 0;
}
