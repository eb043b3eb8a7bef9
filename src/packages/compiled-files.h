/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Files that a program compiles from a source beside them, and uses only where they are not older than it. */

typedef enum {
  VARVE_COMPILED_NOT,
  VARVE_COMPILED_EMACS,
  VARVE_COMPILED_ZSH,
  VARVE_COMPILED_SELINUX,
  VARVE_COMPILED_POSTFIX,
} VarveCompiledKind;

/* @out_source: the path of the source, whether or not there is such a file; the caller frees it. NULL: it is not
 * wanted. It is set only where the file is compiled. No path has a leading slash. */
VarveCompiledKind varve_compiled_files_kind (const char *path, char **out_source);
