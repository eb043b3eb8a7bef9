/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "compose/previous.h"
#include "model/inventory.h"

/* Whether a plain image of @inventory can begin with the first layer of @base, which has the folders of another tree:
 * each of them is in this tree with the same owner, mode and attributes, and each folder that is only in this tree has
 * a file at some depth, with which the layer of that file brings it. FALSE with @error when reading failed, NOT_FOUND
 * if the blob is not there; else *@out_has is not 0 for each directory of the inventory that the layer has, or NULL
 * where the image cannot begin with it. */
gboolean varve_kept_folders_check (const VarvePrevious *base, const VarveInventory *inventory, guint8 **out_has,
                                   GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
