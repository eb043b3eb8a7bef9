/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "packages/claims.h"

/* Files of no package, by their kind. */

/* Images of the initial file system go to "initramfs", even if a package owns them: they change with their contents. */
void varve_specials_claim_initramfs (const VarveInventory *inventory, VarveClaims *claims);
/* An unclaimed file, or all unclaimed files below @directory, go to "package-database". */
void varve_specials_claim_database_file (guint32 file, VarveClaims *claims);
void varve_specials_claim_database (const VarveInventory *inventory, guint32 directory, VarveClaims *claims);
/* Databases that are never read: histories, copies, caches of repositories. */
void varve_specials_claim_side_databases (const VarveInventory *inventory, VarveClaims *claims);
/* Unclaimed files that a program derives from the rest of the tree go to "generated". */
void varve_specials_claim_generated (const VarveInventory *inventory, VarveClaims *claims);

gboolean varve_specials_is_initramfs (const char *path);
gboolean varve_specials_is_generated (const char *path);
