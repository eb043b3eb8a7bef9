/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rootfs/rootfs.h"

/* The values of --rootfs, --owner-uid and --owner-gid; NULL where not given. */
typedef struct {
  char *path, *owner_uid, *owner_gid;
} VarveRootfsArguments;

/* USAGE where an owner is no number, or is given without --rootfs. The path in @out_options is not copied. */
gboolean varve_rootfs_arguments_finish (const VarveRootfsArguments *arguments, VarveRootfsOptions *out_options,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
