#pragma once

#include "base/observer.h"
#include "oci/image.h"
#include "verify/layer-objects.h"

typedef struct {
  const char *repo_path;
  const char *ref; /* to set to the commit; NULL for none */
  guint jobs;      /* layers read at once, at least 1 */
} VarveImportOptions;

/* Puts the commit of an image back into a repository: every digest, diff ID and object is checked, and that all objects
 * of the commit are there, before any of it can be seen. Objects that the repository has are not written again.
 *
 * VARVE_ERROR_UNSUPPORTED for an image that is not of an OSTree commit, or has layers derived from it; CORRUPT for one
 * that breaks a rule of the format, naming it. */
gboolean varve_import_image (const VarveImage *image, const VarveImportOptions *options, VarveObserver *observer,
                             VarveDigest *out_commit, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same into any sink: the record of the commit layer, which has the commit, its detached metadata, and what is more
 * in it. */
VarveLayerRecord *varve_import_objects (const VarveImage *image, const VarveObjectSink *sink, guint jobs,
                                        VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
