#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "model/component.h"
#include "model/inventory.h"
#include "model/source.h"

typedef enum {
  VARVE_PACKAGES_AUTO, /* every database that is found: rpm, then dpkg, pacman, apk */
  VARVE_PACKAGES_RPM,
  VARVE_PACKAGES_DPKG,
  VARVE_PACKAGES_PACMAN,
  VARVE_PACKAGES_APK,
  VARVE_PACKAGES_NONE, /* none; only user.component, the mapping, and what things are */
} VarvePackagesKind;

/* "auto", "rpm", "dpkg", "pacman", "apk", "none"; anything else is VARVE_ERROR_USAGE. */
gboolean varve_packages_kind_from_string (const char *string, VarvePackagesKind *out_kind, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  VarvePackagesKind kind;
  const char *mapping_path; /* lines of "component TAB glob", see packages/mapping.h; NULL: none */
} VarveOwnersOptions;

#define VARVE_OWNERS_OPTIONS_INIT { .kind = VARVE_PACKAGES_AUTO, .mapping_path = NULL }

/* Which component each file of the inventory belongs to, and what each component knows of its own past.
 *
 * In this order: the mapping; the nearest user.component; initramfs images; the package, by its source package's
 * name; then, for what no package has, package databases, generated caches, the kernel, the rest by directory. The
 * components are sorted by name, and each has a file.
 *
 * A database that is damaged is an error that names its file, or a warning where the rest is of use. A kind that is
 * asked for and not in the tree is NOT_FOUND, one that this build cannot read UNSUPPORTED (with AUTO, a warning). */
VarveComponents *varve_owners_read (const VarveInventory *inventory, VarveSource *source,
                                    const VarveOwnersOptions *options, VarveObserver *observer,
                                    GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
