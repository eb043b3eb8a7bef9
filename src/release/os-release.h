/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* os-release(5). Each is NULL when absent; values are UTF-8 without control characters. */
typedef struct {
  char *id, *version_id, *version_codename, *build_id, *name, *pretty_name;
} VarveOsRelease;

#define VARVE_OS_RELEASE_MAX_BYTES (64u << 10)

/* Ignores what is not an assignment. */
void varve_os_release_parse (GBytes *bytes, VarveOsRelease *out_release);
void varve_os_release_clear (VarveOsRelease *release);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveOsRelease, varve_os_release_clear)

/* What package URLs name a distribution: "debian-12", "arch-rolling", "debian-trixie", "gentoo"; NULL without an ID. */
char *varve_os_release_distro (const VarveOsRelease *release);
