#pragma once

#include "model/finding.h"
#include "oci/image.h"

/* What manifest and config of an OSTree image must say, apart from its layers: how importers find the commit layer, the
 * layers of content and those derived from it.
 *
 * Errors: "image.layers", "image.final-diffid", "image.history", "layer.media-type"; notes: "image.derived-layers",
 * "image.final-diffid", "image.labels", "image.annotations", "image.created", "layer.components". */

#define VARVE_IMAGE_LAYERS_MAX 500u

typedef struct {
  guint n_ostree_layers; /* the first of them is the commit layer; what follows them is derived */
} VarveImageShape;

/* FALSE, with findings, when the layers cannot be told apart. */
gboolean varve_image_rules_check (const VarveImage *image, VarveFindings *findings, VarveImageShape *out_shape);
