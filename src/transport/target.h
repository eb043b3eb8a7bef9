/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/archive.h"
#include "skopeo/reference.h"
#include "transport/push.h"

/* The place that an image is written to: a layout, or a layout that becomes an archive or is pushed. */
typedef struct _VarveTarget VarveTarget;

/* Opens the place and locks it. A ref of the form "@…" is VARVE_ERROR_USAGE: it can only be read from. For places that
 * skopeo writes, the image is written into a temporary layout first. */
VarveTarget *varve_target_open (const VarveReference *reference, VarveObserver *observer, GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_target_free (VarveTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTarget, varve_target_free)

/* How long varve_target_open() waits for another writer, see oci/layout-lock.h. */
void varve_target_set_lock_timeout (guint seconds);

/* The layout for the blobs; belongs to @target. */
VarveLayout *varve_target_layout (VarveTarget *target);
/* Whether @image is in the registry repository that is pushed to, which thus has its layers. */
gboolean varve_target_has_layers_of (const VarveTarget *target, const char *image);
/* Adds the manifest to the index under the reference's ref, then delivers. */
gboolean varve_target_publish (VarveTarget *target, const VarveDescriptor *manifest, VarveArchiveKind kind,
                               GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The two steps of that, for several entries: adds an entry under a ref of its own; writes the archive or pushes. */
gboolean varve_target_add_entry (VarveTarget *target, const VarveDescriptor *manifest, const char *ref, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Beside other entries without a name. */
gboolean varve_target_add_unnamed (VarveTarget *target, const VarveDescriptor *manifest, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_target_deliver (VarveTarget *target, VarveArchiveKind kind, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
