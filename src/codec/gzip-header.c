/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/gzip-header.h"

enum { HAS_CRC = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16 };

gsize
varve_gzip_header_bytes (const guint8 *head, gsize head_bytes)
{
  gsize at = VARVE_GZIP_HEADER_MIN_BYTES;
  if (head_bytes < at || head[2] != 8 || (head[3] & 0xe0) != 0)
    return 0;
  if (head[3] & HAS_EXTRA)
    at += at + 2 <= head_bytes ? 2u + head[at] + 256u * head[at + 1] : head_bytes;
  for (int flag = HAS_NAME; flag <= HAS_COMMENT; flag *= 2)
    if (head[3] & flag)
      {
        while (at < head_bytes && head[at] != 0)
          at++;
        at++;
      }
  at += (head[3] & HAS_CRC) ? 2 : 0;
  return at <= head_bytes ? at : 0;
}
