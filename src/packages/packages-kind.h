/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

typedef enum {
  VARVE_PACKAGES_AUTO, /* every database in the tree: rpm, then dpkg, pacman, apk */
  VARVE_PACKAGES_RPM,
  VARVE_PACKAGES_DPKG,
  VARVE_PACKAGES_PACMAN,
  VARVE_PACKAGES_APK,
  VARVE_PACKAGES_NONE, /* no database; only user.component, the mapping, and the kinds of files */
} VarvePackagesKind;
