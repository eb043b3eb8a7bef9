/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/source.h"

/* What an initramfs has for mounting the root of an OSTree deployment. */

/* Where prepare-root.conf may be, in an initramfs as in a tree; the second one wins. */
#define VARVE_PREPARE_ROOT_CONFIGS { "usr/lib/ostree/prepare-root.conf", "etc/ostree/prepare-root.conf" }
enum { VARVE_N_PREPARE_ROOT_CONFIGS = 2 };

typedef struct {
  gboolean is_whole;          /* all of it was read; otherwise absence means nothing */
  gboolean has_root_setup;    /* a program that mounts a deployment, or bootc's composefs image, as the root */
  gboolean refuses_composefs; /* its ostree-prepare-root fails where composefs is enabled: built without */
  gboolean reads_config;      /* its ostree-prepare-root reads prepare-root.conf */
  GBytes *configs[VARVE_N_PREPARE_ROOT_CONFIGS]; /* NULL where it has none */
} VarveInitramfs;

void varve_initramfs_clear (VarveInitramfs *initramfs);

/* Never fails: what cannot be read is not whole. Archives may follow one another, plain or compressed (Linux,
 * Documentation/driver-api/early-userspace/buffer-format.rst). */
void varve_initramfs_read (VarveSource *source, const VarveObject *object, VarveInitramfs *out_initramfs,
                           GCancellable *cancellable);
