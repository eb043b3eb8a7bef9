/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <string.h>

#include <glib.h>

/* Builds PE files, also ones that no linker would write. */

typedef struct {
  const char *name;
  guint32 memory_bytes, file_bytes, file_at;
} PeFileSection;

enum { PE_FILE_HEADER_AT = 0x80, PE_FILE_TABLE_AT = PE_FILE_HEADER_AT + 24 + 16, PE_FILE_SECTION_BYTES = 40 };

static inline void
pe_file_put_u32 (guint8 *at, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    at[i] = (guint8)(value >> (8 * i));
}

/* Headers and the section table; the caller appends the contents. */
static inline GByteArray *
pe_file_headers (const PeFileSection *sections, guint n_sections)
{
  GByteArray *file = g_byte_array_new ();
  g_byte_array_set_size (file, PE_FILE_TABLE_AT + n_sections * PE_FILE_SECTION_BYTES);
  memset (file->data, 0, file->len);
  memcpy (file->data, "MZ", 2);
  pe_file_put_u32 (file->data + 0x3c, PE_FILE_HEADER_AT);
  memcpy (file->data + PE_FILE_HEADER_AT, "PE\0", 4);
  file->data[PE_FILE_HEADER_AT + 6] = (guint8)n_sections;
  file->data[PE_FILE_HEADER_AT + 7] = (guint8)(n_sections >> 8);
  file->data[PE_FILE_HEADER_AT + 20] = 16; /* of the optional header */
  for (guint i = 0; i < n_sections; i++)
    {
      guint8 *entry = file->data + PE_FILE_TABLE_AT + (gsize)i * PE_FILE_SECTION_BYTES;
      memcpy (entry, sections[i].name, MIN (strlen (sections[i].name), 8));
      pe_file_put_u32 (entry + 8, sections[i].memory_bytes);
      pe_file_put_u32 (entry + 16, sections[i].file_bytes);
      pe_file_put_u32 (entry + 20, sections[i].file_at);
    }
  return file;
}

static inline void
pe_file_pad (GByteArray *file, guint alignment)
{
  while (file->len % alignment != 0)
    g_byte_array_append (file, (const guint8 *)"", 1);
}

/* Appends a section's content where entry @index of the table then says it is, padded to 512 bytes. */
static inline void
pe_file_add (GByteArray *file, guint index, GBytes *content)
{
  gsize size_bytes;
  const guint8 *data = g_bytes_get_data (content, &size_bytes);
  pe_file_pad (file, 512);
  guint at = file->len;
  g_byte_array_append (file, data, (guint)size_bytes);
  pe_file_pad (file, 512);
  guint8 *entry = file->data + PE_FILE_TABLE_AT + (gsize)index * PE_FILE_SECTION_BYTES;
  pe_file_put_u32 (entry + 8, (guint32)size_bytes);
  pe_file_put_u32 (entry + 16, file->len - at);
  pe_file_put_u32 (entry + 20, at);
}
