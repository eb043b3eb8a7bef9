/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* Facts about packages: a file with a line of tab-separated fields for each, below a line that names the columns:
 * "name", "source" (its source package; empty: the name), "bytes" (uncompressed, of its files in an image) and, both
 * optional, "changelog_entries" (of the last year) and "changelog_dates" ("2020-01-31", separated by commas, in any
 * order), empty where unknown. Other columns are ignored. */

#define VARVE_COMPONENTS_TABLE_UNKNOWN G_MAXUINT32

typedef struct {
  char *source;
  guint64 size_bytes;
  guint32 changelog_entries; /* or VARVE_COMPONENTS_TABLE_UNKNOWN */
  GArray *changelog_times;   /* gint64, seconds since 1970; NULL where unknown */
} VarveComponentsRow;

typedef struct {
  GHashTable *rows;          /* name -> VarveComponentsRow, both owned */
  guint64 median_size_bytes; /* of all rows: the size of a package that is not in the table */
} VarveComponentsTable;

#define VARVE_COMPONENTS_TABLE_MAX_ROWS 100000u
/* So that sums over a history stay within 64 bits. */
#define VARVE_COMPONENTS_TABLE_MAX_BYTES (G_GUINT64_CONSTANT (1) << 40)

/* Reads a file, which may be compressed (bench/lines.h). */
VarveComponentsTable *varve_components_table_read (const char *path, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_components_table_free (VarveComponentsTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveComponentsTable, varve_components_table_free)

/* NULL for a package that is not in the table. */
const VarveComponentsRow *varve_components_table_find (const VarveComponentsTable *table, const char *name);
