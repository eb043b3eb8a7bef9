/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "model/inventory.h"
#include "packages/owners.h"

/* The past of a system as its own package databases date it, in the form that a replay reads: a package history
 * (bench/package-history.h) and a table of components (bench/components-table.h).
 *
 * The databases date changes and do not keep old versions, so a version in the history is the day of the change. A
 * package of the history is a source package; all of them are in the first release, those from a later day with their
 * oldest known change. Dates go back as far as a build reads them: VARVE_COMPONENT_PAST_DAYS before the newest change
 * of a Debian package, the changelog of an rpm package, only the time of the build for pacman and apk. */

#define VARVE_DATED_HISTORY_NO_DATE G_MININT64

typedef struct {
  gint64 since, until; /* midnight UTC, seconds since 1970; NO_DATE: two years before until, the newest change */
  guint interval_days; /* from one release to the next, at least 1 */
} VarveDatedHistoryOptions;

#define VARVE_DATED_HISTORY_OPTIONS_INIT                                                                               \
  { .since = VARVE_DATED_HISTORY_NO_DATE, .until = VARVE_DATED_HISTORY_NO_DATE, .interval_days = 7 }

typedef struct {
  GString *releases;   /* lines of JSON */
  GString *components; /* tab-separated lines */
  guint n_releases, n_packages;
  guint n_undated; /* of the packages: in the history they never change */
} VarveDatedHistory;

/* Writes the history of the packages in @components. NOT_FOUND when no package has a date, USAGE when no release lies
 * between the dates, LIMIT when there are more than VARVE_PACKAGE_HISTORY_MAX_RELEASES. */
VarveDatedHistory *varve_dated_history_new (const VarveInventory *inventory, const VarveComponents *components,
                                            const VarveDatedHistoryOptions *options, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_dated_history_free (VarveDatedHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDatedHistory, varve_dated_history_free)

typedef struct {
  const char *repo_path, *ref; /* a commit of a repository */
  const char *rootfs_path;     /* a tree instead; then the two above are NULL */
  VarveOwnersOptions owners;
  guint jobs;
} VarveDatedSystem;

/* The same for a commit or a tree, whose package databases are read as a build reads them. */
VarveDatedHistory *varve_dated_history_read (const VarveDatedSystem *system, const VarveDatedHistoryOptions *options,
                                             VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
