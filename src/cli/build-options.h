/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/image-options.h"
#include "cli/rootfs-options.h"
#include "cli/session.h"
#include "compose/build.h"

/* The options that build and plan share, and the library options made from them. */
typedef struct {
  VarveRootfsArguments rootfs;
  char *repo, *from, *format, *compression, *packages;
  char **learn, **prune;
  int level, max_layers;
  double stale;             /* percent */
  VarveImageOptions images; /* for VarveSyntax */
  VarveAccess *access;      /* to --previous images */
  VarveReference *from_reference;
  VarveBuildOptions build;
} VarveBuildArguments;

/* Sets the defaults and fills @entries, an array of VARVE_BUILD_ENTRIES_MAX. */
#define VARVE_BUILD_ENTRIES_MAX 40
void varve_build_arguments_init (VarveBuildArguments *arguments, GOptionEntry *entries);
/* After parsing: checks the options and completes arguments->build. @operands are the remaining arguments, ended by
 * NULL: a ref if --repo is given, then an optional image; *@out_image is NULL without one. */
gboolean varve_build_arguments_finish (VarveBuildArguments *arguments, VarveSession *session, char **operands,
                                       const char **out_image, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The argument of --stale, in tenths of a percent. */
gboolean varve_stale_permille (double percent, guint32 *out_permille, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* After varve_session_run(), which frees the option strings. */
void varve_build_arguments_clear (VarveBuildArguments *arguments);
