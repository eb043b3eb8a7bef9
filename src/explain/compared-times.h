/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

typedef enum {
  VARVE_TIMES_OF_PLAIN,  /* files of packages and Python modules have times */
  VARVE_TIMES_OF_COMMIT, /* all times are 0 */
} VarveImageTimes;

/* Which program compares the time of this file with another, and what comes of it in such an image: a sentence. NULL
 * where none is known to. @path as in a commit or as a container shows it. docs/image-format.md has the same table. */
const char *varve_compared_times (const char *path, VarveImageTimes times);
