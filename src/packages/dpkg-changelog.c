/* SPDX-License-Identifier: Apache-2.0 */
/* Changelogs go back for decades, only the last years count, and hundreds of them are read: so each is unpacked in
 * small pieces, and no further than needed. */
#include "packages/dpkg-changelog.h"

#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "model/component.h"
#include "packages/claims.h"

enum { PIECE_BYTES = 16 << 10, LINE_MAX_BYTES = 1024 };

#define LOOK_BACK_SECONDS (VARVE_COMPONENT_PAST_DAYS * G_GINT64_CONSTANT (24) * 60 * 60)

typedef struct {
  GArray *times;
  char line[LINE_MAX_BYTES + 1];
  gsize line_bytes; /* beyond LINE_MAX_BYTES, the line is too long to be a trailer */
  gboolean is_done;
} Scan;

static gboolean
read_number (const char **p, guint digits_min, guint digits_max, gint *out_number)
{
  gint number = 0;
  guint n = 0;
  for (; n < digits_max && g_ascii_isdigit (**p); n++)
    number = number * 10 + (*(*p)++ - '0');
  *out_number = number;
  return n >= digits_min;
}

static gboolean
read_month (const char **p, gint *out_month)
{
  static const char MONTHS[][4]
      = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  for (gint i = 0; i < 12; i++)
    if (g_ascii_strncasecmp (*p, MONTHS[i], 3) == 0)
      {
        *p += strcspn (*p, " \t");
        *out_month = i + 1;
        return TRUE;
      }
  return FALSE;
}

static void
skip_spaces (const char **p)
{
  *p += strspn (*p, " \t");
}

static gboolean
read_zone (const char **p, gint *out_seconds)
{
  gint sign = **p == '-' ? -1 : 1, hours_minutes;
  if (**p != '+' && **p != '-')
    {
      *out_seconds = 0;
      return strncmp (*p, "GMT", 3) == 0 || strncmp (*p, "UTC", 3) == 0;
    }
  (*p)++;
  if (!read_number (p, 4, 4, &hours_minutes))
    return FALSE;
  *out_seconds = sign * ((hours_minutes / 100) * 3600 + (hours_minutes % 100) * 60);
  return TRUE;
}

gboolean
varve_dpkg_parse_date (const char *text, gint64 *out_time)
{
  gint day, month, year, hour, minute, second = 0, zone_seconds;
  const char *p = text;
  skip_spaces (&p);
  if (g_ascii_isalpha (*p))
    p += strcspn (p, ", \t");
  p += strspn (p, ", \t");
  if (!read_number (&p, 1, 2, &day))
    return FALSE;
  skip_spaces (&p);
  if (!read_month (&p, &month))
    return FALSE;
  skip_spaces (&p);
  if (!read_number (&p, 4, 4, &year))
    return FALSE;
  skip_spaces (&p);
  if (!read_number (&p, 1, 2, &hour) || *p++ != ':' || !read_number (&p, 2, 2, &minute))
    return FALSE;
  if (*p == ':' && (p++, !read_number (&p, 2, 2, &second)))
    return FALSE;
  skip_spaces (&p);
  if (!read_zone (&p, &zone_seconds))
    return FALSE;
  g_autoptr (GDateTime) date = g_date_time_new_utc (year, month, day, hour, minute, MIN (second, 59));
  if (date == NULL)
    return FALSE;
  *out_time = g_date_time_to_unix (date) - zone_seconds;
  return TRUE;
}

static void
scan_trailer (Scan *scan)
{
  const char *address_end = strrchr (scan->line, '>');
  gint64 time;
  if (address_end == NULL || !varve_dpkg_parse_date (address_end + 1, &time))
    return;
  g_array_append_val (scan->times, time);
  gint64 oldest = g_array_index (scan->times, gint64, 0) - LOOK_BACK_SECONDS;
  scan->is_done = scan->times->len >= VARVE_CHANGES_MAX || time < oldest;
}

static void
scan_line_end (Scan *scan)
{
  gboolean is_whole = scan->line_bytes <= LINE_MAX_BYTES;
  if (is_whole)
    scan->line[scan->line_bytes] = '\0';
  if (is_whole && strncmp (scan->line, " -- ", 4) == 0)
    scan_trailer (scan);
  scan->line_bytes = 0;
}

static void
scan_piece (Scan *scan, const char *data, gsize size_bytes)
{
  while (size_bytes > 0 && !scan->is_done)
    {
      const char *newline = memchr (data, '\n', size_bytes);
      gsize length = newline != NULL ? (gsize)(newline - data) : size_bytes;
      if (scan->line_bytes + length <= LINE_MAX_BYTES)
        memcpy (scan->line + scan->line_bytes, data, length);
      scan->line_bytes = MIN (scan->line_bytes + length, (gsize)LINE_MAX_BYTES + 1);
      if (newline == NULL)
        return;
      scan_line_end (scan);
      data = newline + 1;
      size_bytes -= length + 1;
    }
}

static gboolean
gzip_fail (const char *message, GError **error)
{
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "gzip: %s", message);
  return FALSE;
}

static gboolean
inflate_pieces (z_stream *stream, Scan *scan, GError **error)
{
  char piece[PIECE_BYTES];
  gsize total_bytes = 0;
  for (int result = Z_OK; result != Z_STREAM_END && !scan->is_done;)
    {
      stream->next_out = (Bytef *)piece;
      stream->avail_out = sizeof piece;
      result = inflate (stream, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END)
        return gzip_fail (result == Z_BUF_ERROR ? "cut off" : "damaged", error);
      gsize got_bytes = sizeof piece - stream->avail_out;
      total_bytes += got_bytes;
      if (total_bytes > VARVE_DPKG_CHANGELOG_MAX_BYTES)
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "unpacks to more than %u bytes",
                       VARVE_DPKG_CHANGELOG_MAX_BYTES);
          return FALSE;
        }
      scan_piece (scan, piece, got_bytes);
    }
  return TRUE;
}

static gboolean
scan_gzip (Scan *scan, const guint8 *data, gsize size_bytes, GError **error)
{
  enum { GZIP_WINDOW_BITS = 15 + 16 };
  z_stream stream = { .next_in = (Bytef *)data, .avail_in = (uInt)size_bytes };
  if (inflateInit2 (&stream, GZIP_WINDOW_BITS) != Z_OK)
    return gzip_fail ("zlib does not start", error);
  gboolean is_good = inflate_pieces (&stream, scan, error);
  inflateEnd (&stream);
  return is_good;
}

GArray *
varve_dpkg_parse_changelog (GBytes *bytes, GError **error)
{
  gsize size_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &size_bytes);
  if (size_bytes > VARVE_DPKG_CHANGELOG_MAX_BYTES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than %u bytes", VARVE_DPKG_CHANGELOG_MAX_BYTES);
      return NULL;
    }
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  Scan scan = { .times = times };
  gboolean is_gzip = size_bytes >= 2 && data[0] == 0x1f && data[1] == 0x8b;
  if (!is_gzip)
    scan_piece (&scan, (const char *)data, size_bytes);
  else if (!scan_gzip (&scan, data, size_bytes, error))
    return NULL;
  if (!scan.is_done)
    scan_line_end (&scan);
  return g_steal_pointer (&times);
}
