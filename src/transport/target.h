#pragma once

#include "oci/archive.h"
#include "transport/reference.h"

/* Where an image is written: a layout, or the layout that becomes an archive. */
typedef struct _VarveTarget VarveTarget;

/* Opens it and takes its lock. A ref of the form "@…" is VARVE_ERROR_USAGE: nothing can be written under it. */
VarveTarget *varve_target_open (const VarveReference *reference, VarveObserver *observer, GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_target_free (VarveTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTarget, varve_target_free)

/* Where the blobs go. It belongs to @target. */
VarveLayout *varve_target_layout (VarveTarget *target);
/* Publishes the manifest under the reference's ref; after this the image is there. */
gboolean varve_target_publish (VarveTarget *target, const VarveDescriptor *manifest, VarveArchiveKind kind,
                               GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
