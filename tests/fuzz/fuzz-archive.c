/* SPDX-License-Identifier: Apache-2.0 */
/* The outer tar of an oci-archive, plain or compressed, and the image in it. The first byte says whether checksums of
 * headers are mended. */
#include "tests/fuzz/fuzz.h"

#include "oci/archive.h"
#include "oci/image.h"
#include "tests/fuzz/memory-file.h"
#include "tests/fuzz/mend-tar.h"

static void
read_image (const VarveImage *image)
{
  for (guint i = 0; i < image->manifest->layers->len; i++)
    {
      g_autoptr (GError) error = NULL;
      if (!varve_blobs_stream (image->blobs, varve_manifest_layer (image->manifest, i), NULL, NULL, NULL, &error))
        g_assert_nonnull (error);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 1)
    return 0;
  g_autoptr (GBytes) bytes = (data[0] & 1) != 0 ? mend_tar (data + 1, size - 1) : g_bytes_new (data + 1, size - 1);
  g_auto (MemoryFile) file = memory_file_of (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autoptr (GError) error = NULL;
  VarveBlobs *blobs = varve_archive_read (file.path, &error);
  g_assert ((blobs == NULL) == (error != NULL));
  if (blobs == NULL)
    return 0;
  g_autoptr (VarveImage) image = varve_image_open (blobs, NULL, "amd64", &error);
  g_assert ((image == NULL) == (error != NULL));
  if (image != NULL)
    read_image (image);
  return 0;
}
