#pragma once

#include "delta/artifact.h"
#include "delta/sources.h"

/* The two images that a delta lies between, read and dissected as far as the delta needs it. */

typedef struct {
  guint jobs;
  const char *work_path; /* for temporary files; NULL: where they belong */
  VarveObserver *observer;
  VarveAnatomyKind
      new_kind; /* what is looked for inside new files: recipes take long, and only our own format has them */
} VarveEndpointOptions;

/* The new image: read once for any number of old ones. */
typedef struct {
  const VarveImage *image;
  VarveExtentFile *spool;
  VarveImageFiles *files;   /* of the layers that changed */
  VarveAnatomy **anatomies; /* for each file; NULL where there is nothing inside */
  char **compressions;      /* for each layer that changed: what gives its digest back, or NULL */
  double trial_seconds;     /* wall time that the trial of recipes took */
} VarveNewEnd;

/* @wanted says for each layer whether it is to be read; @olds are VarveOldEnd *, what they have already is not
 * dissected. */
VarveNewEnd *varve_new_end_read (const VarveImage *image, const gboolean *wanted, GPtrArray *olds,
                                 const VarveEndpointOptions *options, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_new_end_free (VarveNewEnd *end);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveNewEnd, varve_new_end_free)

typedef struct {
  const VarveImage *image;
  VarveExtentFile *spool;
  VarveImageFiles *files;
  VarveSources *sources;
  GPtrArray *anatomies; /* VarveAnatomy, owned */
} VarveOldEnd;

VarveOldEnd *varve_old_end_read (const VarveImage *image, const VarveEndpointOptions *options,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Looks into those old files that what is inside the new ones comes from. */
gboolean varve_old_end_dissect (VarveOldEnd *end, const VarveNewEnd *new, const VarveEndpointOptions *options,
                                GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_old_end_free (VarveOldEnd *end);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveOldEnd, varve_old_end_free)
