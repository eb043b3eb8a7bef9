/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Files that are known to change although their inputs did not, and the fix for each. */
typedef struct {
  const char *name;         /* short and stable, such as "pyc" */
  const char *cause;        /* why it changes */
  const char *advice;       /* what the builder of the tree can do */
  const char *component;    /* its component where no package owns it; NULL: "generated" or unowned */
  const char *const *globs; /* paths as in the commit, NULL-terminated; packages/path-glob.h */
} VarveKnownCause;

/* NULL for a path of no known cause. */
const VarveKnownCause *varve_known_cause_find (const char *path);
