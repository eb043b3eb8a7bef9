/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/artifact.h"
#include "delta/sources.h"

/* The old and the new image of a delta, with the contents of their files as far as the delta needs them. */

typedef struct {
  guint jobs;
  const char *work_path; /* for temporary files; NULL: varve_temporary_parent() */
  VarveObserver *observer;
  VarveAnatomyKind new_kind; /* for new files: trying recipes takes long, and only varve entries use them */
} VarveEndpointOptions;

/* The new image, read once for any number of old images. */
typedef struct {
  const VarveImage *image;
  VarveExtentFile *spool;
  VarveImageFiles *files;   /* of the layers that changed */
  VarveAnatomy **anatomies; /* for each file; NULL for a file of one piece */
  char **compressions;      /* for each layer that changed: varve_recompress_find(), or NULL */
  double trial_seconds;     /* wall time of trying recipes */
} VarveNewEnd;

/* Reads the layers for which @wanted is TRUE. @olds are VarveOldEnd *: files that all of them have are not looked into.
 */
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
  GArray *boot_parts;   /* VarveBootPart (delta/counterparts.h) */
  GPtrArray *anatomies; /* VarveAnatomy, owned */
} VarveOldEnd;

VarveOldEnd *varve_old_end_read (const VarveImage *image, const VarveEndpointOptions *options,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Looks into the old files from which the pieces inside new files may come. */
gboolean varve_old_end_dissect (VarveOldEnd *end, const VarveNewEnd *new, const VarveEndpointOptions *options,
                                GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_old_end_free (VarveOldEnd *end);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveOldEnd, varve_old_end_free)
