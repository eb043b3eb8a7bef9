#pragma once

#include "base/digest.h"
#include "emit/format.h"
#include "model/inventory.h"

/* The identity of a layer's tar before it is written: a SHA-256 over all that decides its bytes, which are the format,
 * and each object and its paths, in order. Layers with equal keys have equal diff IDs. */
VarveDigest varve_content_key (VarveFormat format, const VarveInventory *inventory, const guint32 *objects,
                               guint32 n_objects);

/* The same for the first layer. That of a commit has the commit, and its detached metadata, or NULL where there is
 * none; a plain one has all folders. */
VarveDigest varve_content_key_first (VarveFormat format, const VarveInventory *inventory, GBytes *commitmeta);
