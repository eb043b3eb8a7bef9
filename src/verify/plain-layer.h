/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "emit/decompress.h"
#include "emit/foreign-tar.h"
#include "oci/image.h"
#include "verify/composefs-tar.h"

/* Reads one layer of any image, entry by entry. */

/* @entry and @tar are valid during the call; unread content is skipped. */
typedef gboolean (*VarvePlainLayerFunc) (gpointer data, const VarveForeignEntry *entry, VarveForeignTar *tar,
                                         GError **error);

typedef struct {
  const VarveImage *image;
  guint index; /* of the layer */
  VarvePlainLayerFunc func;
  gpointer data;
  GInputStream *blob; /* the same bytes as the image's blob, to read instead of it; NULL: the image's blob is read */
  GInputStream *tar;  /* or the tar, of which only the diff ID is checked; NULL for none */
  VarveComposefsTar *composefs; /* gets the tar's bytes; may be NULL */
  VarveFindings *findings;      /* of the compression; may be NULL */
  gboolean checks_chunks;       /* also by verify/chunked-check.h, with findings */
} VarvePlainLayer;

/* Reads the whole layer. LIMIT for a decompression bomb: more than 1 GiB and more than 256 times its blob. Does not
 * check @out_sums. */
gboolean varve_plain_layer_read (const VarvePlainLayer *layer, VarveDecompressed *out_sums, GCancellable *cancellable,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* CORRUPT where digest, size or diff ID differ from manifest and config. */
gboolean varve_plain_layer_check (const VarvePlainLayer *layer, const VarveDecompressed *sums, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
