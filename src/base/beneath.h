#pragma once

#include <glib.h>

/* Opens a path below a folder, through no symlink, no ".." and no absolute name, whatever others do to the tree
 * meanwhile. -1 with errno, as openat(2); ELOOP where a symlink stands in the way. */
int varve_open_beneath (int rootfd, const char *path, int flags);
