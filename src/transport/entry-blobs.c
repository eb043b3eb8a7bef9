/* SPDX-License-Identifier: Apache-2.0 */
#include "transport/entry-blobs.h"

#include "oci/index.h"

typedef struct {
  VarveBlobs blobs;
  VarveBlobs *all;
  GBytes *index;
} EntryBlobs;

static GInputStream *
entry_blobs_open (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  return varve_blobs_open (((EntryBlobs *)blobs)->all, descriptor, cancellable, error);
}

static GBytes *
entry_blobs_load_index (VarveBlobs *blobs, GError **error)
{
  return g_bytes_ref (((EntryBlobs *)blobs)->index);
}

static void
entry_blobs_free (VarveBlobs *blobs)
{
  g_bytes_unref (((EntryBlobs *)blobs)->index);
  g_free (blobs);
}

VarveBlobs *
varve_entry_blobs_new (VarveBlobs *all, const VarveDescriptor *entry, GError **error)
{
  g_autoptr (VarveIndex) index = varve_index_new ();
  if (!varve_index_add (index, entry, error))
    return NULL;
  EntryBlobs *one = g_new0 (EntryBlobs, 1);
  *one = (EntryBlobs){
    .blobs = { .open_blob = entry_blobs_open, .load_index = entry_blobs_load_index, .free = entry_blobs_free },
    .all = all,
    .index = varve_index_to_bytes (index),
  };
  return &one->blobs;
}
