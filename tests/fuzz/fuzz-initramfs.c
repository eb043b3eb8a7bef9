/* SPDX-License-Identifier: Apache-2.0 */
/* The initramfs of a tree: cpio archives, plain and compressed, one after another. */
#include "tests/fuzz/fuzz.h"

#include "rootfs/initramfs.h"

typedef struct {
  VarveSource source;
  GBytes *content;
} OneFile;

static GInputStream *
open_content (VarveSource *source, const VarveDigest *checksum, GCancellable *cancellable, GError **error)
{
  return g_memory_input_stream_new_from_bytes (((OneFile *)source)->content);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  OneFile file = { .source = { .open_content = open_content }, .content = bytes };
  VarveObject object = { .size_bytes = size };
  VarveInitramfs found;
  varve_initramfs_read (&file.source, &object, &found, NULL);
  varve_initramfs_clear (&found);
  return 0;
}
