/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/inventory.h"

/* The extended attributes that bootc's composefs backend does not keep: composefs-rs 0.9, generic_tree.rs,
 * CONTAINER_XATTR_ALLOWLIST. */

/* Whether it drops the attribute, and somebody may miss it: SELinux labels come from the image's policy, user.component
 * and user.update-interval are for tools. */
gboolean varve_dropped_xattrs_has (const char *name);

typedef struct {
  char *name;       /* of the attribute */
  guint64 n_paths;  /* with it */
  const char *path; /* the first of them in walk order, as in the inventory */
} VarveDroppedXattr;

/* VarveDroppedXattr, owned, by name; empty where nothing is dropped. The paths are those of @inventory. */
GPtrArray *varve_dropped_xattrs_find (const VarveInventory *inventory);
