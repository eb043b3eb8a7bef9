/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "packages/claims.h"

#define VARVE_UNOWNED_LARGE_BYTES (G_GUINT64_CONSTANT (1) << 20)

/* Gives every unclaimed file to the component "unowned:/DIRECTORY", of the path's first two components, or three in the
 * large common folders; a file of 1 MiB or more is alone, with its hard links, in "unowned:/PATH". The name depends
 * only on the path and the size. */
void varve_unowned_claim (const VarveInventory *inventory, VarveClaims *claims);
