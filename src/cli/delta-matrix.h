/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/delta-place.h"

/* The deltas to make for a series of images, as JSON from which a CI system makes jobs. */

typedef struct {
  const char *form;          /* "github" or "tekton" */
  const char *architectures; /* separated by commas; NULL: that of the images */
  int n_last;                /* how many images before the last get a delta */
} VarveDeltaMatrixOptions;

/* @names are the images, the oldest first; deltas lead to the last one. */
gboolean varve_delta_matrix_print (const VarveImageOptions *images, VarveSession *session, char **names,
                                   const VarveDeltaMatrixOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;
