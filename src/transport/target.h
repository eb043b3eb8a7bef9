#pragma once

#include "oci/archive.h"
#include "skopeo/reference.h"
#include "transport/push.h"

/* Where an image is written: a layout, or the layout that becomes an archive or is pushed. */
typedef struct _VarveTarget VarveTarget;

/* Opens it and takes its lock. A ref of the form "@…" is VARVE_ERROR_USAGE: nothing can be written under it. What
 * skopeo writes to is gathered in a temporary layout first. */
VarveTarget *varve_target_open (const VarveReference *reference, VarveObserver *observer, GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_target_free (VarveTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTarget, varve_target_free)

/* Where the blobs go. It belongs to @target. */
VarveLayout *varve_target_layout (VarveTarget *target);
/* Whether the layers of this image are where it is pushed to already: it is one of the same repository. */
gboolean varve_target_has_layers_of (const VarveTarget *target, const char *image);
/* Publishes the manifest under the reference's ref; after this the image is there, at the registry too. */
gboolean varve_target_publish (VarveTarget *target, const VarveDescriptor *manifest, VarveArchiveKind kind,
                               GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The two halves of that, where several are published: each under a ref of its own, then all of it. */
gboolean varve_target_add_entry (VarveTarget *target, const VarveDescriptor *manifest, const char *ref, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_target_deliver (VarveTarget *target, VarveArchiveKind kind, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
