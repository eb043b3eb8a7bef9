/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "oci/image.h"
#include "verify/layer-objects.h"

typedef struct {
  const char *repo_path;
  const char *ref; /* to point at the commit; NULL for none */
  guint jobs;      /* layers read at once, at least 1 */
} VarveImportOptions;

/* Writes the commit of an image to a repository. Nothing is visible there before every digest, diff ID and object is
 * checked and all objects of the commit are present. Existing objects are not written again.
 *
 * UNSUPPORTED for an image that is not of an OSTree commit or has derived layers; CORRUPT, naming the rule, for one
 * that breaks the format. */
gboolean varve_import_image (const VarveImage *image, const VarveImportOptions *options, VarveObserver *observer,
                             VarveDigest *out_commit, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same with any sink. Returns the record of the commit layer, which has the commit and its detached metadata. */
VarveLayerRecord *varve_import_objects (const VarveImage *image, const VarveObjectSink *sink, guint jobs,
                                        VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
