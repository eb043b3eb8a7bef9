/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/blobs.h"
#include "skopeo/reference.h"

/* One image or index of an oci: or oci-archive:, as a layout that skopeo pushes from: in a temporary folder, with this
 * entry alone in its index. Blobs of a layout are linked, those of an archive are unpacked. The push thus depends
 * neither on unusual paths and ref names nor on other writers of the index. Blobs that are absent from a thin layout
 * stay absent. */
typedef struct {
  char *path;                  /* of the layout */
  char *blobs_path;            /* the folder of the blobs */
  VarveDescriptor *descriptor; /* of the entry */
  GHashTable *layers;          /* of all its images: VarveDigest -> size (guint64 *) */
  VarveBlobs *blobs;           /* for reading */

  /* private */
  struct _VarveTemporaryFolder *scratch;
} VarvePushSource;

VarvePushSource *varve_push_source_new (const VarveReference *source, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_push_source_free (VarvePushSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePushSource, varve_push_source_free)
