/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/session.h"

/* A verb after a verb, such as create in `varve delta create`. */
typedef struct {
  const char *name, *parameters, *summary;
  int (*run) (VarveSession *session, int argc, char **argv); /* argv[0] is its name */
} VarveSubverb;

/* Runs the subverb that argv[1] names, or prints the list of them. Returns the exit status. */
int varve_subverbs_run (VarveSession *session, const char *verb, const VarveSubverb *subverbs, guint n, int argc,
                        char **argv);
