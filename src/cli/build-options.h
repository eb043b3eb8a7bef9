#pragma once

#include "build/build.h"
#include "cli/image-options.h"
#include "cli/session.h"

/* The options that build and plan share, and their way into what the library takes. */
typedef struct {
  char *repo, *compression, *packages;
  char **learn;
  int level, max_layers;
  VarveImageOptions images; /* its group is to be added */
  VarveAccess *access;       /* to previous images */
  VarveBuildOptions build;
} VarveBuildArguments;

/* Fills @entries, which has room for VARVE_BUILD_ENTRIES_MAX, and sets the defaults. */
#define VARVE_BUILD_ENTRIES_MAX 32
void varve_build_arguments_init (VarveBuildArguments *arguments, GOptionEntry *entries);
/* After parsing: checks them and completes arguments->build. */
gboolean varve_build_arguments_finish (VarveBuildArguments *arguments, VarveSession *session, const char *ref,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_build_arguments_clear (VarveBuildArguments *arguments);
