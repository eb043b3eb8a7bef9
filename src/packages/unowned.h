#pragma once

#include "packages/claims.h"

#define VARVE_UNOWNED_LARGE_BYTES (G_GUINT64_CONSTANT (1) << 20)

/* Gives every file that is still free a component "unowned:/DIRECTORY", of the path's first two components, or three
 * in the large common folders; a file of 1 MiB or more is "unowned:/PATH" by itself, with its hard links. The name
 * depends on nothing but the path, and that size. */
void varve_unowned_claim (const VarveInventory *inventory, VarveClaims *claims);
