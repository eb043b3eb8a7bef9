#pragma once

#include "emit/decompress.h"
#include "emit/foreign-tar.h"
#include "oci/image.h"

/* One layer of any image, read entry by entry. */

/* @entry and @tar are valid during the call; content that is not read is skipped. */
typedef gboolean (*VarvePlainLayerFunc) (gpointer data, const VarveForeignEntry *entry, VarveForeignTar *tar,
                                         GError **error);

typedef struct {
  const VarveImage *image;
  guint index; /* of the layer */
  VarvePlainLayerFunc func;
  gpointer data;
  VarveFindings *findings; /* of the compression; may be NULL */
} VarvePlainLayer;

/* Reads all of it. What is over 1 GiB and more than 256 times what its blob is, is a bomb: LIMIT. The sums are not
 * judged here. */
gboolean varve_plain_layer_read (const VarvePlainLayer *layer, VarveDecompressed *out_sums, GCancellable *cancellable,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* CORRUPT where digest, size or diff ID are not those that manifest and config say. */
gboolean varve_plain_layer_check (const VarveImage *image, guint index, const VarveDecompressed *sums, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
