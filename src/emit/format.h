/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The contents of an image's layers. */
typedef enum {
  VARVE_FORMAT_OSTREE, /* a commit and its objects: emit/ostree-tar.h */
  VARVE_FORMAT_PLAIN,  /* files and folders, as in any container image: emit/plain-tar.h */
} VarveFormat;

/* "ostree", "plain"; anything else is VARVE_ERROR_USAGE. */
gboolean varve_format_from_string (const char *name, VarveFormat *out_format, GError **error) G_GNUC_WARN_UNUSED_RESULT;
