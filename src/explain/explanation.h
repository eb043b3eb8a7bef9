/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "explain/location.h"
#include "explain/noise.h"

/* Explains an update from one image to another. */

typedef struct {
  const VarveImage *old, *new;
  const char *old_name, *new_name;
  const char
      *name; /* explains only this component or path of the new image; NULL: everything; see explain/location.h */
  const char *repo_path; /* a repository with their commits, or NULL; see explain/comparison.h */
  VarveOwnersOptions owners;
  guint jobs;
} VarveExplanationOptions;

typedef struct {
  VarveDiff *diff;
  GPtrArray *places; /* VarveLocation in the new image, for a single component or path; NULL: everything is explained */
  VarveNoiseReport
      *noise; /* only of @places if set; NULL, after a warning, where neither blobs nor a repository can be read */
} VarveExplanation;

VarveExplanation *varve_explanation_new (const VarveExplanationOptions *options, VarveObserver *observer,
                                         GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_explanation_free (VarveExplanation *explanation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveExplanation, varve_explanation_free)

/* The JSON of the diff plus "without_package" and "packages_known"; with @places, these replace "changed" and the
 * sums. */
json_object *varve_explanation_to_json (const VarveExplanation *explanation);
