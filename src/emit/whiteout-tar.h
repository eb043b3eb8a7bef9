/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/digest.h"
#include "base/sink.h"

/* The tar of a layer that only removes paths of the layers below it: an empty file ".wh.NAME" for each (image-spec 1.1,
 * layer.md, "Whiteouts"), mode 0644, owner 0:0. @paths are those that the layers show. */

guint64 varve_whiteout_tar_bytes (const GPtrArray *paths);
gboolean varve_whiteout_tar_write (const GPtrArray *paths, VarveSink *sink, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The content key of the layer: emit/content-key.h. */
VarveDigest varve_whiteout_tar_key (const GPtrArray *paths);
/* The same from the names of its entries, in order. */
VarveDigest varve_whiteout_tar_key_of_names (const GPtrArray *names);
