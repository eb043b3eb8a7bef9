/* SPDX-License-Identifier: Apache-2.0 */
/* A file below boot/EFI/Linux. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "rootfs/uki-image.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GInputStream) content = g_memory_input_stream_new_from_data (data, (gssize)size, NULL);
  g_auto (VarveUkiImage) image = { 0 };
  varve_uki_image_read (content, &image, NULL);
  g_assert (image.is_program || (!image.has_kernel && image.command_line == NULL && image.release == NULL));
  g_assert (image.command_line == NULL || g_utf8_validate (image.command_line, -1, NULL));
  g_assert (image.release == NULL || strlen (image.release) <= size);
  return 0;
}
