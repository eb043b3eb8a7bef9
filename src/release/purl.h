/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/package.h"
#include "release/os-release.h"

/* Package URLs (ECMA-427, https://github.com/package-url/purl-spec), of the types rpm, deb, alpm and apk. The namespace
 * is the ID of os-release. */

/* With the qualifiers arch, distro, of an rpm epoch, and upstream, from which scanners take the source package. NULL
 * without a version. */
char *varve_purl_of_package (const VarvePackage *package, const VarveOsRelease *os);
/* Of its source package: only deb and rpm have package URLs for these. NULL for others, or when it is unknown. */
char *varve_purl_of_source (const VarvePackage *package, const VarveOsRelease *os);
