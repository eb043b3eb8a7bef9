/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/uki-image.h"

#include <string.h>

#include "codec/pe.h"

enum { TEXT_MAX_BYTES = 1 << 16 };

typedef struct {
  GInputStream *content;
  GCancellable *cancellable;
  guint8 *head; /* the first bytes */
  gsize head_bytes;
  guint64 position; /* in the content */
  VarveUkiImage *image;
} Reading;

void
varve_uki_image_clear (VarveUkiImage *image)
{
  g_clear_pointer (&image->command_line, g_free);
  g_clear_pointer (&image->release, g_free);
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
load (Reading *reading, const VarvePeSection *section, guint8 *bytes)
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
load_text (Reading *reading, const VarvePeSection *section, char **out_text)
{
  if (*out_text != NULL || section->size_bytes > TEXT_MAX_BYTES)
    return;
  g_autofree char *text = g_malloc0 ((gsize)section->size_bytes + 1);
  if (load (reading, section, (guint8 *)text) && g_utf8_validate (text, -1, NULL))
    *out_text = g_strstrip (g_steal_pointer (&text));
}

static void
take_section (Reading *reading, const VarvePeSection *section)
{
  VarveUkiImage *image = reading->image;
  image->has_kernel |= strcmp (section->name, VARVE_PE_LINUX) == 0;
  image->has_initramfs |= strcmp (section->name, VARVE_PE_INITRD) == 0;
  image->has_os_release |= strcmp (section->name, ".osrel") == 0;
  if (strcmp (section->name, ".cmdline") == 0)
    load_text (reading, section, &image->command_line);
  else if (strcmp (section->name, ".uname") == 0)
    load_text (reading, section, &image->release);
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const VarvePeSection *left = a, *right = b;
  return (left->at > right->at) - (left->at < right->at);
}

void
varve_uki_image_read (GInputStream *content, VarveUkiImage *out_image, GCancellable *cancellable)
{
  g_autofree guint8 *head = g_malloc (VARVE_PE_HEAD_MAX_BYTES);
  Reading reading = { .content = content, .cancellable = cancellable, .head = head, .image = out_image };
  gsize end;
  *out_image = (VarveUkiImage){ 0 };
  if (!g_input_stream_read_all (content, head, VARVE_PE_HEAD_MAX_BYTES, &reading.head_bytes, cancellable, NULL))
    return;
  reading.position = reading.head_bytes;
  g_autoptr (GArray) sections = varve_pe_parse_sections (head, reading.head_bytes, &end);
  if (sections == NULL)
    return;
  out_image->is_program = TRUE;
  g_array_sort (sections, compare_places);
  for (guint i = 0; i < sections->len; i++)
    take_section (&reading, &g_array_index (sections, VarvePeSection, i));
}
