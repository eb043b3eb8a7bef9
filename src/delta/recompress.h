/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/tar-map.h"
#include "emit/compress.h"

/* Finds how a layer's tar was compressed, so that an applier can make the same blob from it. */

typedef struct {
  const VarveImage *image;
  guint index; /* of the layer in it */
  VarveExtentFile *spool;
  VarveExtent tar; /* of the layer, in the spool */
} VarveRecompressLayer;

/* Finds what compressed the layer, as "zstd;version=1.5.4;level=6". *@out_text is NULL when none of the likely programs
 * and levels did. */
gboolean varve_recompress_find (const VarveRecompressLayer *layer, char **out_text, GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads such a text, of a layer with this descriptor. FALSE for another program or version, and for an unknown text. */
gboolean varve_recompress_parse (const char *text, const VarveDescriptor *descriptor,
                                 VarveCompressOptions *out_options);
