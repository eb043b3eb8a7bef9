/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/uki-image.h"

#include <string.h>

enum {
  HEAD_MAX_BYTES = 1 << 16, /* the headers of a UKI take 1 KiB */
  TEXT_MAX_BYTES = 1 << 16,
  SECTIONS_MAX = 96, /* the limit of Windows; UKIs have about ten */
  HEADER_OFFSET_AT = 0x3c,
  FILE_HEADER_BYTES = 24, /* the signature and the COFF header */
  N_SECTIONS_AT = 6,
  OPTIONAL_HEADER_BYTES_AT = 20,
  SECTION_BYTES = 40,
  SECTION_NAME_BYTES = 8,
  MEMORY_BYTES_AT = 8,
  FILE_BYTES_AT = 16,
  FILE_OFFSET_AT = 20,
};

typedef struct {
  GInputStream *content;
  GCancellable *cancellable;
  guint8 *head; /* the first bytes */
  gsize head_bytes;
  guint64 position; /* in the content */
  VarveUkiImage *image;
} Reading;

typedef struct {
  guint64 at, size_bytes;
  char **out_text; /* NULL: its text is not wanted */
} Section;

void
varve_uki_image_clear (VarveUkiImage *image)
{
  g_clear_pointer (&image->command_line, g_free);
  g_clear_pointer (&image->release, g_free);
}

static guint32
read_u16 (const guint8 *at)
{
  return at[0] | (guint32)at[1] << 8;
}

static guint32
read_u32 (const guint8 *at)
{
  return read_u16 (at) | read_u16 (at + 2) << 16;
}

static gboolean
skip_to (Reading *reading, guint64 at)
{
  while (reading->position < at)
    {
      gsize step = (gsize)MIN (at - reading->position, (guint64)G_MAXSSIZE);
      gssize n = g_input_stream_skip (reading->content, step, reading->cancellable, NULL);
      if (n <= 0)
        return FALSE;
      reading->position += (guint64)n;
    }
  return reading->position == at;
}

/* The part of it in the head, then the rest from the stream. */
static gboolean
load (Reading *reading, const Section *section, guint8 *bytes)
{
  gsize size = (gsize)section->size_bytes, in_head = 0, n;
  if (section->at < reading->head_bytes)
    in_head = MIN (size, reading->head_bytes - (gsize)section->at);
  memcpy (bytes, reading->head + (in_head > 0 ? section->at : 0), in_head);
  if (in_head == size)
    return TRUE;
  if (!skip_to (reading, section->at + in_head)
      || !g_input_stream_read_all (reading->content, bytes + in_head, size - in_head, &n, reading->cancellable, NULL))
    return FALSE;
  reading->position += n;
  return n == size - in_head;
}

/* Text may end with zeros. */
static void
load_text (Reading *reading, const Section *section)
{
  if (section->out_text == NULL || *section->out_text != NULL || section->size_bytes > TEXT_MAX_BYTES)
    return;
  g_autofree char *text = g_malloc0 ((gsize)section->size_bytes + 1);
  if (load (reading, section, (guint8 *)text) && g_utf8_validate (text, -1, NULL))
    *section->out_text = g_strstrip (g_steal_pointer (&text));
}

static Section
take_section (Reading *reading, const guint8 *entry)
{
  VarveUkiImage *image = reading->image;
  char name[SECTION_NAME_BYTES + 1] = { 0 };
  memcpy (name, entry, SECTION_NAME_BYTES);
  guint64 in_memory = read_u32 (entry + MEMORY_BYTES_AT), in_file = read_u32 (entry + FILE_BYTES_AT);
  Section section = { .at = read_u32 (entry + FILE_OFFSET_AT), .size_bytes = MIN (in_memory, in_file) };
  image->has_kernel |= strcmp (name, ".linux") == 0;
  image->has_initramfs |= strcmp (name, ".initrd") == 0;
  image->has_os_release |= strcmp (name, ".osrel") == 0;
  if (strcmp (name, ".cmdline") == 0)
    section.out_text = &image->command_line;
  else if (strcmp (name, ".uname") == 0)
    section.out_text = &image->release;
  return section;
}

static int
compare_sections (gconstpointer a, gconstpointer b)
{
  const Section *left = a, *right = b;
  return (left->at > right->at) - (left->at < right->at);
}

/* NULL where the headers are not whole. */
static const guint8 *
find_table (const Reading *reading, guint *out_sections)
{
  const guint8 *head = reading->head;
  if (reading->head_bytes < HEADER_OFFSET_AT + 4 || memcmp (head, "MZ", 2) != 0)
    return NULL;
  gsize at = read_u32 (head + HEADER_OFFSET_AT);
  if (at > reading->head_bytes || reading->head_bytes - at < FILE_HEADER_BYTES || memcmp (head + at, "PE\0", 4) != 0)
    return NULL;
  *out_sections = read_u16 (head + at + N_SECTIONS_AT);
  gsize table = at + FILE_HEADER_BYTES + read_u16 (head + at + OPTIONAL_HEADER_BYTES_AT);
  gboolean fits = *out_sections <= SECTIONS_MAX && table <= reading->head_bytes
                  && reading->head_bytes - table >= (gsize)*out_sections * SECTION_BYTES;
  return fits ? head + table : NULL;
}

void
varve_uki_image_read (GInputStream *content, VarveUkiImage *out_image, GCancellable *cancellable)
{
  Section sections[SECTIONS_MAX];
  guint n_sections;
  g_autofree guint8 *head = g_malloc (HEAD_MAX_BYTES);
  Reading reading = { .content = content, .cancellable = cancellable, .head = head, .image = out_image };
  *out_image = (VarveUkiImage){ 0 };
  if (!g_input_stream_read_all (content, head, HEAD_MAX_BYTES, &reading.head_bytes, cancellable, NULL))
    return;
  reading.position = reading.head_bytes;
  const guint8 *table = find_table (&reading, &n_sections);
  if (table == NULL)
    return;
  out_image->is_program = TRUE;
  for (guint i = 0; i < n_sections; i++)
    sections[i] = take_section (&reading, table + (gsize)i * SECTION_BYTES);
  qsort (sections, n_sections, sizeof (Section), compare_sections);
  for (guint i = 0; i < n_sections; i++)
    load_text (&reading, &sections[i]);
}
