/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Opens a path below a folder. Follows no symlink and no "..", refuses an absolute path, and is safe against concurrent
 * changes of the tree. -1 with errno, as openat(2); ELOOP for a symlink on the way. */
int varve_open_beneath (int rootfd, const char *path, int flags);
