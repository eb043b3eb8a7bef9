/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/components-table.h"

#include <string.h>

#include "base/error.h"
#include "base/fasthash.h"
#include "bench/lines.h"

typedef enum { COLUMN_NAME, COLUMN_SOURCE, COLUMN_BYTES, COLUMN_ENTRIES, COLUMN_DATES, N_COLUMNS } Column;

static const char *const COLUMN_NAMES[N_COLUMNS]
    = { "name", "source", "bytes", "changelog_entries", "changelog_dates" };

typedef struct {
  VarveComponentsTable *table;
  int fields[N_COLUMNS]; /* the field of each column; -1: none */
  guint n_fields;        /* 0 before the first line */
} Reading;

static void
row_free (gpointer data)
{
  VarveComponentsRow *row = data;
  g_free (row->source);
  g_clear_pointer (&row->changelog_times, g_array_unref);
  g_free (row);
}

void
varve_components_table_free (VarveComponentsTable *table)
{
  g_hash_table_unref (table->rows);
  g_free (table);
}

static gboolean
read_columns (Reading *reading, char **fields, GError **error)
{
  reading->n_fields = g_strv_length (fields);
  for (Column column = 0; column < N_COLUMNS; column++)
    {
      reading->fields[column] = -1;
      for (guint i = 0; i < reading->n_fields; i++)
        if (strcmp (fields[i], COLUMN_NAMES[column]) == 0)
          reading->fields[column] = (int)i;
      if (reading->fields[column] < 0 && column < COLUMN_ENTRIES)
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                       "the column '%s' is missing in the line that names the columns", COLUMN_NAMES[column]);
          return FALSE;
        }
    }
  return TRUE;
}

static const char *
reading_field (const Reading *reading, char **fields, Column column)
{
  return reading->fields[column] >= 0 ? fields[reading->fields[column]] : "";
}

static gboolean
parse_number (const Reading *reading, char **fields, Column column, guint64 max, guint64 *out_number, GError **error)
{
  g_autoptr (GError) problem = NULL;
  const char *text = reading_field (reading, fields, column);
  if (g_ascii_string_to_unsigned (text, 10, 0, max, out_number, &problem))
    return TRUE;
  g_autofree char *escaped = varve_escape (text);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%s '%s': expected a number from 0 to %" G_GUINT64_FORMAT,
               COLUMN_NAMES[column], escaped, max);
  return FALSE;
}

/* NULL without an error for an empty list. */
static GArray *
parse_dates (const Reading *reading, char **fields, GError **error)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_auto (GStrv) dates = g_strsplit (reading_field (reading, fields, COLUMN_DATES), ",", -1);
  for (guint i = 0; dates[i] != NULL; i++)
    {
      gint64 time;
      if (!varve_lines_parse_date (dates[i], &time, error))
        return NULL;
      g_array_append_val (times, time);
    }
  return times->len > 0 ? g_steal_pointer (&times) : NULL;
}

static gboolean
reading_add_row (Reading *reading, char **fields, GError **error)
{
  const char *name = reading_field (reading, fields, COLUMN_NAME),
             *source = reading_field (reading, fields, COLUMN_SOURCE);
  guint64 size_bytes, entries = VARVE_COMPONENTS_TABLE_UNKNOWN;
  if (!parse_number (reading, fields, COLUMN_BYTES, VARVE_COMPONENTS_TABLE_MAX_BYTES, &size_bytes, error))
    return FALSE;
  if (*reading_field (reading, fields, COLUMN_ENTRIES) != '\0'
      && !parse_number (reading, fields, COLUMN_ENTRIES, VARVE_COMPONENTS_TABLE_UNKNOWN - 1, &entries, error))
    return FALSE;
  if (*name == '\0' || g_hash_table_contains (reading->table->rows, name))
    {
      g_autofree char *escaped = varve_escape (name);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, *name == '\0' ? "empty name%s" : "duplicate name '%s'",
                   escaped);
      return FALSE;
    }
  g_autoptr (GError) problem = NULL;
  GArray *times = parse_dates (reading, fields, &problem);
  if (problem != NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&problem), "%s: ", COLUMN_NAMES[COLUMN_DATES]);
      return FALSE;
    }
  VarveComponentsRow *row = g_new (VarveComponentsRow, 1);
  *row = (VarveComponentsRow){ g_strdup (*source != '\0' ? source : name), size_bytes, (guint32)entries, times };
  g_hash_table_insert (reading->table->rows, g_strdup (name), row);
  return TRUE;
}

static gboolean
read_line (const char *line, gpointer data, GError **error)
{
  Reading *reading = data;
  g_auto (GStrv) fields = g_strsplit (line, "\t", -1);
  if (reading->n_fields == 0)
    return read_columns (reading, fields, error);
  if (g_strv_length (fields) != reading->n_fields)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%u fields: expected %u, as in the first line",
                   g_strv_length (fields), reading->n_fields);
      return FALSE;
    }
  if (g_hash_table_size (reading->table->rows) >= VARVE_COMPONENTS_TABLE_MAX_ROWS)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than %u rows", VARVE_COMPONENTS_TABLE_MAX_ROWS);
      return FALSE;
    }
  return reading_add_row (reading, fields, error);
}

static int
compare_sizes (gconstpointer a, gconstpointer b)
{
  guint64 left = *(const guint64 *)a, right = *(const guint64 *)b;
  return (left > right) - (left < right);
}

static guint64
median_size (const VarveComponentsTable *table)
{
  g_autoptr (GArray) sizes = g_array_new (FALSE, FALSE, sizeof (guint64));
  GHashTableIter iter;
  gpointer row;
  g_hash_table_iter_init (&iter, table->rows);
  while (g_hash_table_iter_next (&iter, NULL, &row))
    g_array_append_val (sizes, ((VarveComponentsRow *)row)->size_bytes);
  g_array_sort (sizes, compare_sizes);
  guint n = sizes->len;
  return (g_array_index (sizes, guint64, (n - 1) / 2) + g_array_index (sizes, guint64, n / 2)) / 2;
}

VarveComponentsTable *
varve_components_table_read (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveComponentsTable) table = g_new0 (VarveComponentsTable, 1);
  table->rows = g_hash_table_new_full (varve_fasthash_string, g_str_equal, g_free, row_free);
  Reading reading = { .table = table };
  if (!varve_lines_read (path, read_line, &reading, cancellable, error))
    return NULL;
  if (g_hash_table_size (table->rows) == 0)
    {
      g_autofree char *name = varve_escape (path);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                   "'%s': no packages: expected a line for each, below the names of the columns", name);
      return NULL;
    }
  table->median_size_bytes = median_size (table);
  return g_steal_pointer (&table);
}

const VarveComponentsRow *
varve_components_table_find (const VarveComponentsTable *table, const char *name)
{
  return g_hash_table_lookup (table->rows, name);
}
