/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/tar-split.h"

#include <string.h>

#include "base/json.h"

enum { LINE_FILE = 1, LINE_SEGMENT = 2, TABLE_ENTRIES = 256 };

static const guint64 ISO_POLYNOMIAL = G_GUINT64_CONSTANT (0xd800000000000000); /* reflected */

static const guint64 *
crc64_table (void)
{
  static guint64 table[TABLE_ENTRIES];
  static gsize is_filled;
  if (!g_once_init_enter (&is_filled))
    return table;
  for (guint i = 0; i < TABLE_ENTRIES; i++)
    {
      guint64 crc = i;
      for (guint bit = 0; bit < 8; bit++)
        crc = (crc & 1) != 0 ? (crc >> 1) ^ ISO_POLYNOMIAL : crc >> 1;
      table[i] = crc;
    }
  g_once_init_leave (&is_filled, 1);
  return table;
}

guint64
varve_crc64_update (guint64 crc, const guint8 *bytes, gsize size_bytes)
{
  const guint64 *table = crc64_table ();
  crc = ~crc;
  for (gsize i = 0; i < size_bytes; i++)
    crc = table[(guint8)crc ^ bytes[i]] ^ (crc >> 8);
  return ~crc;
}

static char *
split_line (json_object *json)
{
  return g_strconcat (json_object_to_json_string_ext (json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
                      "\n", NULL);
}

char *
varve_tar_split_segment (const guint8 *bytes, gsize size_bytes, guint position)
{
  g_autoptr (json_object) json = json_object_new_object ();
  g_autofree char *payload = g_base64_encode (bytes, size_bytes);
  varve_json_add_size (json, "type", LINE_SEGMENT);
  varve_json_add_string (json, "payload", payload);
  varve_json_add_size (json, "position", position);
  return split_line (json);
}

char *
varve_tar_split_file (const char *name, guint64 size_bytes, guint64 crc, guint position)
{
  g_autoptr (json_object) json = json_object_new_object ();
  guint64 big_endian = GUINT64_TO_BE (crc);
  g_autofree char *payload = g_base64_encode ((const guint8 *)&big_endian, sizeof big_endian);
  varve_json_add_size (json, "type", LINE_FILE);
  varve_json_add_string (json, "name", name);
  if (size_bytes > 0)
    varve_json_add_size (json, "size", size_bytes);
  json_object_object_add (json, "payload", size_bytes > 0 ? json_object_new_string (payload) : NULL);
  varve_json_add_size (json, "position", position);
  return split_line (json);
}
