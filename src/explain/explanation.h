#pragma once

#include "explain/location.h"
#include "explain/noise.h"

/* An update from one image to another with all that can be told of it. */

typedef struct {
  const VarveImage *old, *new;
  const char *old_name, *new_name;
  const char *name; /* a component or path of the new image that alone is to be explained, or NULL: build/place.h */
  const char *repo_path; /* a repository with their commits, or NULL: build/comparison.h */
  VarveOwnersOptions owners;
  guint jobs;
} VarveExplanationOptions;

typedef struct {
  VarveDiff *diff;
  GPtrArray *places; /* VarveLocation, in the new image, of what alone is explained; NULL: all is */
  VarveNoiseReport
      *noise; /* of @places alone; NULL, after a warning, where neither blobs nor a repository can be read */
} VarveExplanation;

VarveExplanation *varve_explanation_new (const VarveExplanationOptions *options, VarveObserver *observer,
                                         GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_explanation_free (VarveExplanation *explanation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveExplanation, varve_explanation_free)

/* That of the diff, with "without_package" and "packages_known"; where @places are explained alone, those instead of
 * "changed" and the sums. */
json_object *varve_explanation_to_json (const VarveExplanation *explanation);
