#pragma once

#include "base/digest.h"
#include "emit/format.h"
#include "model/inventory.h"

/* The identity of a layer's tar before it is written: a SHA-256 over everything that decides its bytes: the format, and
 * each object with its paths, in order. Layers with equal keys have equal diff IDs. */
VarveDigest varve_content_key (VarveFormat format, const VarveInventory *inventory, const guint32 *objects,
                               guint32 n_objects);

/* The same for the first layer: the commit with its detached metadata (NULL if there are none), or in a plain image all
 * folders. */
VarveDigest varve_content_key_first (VarveFormat format, const VarveInventory *inventory, GBytes *commitmeta);
