/* SPDX-License-Identifier: Apache-2.0 */
/* Copies in parallel, each blob through a temporary file of the layout; counts what was copied, kept and absent. */
#include "transport/copy-blobs.h"

#include "base/error.h"
#include "base/parallel.h"

typedef struct {
  VarveDigest digest;
  guint64 size_bytes;
} Item;

typedef struct {
  VarveCopyBlobs *copy;
  GArray *items;
  GMutex mutex; /* protects copy->count */
} Copying;

typedef struct {
  VarveTempfile *file;
  VarveObserver *observer;
} Writing;

static gboolean
write_piece (const void *data, gsize size_bytes, gpointer user_data, GError **error)
{
  Writing *writing = user_data;
  varve_observer_advance (writing->observer, size_bytes);
  return varve_tempfile_write (writing->file, data, size_bytes, error);
}

static void
copying_count (Copying *copying, guint *n, guint64 *bytes, guint64 size_bytes)
{
  g_mutex_lock (&copying->mutex);
  *n += 1;
  if (bytes != NULL)
    *bytes += size_bytes;
  g_mutex_unlock (&copying->mutex);
}

static gboolean
copy_content (const VarveCopyBlobs *copy, const Item *item, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveDescriptor) descriptor = varve_descriptor_new ("", &item->digest, item->size_bytes);
  g_autoptr (VarveTempfile) file = varve_tempfile_new (varve_layout_blobs_fd (copy->target), error);
  Writing writing = { .file = file, .observer = copy->observer };
  return file != NULL && varve_blobs_stream (copy->source, descriptor, write_piece, &writing, cancellable, error)
         && varve_layout_publish_blob (copy->target, file, &item->digest, item->size_bytes, error);
}

static gboolean
copy_one (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Copying *copying = data;
  VarveCopyBlobs *copy = copying->copy;
  VarveCopyCount *count = &copy->count;
  const Item *item = &g_array_index (copying->items, Item, index);
  if (varve_layout_has_blob (copy->target, &item->digest, item->size_bytes))
    {
      varve_observer_advance (copy->observer, item->size_bytes);
      copying_count (copying, &count->n_kept, &count->kept_bytes, item->size_bytes);
      return TRUE;
    }
  g_autoptr (GError) failure = NULL;
  if (copy_content (copy, item, cancellable, &failure))
    {
      copying_count (copying, &count->n_copied, &count->copied_bytes, item->size_bytes);
      return TRUE;
    }
  if (copy->kind != VARVE_COPY_THIN || !g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  copying_count (copying, &count->n_absent, NULL, 0);
  return TRUE;
}

static int
compare_items (gconstpointer a, gconstpointer b)
{
  return varve_digest_compare (&((const Item *)a)->digest, &((const Item *)b)->digest);
}

gboolean
varve_copy_blobs (VarveCopyBlobs *copy, GHashTable *digests, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (Item));
  guint64 total_bytes = 0;
  GHashTableIter iter;
  gpointer digest, size_bytes;
  g_hash_table_iter_init (&iter, digests);
  while (g_hash_table_iter_next (&iter, &digest, &size_bytes))
    {
      Item item = { .digest = *(const VarveDigest *)digest, .size_bytes = *(const guint64 *)size_bytes };
      g_array_append_val (items, item);
      total_bytes += item.size_bytes;
    }
  g_array_sort (items, compare_items);
  Copying copying = { .copy = copy, .items = items };
  g_mutex_init (&copying.mutex);
  varve_observer_begin (copy->observer, "copying blobs", total_bytes);
  gboolean done = varve_parallel_for (copy->jobs, items->len, copy_one, &copying, cancellable, error);
  g_mutex_clear (&copying.mutex);
  return done;
}
