/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "model/inventory.h"
#include "model/source.h"

/* Facts about a tree for the metadata of its commit. */
typedef struct {
  gboolean is_bootable; /* it has one kernel, or UKIs */
  char *kernel;         /* the version of the only kernel in usr/lib/modules, or in the only UKI; NULL when unknown */
  const char *machine;  /* the machine of its programs, as uname(2) names it; NULL when unknown */
} VarveBootable;

void varve_bootable_clear (VarveBootable *bootable);

void varve_bootable_read (const VarveInventory *inventory, VarveSource *source, VarveBootable *out_bootable);

typedef enum {
  VARVE_BOOTABLE_EXPECTED, /* warn when the tree has neither kernel nor UKI */
  VARVE_BOOTABLE_OR_NOT,
} VarveBootableMode;

/* Each thing that would keep a bootc host from booting the tree is a warning that says what to do. The rules are those
 * of `bootc container lint`, and some about what is in the initramfs and in UKIs. With a UKI the image is for bootc's
 * composefs backend, which needs less than the ostree backend. */
void varve_bootable_check (const VarveInventory *inventory, VarveSource *source, VarveBootableMode mode,
                           VarveObserver *observer, GCancellable *cancellable);
