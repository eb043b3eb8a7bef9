/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "model/component.h"
#include "model/inventory.h"
#include "model/source.h"
#include "packages/packages-kind.h"

/* "auto", "rpm", "dpkg", "pacman", "apk", "none"; anything else is VARVE_ERROR_USAGE. */
gboolean varve_packages_kind_from_string (const char *string, VarvePackagesKind *out_kind, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  VarvePackagesKind kind;
  const char *mapping_path;  /* lines of "component TAB glob", see packages/mapping.h; NULL: none */
  gboolean records_packages; /* also reads what the databases say of each package */
} VarveOwnersOptions;

#define VARVE_OWNERS_OPTIONS_INIT { .kind = VARVE_PACKAGES_AUTO, .mapping_path = NULL }

/* Which component each file of the inventory belongs to, and when each component changed.
 *
 * The first of these counts: the mapping; the nearest user.component; initramfs images; the package, by the name of its
 * source package; then, for files of no package, package databases, generated caches, the kernel, the rest by
 * directory. The components are sorted by name, and each has a file.
 *
 * A damaged database is an error that names its file, or a warning where the rest is usable. A kind that is asked for
 * but is not in the tree is NOT_FOUND; a kind that this build cannot read is UNSUPPORTED (with AUTO, a warning). */
VarveComponents *varve_owners_read (const VarveInventory *inventory, VarveSource *source,
                                    const VarveOwnersOptions *options, VarveObserver *observer,
                                    GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
