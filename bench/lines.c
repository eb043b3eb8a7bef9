/* SPDX-License-Identifier: Apache-2.0 */
/* libarchive's raw format is a decompressor that recognises formats by their first bytes. */
#include "bench/lines.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

enum { BUFFER_BYTES = 128 * 1024 };

typedef struct archive Archive;

static void
archive_close_free (Archive *archive)
{
  archive_read_free (archive);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, archive_close_free)

typedef struct {
  VarveLineFunc func;
  gpointer data;
  GString *line; /* the start of a line whose end is not read yet */
  guint number;  /* of that line */
} Lines;

static gboolean
archive_fail (Archive *archive, GError **error)
{
  g_autofree char *message = varve_escape (archive_error_string (archive));
  int code = archive_errno (archive);
  gboolean is_missing = code == ENOENT;
  g_set_error_literal (error, VARVE_ERROR, is_missing ? VARVE_ERROR_NOT_FOUND : VARVE_ERROR_IO,
                       is_missing ? g_strerror (code) : message);
  return FALSE;
}

static Archive *
open_archive (const char *path, GError **error)
{
  g_autoptr (Archive) archive = archive_read_new ();
  archive_read_support_filter_xz (archive);
  archive_read_support_filter_gzip (archive);
  archive_read_support_filter_zstd (archive);
  archive_read_support_filter_bzip2 (archive);
  archive_read_support_format_raw (archive);
  archive_read_support_format_empty (archive);
  if (archive_read_open_filename (archive, path, BUFFER_BYTES) == ARCHIVE_OK)
    return g_steal_pointer (&archive);
  archive_fail (archive, error);
  return NULL;
}

static gboolean
check_text (const GString *line, GError **error)
{
  if (!g_utf8_validate_len (line->str, line->len, NULL))
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "not UTF-8");
      return FALSE;
    }
  for (gsize i = 0; i < line->len; i++)
    if (g_ascii_iscntrl (line->str[i]) && line->str[i] != '\t')
      {
        g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "a control character (0x%02x)", (guint8)line->str[i]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
lines_end (Lines *lines, GError **error)
{
  GString *line = lines->line;
  lines->number++;
  if (line->len > 0 && line->str[line->len - 1] == '\r')
    g_string_truncate (line, line->len - 1);
  gboolean done = line->len == 0 || (check_text (line, error) && lines->func (line->str, lines->data, error));
  if (!done)
    g_prefix_error (error, "line %u: ", lines->number);
  g_string_truncate (line, 0);
  return done;
}

static gboolean
lines_add (Lines *lines, const char *bytes, gsize size_bytes, GError **error)
{
  while (size_bytes > 0)
    {
      const char *end = memchr (bytes, '\n', size_bytes);
      gsize length = end != NULL ? (gsize)(end - bytes) : size_bytes;
      if (lines->line->len + length > VARVE_LINES_MAX_LINE_BYTES)
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "line %u: longer than %u bytes", lines->number + 1,
                       VARVE_LINES_MAX_LINE_BYTES);
          return FALSE;
        }
      g_string_append_len (lines->line, bytes, (gssize)length);
      if (end != NULL && !lines_end (lines, error))
        return FALSE;
      length += end != NULL;
      bytes += length;
      size_bytes -= length;
    }
  return TRUE;
}

static gboolean
lines_read_all (Archive *archive, Lines *lines, GCancellable *cancellable, GError **error)
{
  struct archive_entry *entry;
  int result = archive_read_next_header (archive, &entry);
  if (result == ARCHIVE_EOF)
    return TRUE;
  if (result != ARCHIVE_OK)
    return archive_fail (archive, error);
  g_autofree char *buffer = g_malloc (BUFFER_BYTES);
  guint64 total = 0;
  la_ssize_t n;
  while ((n = archive_read_data (archive, buffer, BUFFER_BYTES)) > 0)
    {
      total += (guint64)n;
      if (total > VARVE_LINES_MAX_BYTES)
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than %u bytes of text", VARVE_LINES_MAX_BYTES);
          return FALSE;
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, error) || !lines_add (lines, buffer, (gsize)n, error))
        return FALSE;
    }
  if (n < 0)
    return archive_fail (archive, error);
  return lines->line->len == 0 || lines_end (lines, error);
}

gboolean
varve_lines_read (const char *path, VarveLineFunc func, gpointer data, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = varve_escape (path);
  g_autoptr (GString) text = g_string_new (NULL);
  Lines lines = { .func = func, .data = data, .line = text };
  g_autoptr (Archive) archive = open_archive (path, error);
  gboolean done = archive != NULL && lines_read_all (archive, &lines, cancellable, error);
  if (!done)
    g_prefix_error (error, "'%s': ", name);
  return done;
}

gboolean
varve_lines_parse_date (const char *text, gint64 *out_time, GError **error)
{
  guint year, month, day;
  int length = 0;
  if (sscanf (text, "%4u-%2u-%2u%n", &year, &month, &day, &length) == 3 && length == 10 && text[length] == '\0'
      && g_date_valid_dmy ((GDateDay)MIN (day, 99), (GDateMonth)MIN (month, 99), (GDateYear)year))
    {
      g_autoptr (GDateTime) date = g_date_time_new_utc ((int)year, (int)month, (int)day, 0, 0, 0);
      *out_time = g_date_time_to_unix (date);
      return TRUE;
    }
  g_autofree char *escaped = varve_escape (text);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "date '%s': expected one like '2020-01-31'", escaped);
  return FALSE;
}
