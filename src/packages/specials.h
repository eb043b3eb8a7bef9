#pragma once

#include "packages/claims.h"

/* What belongs to no package, sorted by what it is. */

/* Images of the initial file system go to "initramfs", whoever has them: they change with all that is in them. */
void varve_specials_claim_initramfs (const VarveInventory *inventory, VarveClaims *claims);
/* A file that is still free goes to "package-database", or all such below @directory. */
void varve_specials_claim_database_file (guint32 file, VarveClaims *claims);
void varve_specials_claim_database (const VarveInventory *inventory, guint32 directory, VarveClaims *claims);
/* Databases that are only recorded, not read: histories, copies, caches of repositories. */
void varve_specials_claim_side_databases (const VarveInventory *inventory, VarveClaims *claims);
/* What is still free and made by a program from the rest of the tree goes to "generated". */
void varve_specials_claim_generated (const VarveInventory *inventory, VarveClaims *claims);

gboolean varve_specials_is_initramfs (const char *path);
gboolean varve_specials_is_generated (const char *path);
