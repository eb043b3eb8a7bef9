#pragma once

#include "oci/blobs.h"
#include "skopeo/reference.h"

/* One image or index of an oci: or oci-archive:, put where skopeo can take it from: a layout in a folder of ours, whose
 * index has this entry alone. Blobs of a layout stay where they are; those of an archive are unpacked. Neither odd
 * paths and names nor another writer then matter. Blobs that are not there (a thin layout) stay absent. */
typedef struct {
  char *path;                  /* of the layout */
  char *blobs_path;            /* of the folder that the blobs are in */
  VarveDescriptor *descriptor; /* of the entry */
  GHashTable *layers;          /* of all its images: VarveDigest, each with its size (guint64 *) */
  VarveBlobs *blobs;           /* for reading */

  /* private */
  struct _VarveTemporaryFolder *scratch;
} VarvePushSource;

VarvePushSource *varve_push_source_new (const VarveReference *source, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_push_source_free (VarvePushSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePushSource, varve_push_source_free)
