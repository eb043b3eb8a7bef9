/* SPDX-License-Identifier: Apache-2.0 */
#include "release/file-digests.h"

#include "base/error.h"
#include "base/parallel.h"

enum { PIECE_BYTES = 128 << 10 };

typedef struct {
  const VarveInventory *inventory;
  VarveSource *source;
  VarveObserver *observer;
  VarveFileDigests *digests;
} Reading;

static gboolean
read_stream (const Reading *reading, const VarveObject *object, GInputStream *stream, VarveFileDigests *out_digests,
             GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *piece = g_malloc (PIECE_BYTES);
  g_autoptr (VarveHash) sha256 = varve_hash_new ();
  g_autoptr (VarveSha1Hash) sha1 = varve_sha1_hash_new ();
  guint64 total_bytes = 0;
  gssize n;
  while ((n = g_input_stream_read (stream, piece, PIECE_BYTES, cancellable, error)) > 0)
    {
      varve_hash_update (sha256, piece, (gsize)n);
      varve_sha1_hash_update (sha1, piece, (gsize)n);
      varve_observer_advance (reading->observer, (guint64)n);
      total_bytes += (guint64)n;
      if (total_bytes > object->size_bytes)
        break;
    }
  if (n < 0)
    return FALSE;
  out_digests->sha256 = varve_hash_finish (sha256);
  out_digests->sha1 = varve_sha1_hash_finish (sha1);
  if (total_bytes == object->size_bytes)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
               "found %s %" G_GUINT64_FORMAT " bytes, expected %" G_GUINT64_FORMAT,
               total_bytes > object->size_bytes ? "at least" : "only", total_bytes, object->size_bytes);
  return FALSE;
}

static gboolean
read_object (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  const Reading *reading = data;
  const VarveObject *object = &reading->inventory->objects[index];
  if (object->symlink_target != NULL)
    return TRUE;
  g_autoptr (GInputStream) stream
      = reading->source->open_content (reading->source, &object->checksum, cancellable, error);
  if (stream != NULL && read_stream (reading, object, stream, &reading->digests[index], cancellable, error))
    return TRUE;
  g_autofree char *path = varve_escape (reading->inventory->files[object->first_file].path);
  g_prefix_error (error, "'/%s': ", path);
  return FALSE;
}

VarveFileDigests *
varve_file_digests_read (const VarveInventory *inventory, VarveSource *source, guint jobs, VarveObserver *observer,
                         GCancellable *cancellable, GError **error)
{
  g_autofree VarveFileDigests *digests = g_new0 (VarveFileDigests, MAX (inventory->n_objects, 1));
  Reading reading = { .inventory = inventory, .source = source, .observer = observer, .digests = digests };
  guint64 total_bytes = 0;
  for (guint32 i = 0; i < inventory->n_objects; i++)
    total_bytes += inventory->objects[i].size_bytes;
  varve_observer_begin (observer, "hashing files", total_bytes);
  if (!varve_parallel_for (jobs, inventory->n_objects, read_object, &reading, cancellable, error))
    return NULL;
  return g_steal_pointer (&digests);
}
