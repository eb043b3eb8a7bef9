/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Numbers in formats that store the lowest byte first; they need not be aligned. */

static inline guint16
varve_read_le16 (const guint8 *at)
{
  return (guint16)(at[0] | at[1] << 8);
}

static inline guint32
varve_read_le32 (const guint8 *at)
{
  return at[0] | (guint32)at[1] << 8 | (guint32)at[2] << 16 | (guint32)at[3] << 24;
}
