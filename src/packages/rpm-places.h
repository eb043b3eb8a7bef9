#pragma once

#include <glib.h>

/* Shared by the reader and by what stands in for it. OSTree systems have the first, and links to it from the others. */
static const char *const VARVE_RPM_PLACES[] = { "usr/share/rpm", "usr/lib/sysimage/rpm", "var/lib/rpm", NULL };
static const char *const VARVE_RPM_MARKERS[] = { "rpmdb.sqlite", "Packages.db", "Packages", NULL };
