#pragma once

#include "bench/components-table.h"
#include "bench/package-history.h"
#include "model/component.h"

/* The releases of a history one after the other, each with all that it contains: its packages, and what no package
 * owns. */

#define VARVE_RELEASE_INITRAMFS "initramfs"
#define VARVE_RELEASE_UNOWNED "rpmostree-unpackaged-content"

typedef struct {
  const char *name, *source, *version;
  guint32 build;             /* equal from release to release as long as the package does not change, and only then */
  guint32 changelog_entries; /* of the last year, or VARVE_COMPONENTS_TABLE_UNKNOWN */
  const GArray *changelog_times; /* gint64, of entries before and after the release; NULL where they are not known */
  guint64 size_bytes;            /* the same in every release */
  VarveComponentKind kind;       /* PACKAGE, INITRAMFS or UNOWNED */
} VarveReleasePackage;

typedef struct {
  const char *name;
  gint64 date;                   /* seconds since 1970 */
  gboolean is_first;             /* of its file: nobody updates to it from the one before */
  VarveReleasePackage *packages; /* ascending by name */
  guint32 n_packages;
} VarveRelease;

typedef struct _VarveReleases VarveReleases;

/* Both must outlive it. Initramfs and unowned content are added under the two names above, new in every release, with
 * the table's sizes or those of a Fedora CoreOS; a history that has a package of such a name knows better, and none is
 * added then. */
VarveReleases *varve_releases_new (const VarvePackageHistory *history, const VarveComponentsTable *table);
void varve_releases_free (VarveReleases *releases);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveReleases, varve_releases_free)

/* NULL after the last. The release is valid until the next call; what its strings point to stays. */
const VarveRelease *varve_releases_next (VarveReleases *releases);
