/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/pyc-header.h"

enum { MAGIC_3_11 = 3495 };

/* The header of bytecode as Python 3.7 and later write it. */
static inline GBytes *
pyc_bytes (guint16 magic, guint32 flags, guint32 time, guint32 source_bytes)
{
  guint8 *bytes = g_malloc0 (VARVE_PYC_HEADER_BYTES);
  guint32 fields[] = { (guint32)magic | (guint32)'\r' << 16 | (guint32)'\n' << 24, flags, time, source_bytes };
  for (guint i = 0; i < VARVE_PYC_HEADER_BYTES; i++)
    bytes[i] = (guint8)(fields[i / 4] >> (8 * (i % 4)));
  return g_bytes_new_take (bytes, VARVE_PYC_HEADER_BYTES);
}
