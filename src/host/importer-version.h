/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* What the host's importer, bootc or rpm-ostree, makes of images that are not of an OSTree commit. */
typedef struct {
  char name[32];         /* "bootc 1.1.2" */
  gboolean takes_plain;  /* into an OSTree repository */
  gboolean labels_plain; /* their layers, by the SELinux policy of the booted system */
} VarveImporterVersion;

#define VARVE_IMPORTER_VERSION_NEWEST ((VarveImporterVersion){ "bootc", TRUE, TRUE })

/* Asks the program; *@out_version stays as it is if the host has neither. */
gboolean varve_importer_version_load (VarveImporterVersion *out_version, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* "bootc 1.16.9"; of rpm-ostree, the line " Version: '2025.6'" of its output. Anything else is UNSUPPORTED. */
gboolean varve_importer_version_parse (const char *program, const char *text, VarveImporterVersion *out_version,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
