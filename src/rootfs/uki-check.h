/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "model/inventory.h"
#include "model/source.h"

/* Whether the tree has a UKI that bootc's composefs backend installs. */
gboolean varve_uki_check_finds (const VarveInventory *inventory);
/* The kernel release in the tree's only UKI; NULL where there is none, or it does not say. */
char *varve_uki_check_release (const VarveInventory *inventory, VarveSource *source);
/* Warns of each UKI that bootc would refuse: composefs-boot's get_boot_resources() and bootc's write_pe_to_esp(). */
void varve_uki_check (const VarveInventory *inventory, VarveSource *source, VarveObserver *observer,
                      GCancellable *cancellable);
