/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "oci/image.h"
#include "verify/layer-objects.h"
#include "verify/layer-record.h"

/* Reads one layer of an image in one pass: digest, size and diff ID, every entry of the tar, every object. Verifying
 * and importing differ in the sink. The findings:
 *
 * Errors "layer.missing", "layer.unreadable", "layer.digest", "layer.size", "layer.diff-id", "tar.duplicate-path",
 * "path.form", "path.not-utf8", "path.whiteout", "path.link", "path.header", "path.content", "path.type", "repo.name",
 * "repo.config", "repo.structure" (wrong owner or mode); notes "repo.structure" (another order), "repo.refs",
 * "path.form". */

typedef struct {
  const VarveImage *image;
  guint index; /* of the layer */
  VarveLayerRole role;
  const VarveObjectSink *sink; /* NULL for none */
  GInputStream *blob; /* the same bytes as the image's blob, to read instead of it; NULL: the image's blob is read */
  GInputStream *tar;  /* or the tar, of which only the diff ID is compared; NULL for none */
  gboolean checks_chunks;  /* also by verify/chunked-check.h */
  VarveFindings *findings; /* of this layer */
  VarveObserver *observer; /* counts compressed bytes; may be NULL */
} VarveReadLayer;

/* Faults of the layer are findings. Without a sink, reading continues as far as possible; with a sink it stops at the
 * first error. Fails only where the system or the sink fails, or at @cancellable. */
VarveLayerRecord *varve_read_layer (const VarveReadLayer *layer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* "layer 3 (sha256:0123456789ab…)": index and digest, for messages. */
char *varve_layer_place (const VarveImage *image, guint index);
