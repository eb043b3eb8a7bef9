#pragma once

#include "base/observer.h"
#include "oci/image.h"
#include "verify/layer-objects.h"
#include "verify/layer-record.h"

/* Reads one layer of an image once: digest, size and diff ID, every entry of the tar, every object. Verifying and
 * importing are this with another sink. Its own findings:
 *
 * Errors "layer.missing", "layer.unreadable", "layer.digest", "layer.size", "layer.diff-id", "tar.duplicate-path",
 * "path.form", "path.not-utf8", "path.whiteout", "path.link", "path.header", "path.content", "path.type", "repo.name",
 * "repo.config", "repo.structure" (wrong owner or mode); notes "repo.structure" (another order), "repo.refs",
 * "path.form". */

typedef struct {
  const VarveImage *image;
  guint index; /* of the layer */
  VarveLayerRole role;
  const VarveObjectSink *sink; /* NULL: nothing is kept */
  GInputStream *blob;          /* what to read instead of the image's blob: the same bytes; NULL for the image's */
  GInputStream *tar;           /* or its tar, of which only the diff ID is compared; NULL for none */
  VarveFindings *findings;     /* of this layer */
  VarveObserver *observer;     /* told of compressed bytes; may be NULL */
} VarveReadLayer;

/* What the layer itself is to blame for is a finding, and the reading goes on as far as it can; with a sink it stops at
 * the first error. NULL only where the system, the sink, or @cancellable ends it. */
VarveLayerRecord *varve_read_layer (const VarveReadLayer *layer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* "layer 3 (sha256:0123456789ab…)": index and digest, for messages. */
char *varve_layer_place (const VarveImage *image, guint index);
