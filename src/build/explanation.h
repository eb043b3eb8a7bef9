#pragma once

#include "build/noise.h"

/* An update from one image to another with all that can be told of it. */

typedef struct {
  const VarveImage *old, *new;
  const char *old_name, *new_name;
  const char *repo_path; /* a repository with their commits, or NULL: build/comparison.h */
  VarveOwnersOptions owners;
  guint jobs;
} VarveExplanationOptions;

typedef struct {
  VarveDiff *diff;
  VarveNoiseReport *noise; /* NULL, after a warning, where neither blobs nor a repository can be read */
} VarveExplanation;

VarveExplanation *varve_explanation_new (const VarveExplanationOptions *options, VarveObserver *observer, GCancellable *cancellable,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_explanation_free (VarveExplanation *explanation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveExplanation, varve_explanation_free)

/* That of the diff, with "without_package" and "packages_known". */
json_object *varve_explanation_to_json (const VarveExplanation *explanation);
