/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "packages/claims.h"

/* Makes the component that owns most of usr/lib/modules/VERSION a kernel, and gives it the unclaimed files directly in
 * that folder (the image, System.map, config, the output of depmod) and the images of that version in boot and
 * usr/lib/ostree-boot. Where no package owns anything there, they belong to the component "kernel". */
void varve_kernel_claim (const VarveInventory *inventory, VarveClaims *claims);
