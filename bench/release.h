/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bench/components-table.h"
#include "bench/package-history.h"
#include "model/component.h"

/* The releases of a history in order, each with all of its contents: its packages, its initramfs and its unowned files.
 */

#define VARVE_RELEASE_INITRAMFS "initramfs"
#define VARVE_RELEASE_UNOWNED "rpmostree-unpackaged-content"

typedef struct {
  const char *name, *source, *version;
  guint32 build;                 /* the same in two releases if and only if the package is the same */
  guint32 changelog_entries;     /* of the last year, or VARVE_COMPONENTS_TABLE_UNKNOWN */
  const GArray *changelog_times; /* gint64, of entries before and after the release; NULL where unknown */
  guint64 size_bytes;            /* the same in every release */
  VarveComponentKind kind;       /* PACKAGE, INITRAMFS or UNOWNED */
} VarveReleasePackage;

typedef struct {
  const char *name;
  gint64 date;                   /* seconds since 1970 */
  gboolean is_first;             /* of its file: not an update of the previous release */
  VarveReleasePackage *packages; /* ascending by name */
  guint32 n_packages;
} VarveRelease;

typedef struct _VarveReleases VarveReleases;

/* Both must outlive the result. Initramfs and unowned content are added under the two names above, changed in every
 * release, with the table's sizes or those of a Fedora CoreOS; a history with a package of such a name has its changes
 * itself, and none is added. */
VarveReleases *varve_releases_new (const VarvePackageHistory *history, const VarveComponentsTable *table);
void varve_releases_free (VarveReleases *releases);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveReleases, varve_releases_free)

/* NULL after the last. The release is valid until the next call; its strings stay valid. */
const VarveRelease *varve_releases_next (VarveReleases *releases);
