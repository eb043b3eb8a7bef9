/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Whiteouts: entries by which a layer removes paths of the layers below it (image-spec 1.1, layer.md, "Whiteouts"). */

typedef enum {
  VARVE_WHITEOUT_NONE,   /* an ordinary name */
  VARVE_WHITEOUT_FILE,   /* ".wh.NAME" removes NAME and all below it */
  VARVE_WHITEOUT_OPAQUE, /* ".wh..wh..opq" removes all that lower layers have in its directory */
  VARVE_WHITEOUT_AUFS,   /* any other ".wh..wh.…": AUFS's own files, never part of the image */
} VarveWhiteout;

/* Judges the last component of @path. @out_hidden, which may be NULL, is set for VARVE_WHITEOUT_FILE: the name that is
 * removed, inside @path. */
VarveWhiteout varve_whiteout_parse (const char *path, const char **out_hidden);

/* The path that the whiteout at @path removes with all below it: "a/b" for "a/.wh.b"; with a slash at the end ("" for
 * the root) where only what is below it is removed: "a/" for "a/.wh..wh..opq". NULL where @path removes nothing, as
 * "a/.wh.", which has no name. The caller frees it. */
char *varve_whiteout_removed (const char *path);

/* The path of the whiteout that removes @path: "a/.wh.b" for "a/b". The caller frees it. */
char *varve_whiteout_of (const char *path);
/* Whether any component of @path is the name of a whiteout. */
gboolean varve_whiteout_is_in (const char *path);
