/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* For rpm.c and rpm-absent.c. OSTree systems have the database in the first place and links to it in the others. */
static const char *const VARVE_RPM_PLACES[] = { "usr/share/rpm", "usr/lib/sysimage/rpm", "var/lib/rpm", NULL };
static const char *const VARVE_RPM_MARKERS[] = { "rpmdb.sqlite", "Packages.db", "Packages", NULL };
