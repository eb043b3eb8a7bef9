/* SPDX-License-Identifier: Apache-2.0 */
/* The text is copied once, so that each line can be ended by a NUL in place. */
#include "packages/text-lines.h"

#include <string.h>

VarveTextLines *
varve_text_lines_new (GBytes *bytes)
{
  gsize size_bytes;
  const char *data = g_bytes_get_data (bytes, &size_bytes);
  VarveTextLines *lines = g_new0 (VarveTextLines, 1);
  lines->buffer = g_malloc (size_bytes + 1);
  if (size_bytes > 0)
    memcpy (lines->buffer, data, size_bytes);
  lines->buffer[size_bytes] = '\0';
  lines->next = lines->buffer;
  lines->end = lines->buffer + size_bytes;
  return lines;
}

void
varve_text_lines_free (VarveTextLines *lines)
{
  g_free (lines->buffer);
  g_free (lines);
}

gboolean
varve_text_lines_next (VarveTextLines *lines)
{
  if (lines->next >= lines->end)
    return FALSE;
  char *newline = memchr (lines->next, '\n', (gsize)(lines->end - lines->next));
  char *stop = newline != NULL ? newline : lines->end;
  *stop = '\0';
  lines->text = lines->next;
  lines->length_bytes = (gsize)(stop - lines->next);
  lines->number++;
  lines->next = stop + 1;
  return TRUE;
}

gboolean
varve_text_lines_is_string (const VarveTextLines *lines)
{
  return memchr (lines->text, '\0', lines->length_bytes) == NULL;
}

gboolean
varve_text_lines_is_path (const VarveTextLines *lines)
{
  return lines->length_bytes > 0 && lines->length_bytes <= VARVE_LISTED_PATH_MAX_BYTES
         && varve_text_lines_is_string (lines);
}
