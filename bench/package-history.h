/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* The packages of a series of releases: a file with a line of JSON for each release, oldest first,
 *   {"release": "31.20200108.3.0", "date": "2020-01-08", "set": {"bash": "5.0.11-1.fc31", …}, "unset": ["avahi-libs"]}
 * with new packages and new versions in "set" and removed packages in "unset". The first line of a file sets every
 * package. */

#define VARVE_PACKAGE_HISTORY_GONE G_MAXUINT32

typedef struct {
  guint32 package; /* index into the names */
  guint32 build;   /* index into the builds, or VARVE_PACKAGE_HISTORY_GONE */
} VarvePackageHistoryChange;

typedef struct {
  guint32 package;
  char *version;
} VarvePackageHistoryBuild;

typedef struct {
  char *name;
  gint64 date;       /* seconds since 1970, midnight UTC */
  gboolean is_first; /* of its file: earlier releases have no effect on it */
  guint32 first_change, n_changes;
} VarvePackageHistoryRelease;

typedef struct {
  GPtrArray *names; /* of packages; char *, owned */
  GArray *builds;   /* VarvePackageHistoryBuild: a version of a package, each once */
  GArray *changes;  /* VarvePackageHistoryChange */
  GArray *releases; /* VarvePackageHistoryRelease */

  /* private */
  GHashTable *packages_by_name, *builds_by_name;
  GHashTable *present; /* the packages of the newest release */
} VarvePackageHistory;

#define VARVE_PACKAGE_HISTORY_MAX_RELEASES 100000u
#define VARVE_PACKAGE_HISTORY_MAX_PACKAGES 100000u
#define VARVE_PACKAGE_HISTORY_MAX_CHANGES 20000000u

VarvePackageHistory *varve_package_history_new (void);
void varve_package_history_free (VarvePackageHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePackageHistory, varve_package_history_free)

/* Appends the releases of one file, which may be compressed (bench/lines.h). CORRUPT for a file without releases. After
 * a failure the history can only be freed. */
gboolean varve_package_history_read (VarvePackageHistory *history, const char *path, GCancellable *cancellable,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
