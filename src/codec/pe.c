/* SPDX-License-Identifier: Apache-2.0 */
/* Only offsets in the file count here. Where the sections would be in memory does not matter. */
#include "codec/pe.h"

#include <string.h>

#include "base/little-endian.h"

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

gboolean
varve_pe_recognise (const guint8 *head, gsize head_bytes)
{
  if (head_bytes < HEADER_OFFSET_AT + 4 || memcmp (head, "MZ", 2) != 0)
    return FALSE;
  guint32 header_at = varve_read_le32 (head + HEADER_OFFSET_AT);
  return header_at <= head_bytes && head_bytes - header_at >= FILE_HEADER_BYTES
         && memcmp (head + header_at, "PE\0", 4) == 0;
}

static VarvePeSection
parse_section (const guint8 *entry)
{
  guint64 in_memory = varve_read_le32 (entry + MEMORY_BYTES_AT), in_file = varve_read_le32 (entry + FILE_BYTES_AT);
  VarvePeSection section = { .at = varve_read_le32 (entry + FILE_OFFSET_AT) };
  memcpy (section.name, entry, SECTION_NAME_BYTES);
  /* Some linkers leave the size in memory 0. */
  section.size_bytes = in_memory != 0 ? MIN (in_memory, in_file) : in_file;
  return section;
}

GArray *
varve_pe_parse_sections (const guint8 *head, gsize head_bytes, gsize *out_end)
{
  if (!varve_pe_recognise (head, head_bytes))
    return NULL;
  const guint8 *header = head + varve_read_le32 (head + HEADER_OFFSET_AT);
  gsize at = (gsize)(header - head) + FILE_HEADER_BYTES + varve_read_le16 (header + OPTIONAL_HEADER_BYTES_AT);
  gsize n_sections = varve_read_le16 (header + N_SECTIONS_AT);
  if (n_sections > VARVE_PE_SECTIONS_MAX || at > head_bytes || n_sections * SECTION_BYTES > head_bytes - at)
    return NULL;
  GArray *sections = g_array_new (FALSE, FALSE, sizeof (VarvePeSection));
  for (gsize i = 0; i < n_sections; i++)
    {
      VarvePeSection section = parse_section (head + at + i * SECTION_BYTES);
      g_array_append_val (sections, section);
    }
  *out_end = at + n_sections * SECTION_BYTES;
  return sections;
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

/* Leaves out what is empty, not in the file, or over what is before it. */
static void
keep_sound (GArray *sections, guint64 end, guint64 file_bytes)
{
  guint kept = 0;
  g_array_sort (sections, compare_sections);
  for (guint i = 0; i < sections->len; i++)
    {
      VarvePeSection section = g_array_index (sections, VarvePeSection, i);
      if (section.size_bytes == 0 || section.at < end || section.at > file_bytes
          || section.size_bytes > file_bytes - section.at)
        continue;
      g_array_index (sections, VarvePeSection, kept++) = section;
      end = section.at + section.size_bytes;
    }
  g_array_set_size (sections, kept);
}

GArray *
varve_pe_read_sections (VarveExtentFile *spool, VarveExtent file, GError **error)
{
  VarveExtent head = { .at = file.at, .size_bytes = MIN (file.size_bytes, VARVE_PE_HEAD_MAX_BYTES) };
  g_autofree guint8 *bytes = varve_extent_file_load (spool, head, error);
  gsize end;
  if (bytes == NULL)
    return NULL;
  GArray *sections = varve_pe_parse_sections (bytes, (gsize)head.size_bytes, &end);
  if (sections == NULL)
    return g_array_new (FALSE, FALSE, sizeof (VarvePeSection));
  keep_sound (sections, end, file.size_bytes); /* the headers are no section's */
  return sections;
}
