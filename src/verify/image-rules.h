/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/finding.h"
#include "oci/image.h"

/* The rules for the manifest and config of an OSTree image, by which importers find the commit layer, the content
 * layers and the derived layers.
 *
 * Errors: "image.layers", "image.final-diffid", "image.history", "layer.media-type"; notes: "image.derived-layers",
 * "image.final-diffid", "image.labels", "image.annotations", "image.created", "layer.components". */

#define VARVE_IMAGE_LAYERS_MAX 500u

typedef struct {
  guint n_ostree_layers; /* the first is the commit layer; layers after them are derived */
} VarveImageShape;

/* FALSE, with findings, when the kinds of layers cannot be determined. */
gboolean varve_image_rules_check (const VarveImage *image, VarveFindings *findings, VarveImageShape *out_shape);
/* The rules of these that hold for any image that bootc imports; without those of an OSTree image. */
gboolean varve_image_rules_check_plain (const VarveImage *image, VarveFindings *findings);
