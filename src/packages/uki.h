/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "packages/claims.h"

/* Unified kernel images and boot loaders, by the places where bootc, composefs-rs, bootupd and systemd look for them.
 * Paths as in commits or as in containers. */

/* Each UKI is a component of kind UKI, even if a package owns it: "uki" if the tree has one, else "uki:/PATH". Two
 * paths of one object are one UKI. */
void varve_uki_claim (const VarveInventory *inventory, VarveClaims *claims);
/* Unclaimed addons of UKIs go to "uki-addons", other unclaimed files in EFI folders to "boot-loader". */
void varve_uki_claim_others (const VarveInventory *inventory, VarveClaims *claims);

/* A UKI of composefs-rs: an .efi file below boot/EFI/Linux or usr/lib/modules/KERNEL that is no addon, and the same in
 * the other places of an EFI system partition. */
gboolean varve_uki_is_image (const char *path);
/* A UKI or addon that composefs-rs takes from an image: it fails if the file is not a regular one. */
gboolean varve_uki_is_taken (const char *path);
/* Whether this component is a UKI, by its name. */
gboolean varve_uki_is_component (const char *name);
