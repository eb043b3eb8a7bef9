#include "transport/one-entry.h"

#include "oci/index.h"

typedef struct {
  VarveBlobs blobs;
  VarveBlobs *all;
  GBytes *index;
} OneEntry;

static GInputStream *
open_blob (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  return varve_blobs_open (((OneEntry *)blobs)->all, descriptor, cancellable, error);
}

static GBytes *
load_index (VarveBlobs *blobs, GError **error)
{
  return g_bytes_ref (((OneEntry *)blobs)->index);
}

static void
one_entry_free (VarveBlobs *blobs)
{
  g_bytes_unref (((OneEntry *)blobs)->index);
  g_free (blobs);
}

VarveBlobs *
varve_one_entry_new (VarveBlobs *all, const VarveDescriptor *entry, GError **error)
{
  g_autoptr (VarveIndex) index = varve_index_new ();
  if (!varve_index_add (index, entry, error))
    return NULL;
  OneEntry *one = g_new0 (OneEntry, 1);
  *one = (OneEntry){
    .blobs = { .open_blob = open_blob, .load_index = load_index, .free = one_entry_free },
    .all = all,
    .index = varve_index_to_bytes (index),
  };
  return &one->blobs;
}
