#pragma once

#include "cli/session.h"

/* One of the verbs that come after another, as `varve delta create`. */
typedef struct {
  const char *name, *parameters, *summary;
  int (*run) (VarveSession *session, int argc, char **argv); /* argv[0] is its name */
} VarveSubverb;

/* Runs the one that argv[1] names, or tells which of @verb there are. Gives the exit status. */
int varve_subverbs_run (VarveSession *session, const char *verb, const VarveSubverb *subverbs, guint n, int argc,
                        char **argv);
