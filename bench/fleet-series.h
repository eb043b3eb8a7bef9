/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bench/fleet.h"
#include "delta/artifact.h"
#include "oci/image.h"

/* The costs of the updates of a series of images: layers from the manifests, deltas as measured, else estimated. */

typedef struct {
  GPtrArray *images;   /* VarveImage, oldest first */
  GPtrArray *deltas;   /* VarveDelta: measured ones, of any of these updates; may be empty */
  guint interval_days; /* between releases; 0: by the times in the configs */
  double ratio; /* of a delta that is not measured, to the layers; 0: that of the measured ones, else the default */
} VarveFleetSeriesOptions;

typedef struct {
  VarveFleetSeries series;
  guint n_measured; /* updates whose delta is measured */
  double ratio;     /* that estimates were made with */
} VarveFleetInput;

/* USAGE for less than two images, or times that do not ascend by days. */
VarveFleetInput *varve_fleet_input_new (const VarveFleetSeriesOptions *options, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_fleet_input_free (VarveFleetInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveFleetInput, varve_fleet_input_free)
