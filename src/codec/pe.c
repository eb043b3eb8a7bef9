/* SPDX-License-Identifier: Apache-2.0 */
/* Only offsets in the file count here. Where the sections would be in memory does not matter. */
#include "codec/pe.h"

#include <string.h>

enum {
  HEADER_OFFSET_AT = 0x3c,
  FILE_HEADER_BYTES = 24, /* signature and COFF header */
  N_SECTIONS_AT = 6,
  OPTIONAL_HEADER_BYTES_AT = 20,
  SECTION_BYTES = 40,
  SECTION_NAME_BYTES = 8,
  MEMORY_BYTES_AT = 8,
  FILE_BYTES_AT = 16,
  FILE_OFFSET_AT = 20,
};

static guint16
read_u16 (const guint8 *at)
{
  return (guint16)(at[0] | at[1] << 8);
}

static guint32
read_u32 (const guint8 *at)
{
  return at[0] | (guint32)at[1] << 8 | (guint32)at[2] << 16 | (guint32)at[3] << 24;
}

gboolean
varve_pe_recognise (const guint8 *head, gsize head_bytes)
{
  if (head_bytes < HEADER_OFFSET_AT + 4 || memcmp (head, "MZ", 2) != 0)
    return FALSE;
  guint32 header_at = read_u32 (head + HEADER_OFFSET_AT);
  return header_at <= head_bytes && head_bytes - header_at >= FILE_HEADER_BYTES
         && memcmp (head + header_at, "PE\0", 4) == 0;
}

/* Where the section table is; FALSE without an error where there is none. */
static gboolean
find_table (VarveExtentFile *spool, VarveExtent file, guint64 *out_at, guint *out_sections, GError **error)
{
  guint8 start[HEADER_OFFSET_AT + 4], header[FILE_HEADER_BYTES];
  if (file.size_bytes < sizeof start || !varve_extent_file_read (spool, file.at, start, sizeof start, error))
    return FALSE;
  guint64 at = read_u32 (start + HEADER_OFFSET_AT);
  if (memcmp (start, "MZ", 2) != 0 || at > file.size_bytes || file.size_bytes - at < sizeof header
      || !varve_extent_file_read (spool, file.at + at, header, sizeof header, error) || memcmp (header, "PE\0", 4) != 0)
    return FALSE;
  *out_sections = read_u16 (header + N_SECTIONS_AT);
  *out_at = at + sizeof header + read_u16 (header + OPTIONAL_HEADER_BYTES_AT);
  return *out_sections <= VARVE_PE_SECTIONS_MAX && *out_at <= file.size_bytes
         && (guint64)*out_sections * SECTION_BYTES <= file.size_bytes - *out_at;
}

/* FALSE where nothing of the section is in the file. */
static gboolean
parse_section (const guint8 *entry, guint64 file_bytes, VarvePeSection *out_section)
{
  guint64 in_memory = read_u32 (entry + MEMORY_BYTES_AT), in_file = read_u32 (entry + FILE_BYTES_AT);
  *out_section = (VarvePeSection){ .at = read_u32 (entry + FILE_OFFSET_AT) };
  memcpy (out_section->name, entry, SECTION_NAME_BYTES);
  /* Some linkers leave the size in memory 0. */
  out_section->size_bytes = in_memory != 0 ? MIN (in_memory, in_file) : in_file;
  return out_section->size_bytes > 0 && out_section->at <= file_bytes
         && out_section->size_bytes <= file_bytes - out_section->at;
}

static int
compare_sections (gconstpointer a, gconstpointer b)
{
  const VarvePeSection *x = a, *y = b;
  if (x->at != y->at)
    return x->at < y->at ? -1 : 1;
  if (x->size_bytes != y->size_bytes)
    return x->size_bytes < y->size_bytes ? -1 : 1;
  return memcmp (x->name, y->name, sizeof x->name);
}

GArray *
varve_pe_read_sections (VarveExtentFile *spool, VarveExtent file, GError **error)
{
  g_autoptr (GArray) sections = g_array_new (FALSE, FALSE, sizeof (VarvePeSection));
  GError *failure = NULL;
  guint64 at, end;
  guint n_sections;
  if (!find_table (spool, file, &at, &n_sections, &failure))
    {
      if (failure == NULL)
        return g_steal_pointer (&sections);
      g_propagate_error (error, failure);
      return NULL;
    }
  VarveExtent table = { .at = file.at + at, .size_bytes = (guint64)n_sections * SECTION_BYTES };
  g_autofree guint8 *entries = varve_extent_file_load (spool, table, error);
  if (entries == NULL)
    return NULL;
  for (guint i = 0; i < n_sections; i++)
    {
      VarvePeSection section;
      if (parse_section (entries + (gsize)i * SECTION_BYTES, file.size_bytes, &section))
        g_array_append_val (sections, section);
    }
  g_array_sort (sections, compare_sections);
  end = at + table.size_bytes; /* the headers are no section's */
  guint kept = 0;
  for (guint i = 0; i < sections->len; i++)
    {
      VarvePeSection section = g_array_index (sections, VarvePeSection, i);
      if (section.at < end)
        continue;
      g_array_index (sections, VarvePeSection, kept++) = section;
      end = section.at + section.size_bytes;
    }
  g_array_set_size (sections, kept);
  return g_steal_pointer (&sections);
}
