#pragma once

#include "delta/tar-map.h"
#include "emit/compress.h"

/* Whether a layer's blob comes back, byte for byte, from its tar. */

/* "zstd;version=1.5.4;level=6", of what made this layer; NULL without an error when it is none of the likely ones. */
char *varve_recompress_find (const VarveImage *image, guint layer, VarveExtentFile *spool, VarveExtent tar,
                             GCancellable *cancellable, GError **error);

/* Reads such a text into @out_options. FALSE when it is another program's or version's, or none of these. */
gboolean varve_recompress_parse (const char *text, const char *media_type, VarveCompressOptions *out_options);
