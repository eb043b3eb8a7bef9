/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/kernel-image.h"

#include <string.h>

#include "base/little-endian.h"

enum {
  X86_SECTORS_AT = 0x1f1,
  X86_FLAG_AT = 0x1fe,
  X86_MAGIC_AT = 0x202,
  X86_PAYLOAD_AT = 0x248,
  X86_SECTOR_BYTES = 512,
  X86_SECTORS_DEFAULT = 4,
  X86_SIZE_BYTES = 4, /* the plain size, at the end of the payload */
  ZBOOT_MAGIC_AT = 4,
  ZBOOT_PAYLOAD_AT = 8,
  ZBOOT_HEADER_BYTES = 0x40,
  IMAGE_MAGIC_AT = 0x38,
};

static gboolean
is_x86 (const guint8 *head, gsize head_bytes)
{
  return head_bytes > X86_PAYLOAD_AT + 8 && memcmp (head + X86_MAGIC_AT, "HdrS", 4) == 0 && head[X86_FLAG_AT] == 0x55
         && head[X86_FLAG_AT + 1] == 0xaa;
}

static gboolean
is_zboot (const guint8 *head, gsize head_bytes)
{
  return head_bytes >= ZBOOT_HEADER_BYTES && memcmp (head, "MZ\0", 4) == 0
         && memcmp (head + ZBOOT_MAGIC_AT, "zimg", 4) == 0;
}

static gboolean
is_plain_image (const guint8 *head, gsize head_bytes)
{
  return head_bytes >= IMAGE_MAGIC_AT + 4
         && (memcmp (head + IMAGE_MAGIC_AT, "ARM\x64", 4) == 0 || memcmp (head + IMAGE_MAGIC_AT, "RSC\x05", 4) == 0);
}

gboolean
varve_kernel_image_recognise (const guint8 *head, gsize head_bytes)
{
  return is_x86 (head, head_bytes) || is_zboot (head, head_bytes) || is_plain_image (head, head_bytes);
}

gboolean
varve_kernel_image_payload (const guint8 *head, gsize head_bytes, guint64 file_bytes, guint64 *out_at,
                            guint64 *out_bytes)
{
  guint64 at, size_bytes;
  if (is_x86 (head, head_bytes))
    {
      guint64 sectors = head[X86_SECTORS_AT] != 0 ? head[X86_SECTORS_AT] : X86_SECTORS_DEFAULT;
      at = (sectors + 1) * X86_SECTOR_BYTES + varve_read_le32 (head + X86_PAYLOAD_AT);
      size_bytes = varve_read_le32 (head + X86_PAYLOAD_AT + 4);
      size_bytes -= MIN (size_bytes, X86_SIZE_BYTES);
    }
  else if (is_zboot (head, head_bytes))
    {
      at = varve_read_le32 (head + ZBOOT_PAYLOAD_AT);
      size_bytes = varve_read_le32 (head + ZBOOT_PAYLOAD_AT + 4);
    }
  else
    return FALSE;
  if (size_bytes == 0 || at > file_bytes || size_bytes > file_bytes - at)
    return FALSE;
  *out_at = at;
  *out_bytes = size_bytes;
  return TRUE;
}
