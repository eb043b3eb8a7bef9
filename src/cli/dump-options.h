/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The lines of `varve --dump-options`, which shell completions are generated from; fields are separated by tabs:
 *   verb      NAME  SUMMARY
 *   operands  NAME  PARAMETERS
 *   option    NAME  LONG  SHORT  ARGUMENT  DESCRIPTION
 * NAME is "push" or "delta create". SHORT and ARGUMENT may be empty. An ARGUMENT such as "zstd|gzip|none", in lower
 * case, lists all values. */

void varve_dump_verb (const char *name, const char *summary);
void varve_dump_operands (const char *name, const char *parameters);
/* @entries ends with a NULL name. */
void varve_dump_entries (const char *name, const GOptionEntry *entries);
