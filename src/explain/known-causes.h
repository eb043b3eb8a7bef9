#pragma once

#include <glib.h>

/* Files that are known to change although nothing that they are made of did, and what to do about each. */
typedef struct {
  const char *name;         /* short and stable, as "pyc" */
  const char *cause;        /* why it changes */
  const char *advice;       /* what the builder of the tree can do */
  const char *component;    /* that has it where no package does; NULL: it is generated, or unowned */
  const char *const *globs; /* paths as in the commit, NULL-terminated; packages/path-glob.h */
} VarveKnownCause;

/* NULL when it is none of them. */
const VarveKnownCause *varve_known_cause_find (const char *path);
