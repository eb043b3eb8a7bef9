#pragma once

#include "cli/image-options.h"
#include "cli/session.h"
#include "compose/build.h"

/* The options that build and plan share, and their way into what the library takes. */
typedef struct {
  char *repo, *rootfs, *from, *format, *compression, *packages;
  char *owner_uid, *owner_gid;
  char **learn;
  int level, max_layers;
  VarveImageOptions images; /* for VarveSyntax */
  VarveAccess *access;      /* to previous images */
  VarveReference *from_reference;
  VarveBuildOptions build;
} VarveBuildArguments;

/* Fills @entries, which has room for VARVE_BUILD_ENTRIES_MAX, and sets the defaults. */
#define VARVE_BUILD_ENTRIES_MAX 32
void varve_build_arguments_init (VarveBuildArguments *arguments, GOptionEntry *entries);
/* After parsing: checks them and completes arguments->build. @operands are what is left, ended by NULL: a ref where
 * there is --repo, then the image, which may be missing where @out_image says NULL. */
gboolean varve_build_arguments_finish (VarveBuildArguments *arguments, VarveSession *session, char **operands,
                                       const char **out_image, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* After varve_session_run(), which frees what the options themselves hold. */
void varve_build_arguments_clear (VarveBuildArguments *arguments);
