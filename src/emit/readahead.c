/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/readahead.h"

#include <sys/resource.h>

/* Covers the seeks of a slow disk while a core compresses about 100 MB/s, and fits into the page cache. */
enum {
  AHEAD_BYTES = 32 << 20,
  AHEAD_OBJECTS = 512,
  WAKE_EVERY_OBJECTS = 32,
  HINTS_UNTIL_SPARSE = 32,
  SPARSE_STRIDE = 16,
};

struct _VarveReadahead {
  const VarveInventory *inventory;
  VarveSource *source;
  const guint32 *objects;
  guint32 n_objects;
  GThread *thread;
  GMutex mutex;
  GCond moved;
  guint32 position; /* of the reader */
  gboolean stopped;
};

/* Waits until the object at @next is near enough to the reader; FALSE when stopped. *@ahead_bytes is the distance. */
static gboolean
wait_for_turn (VarveReadahead *readahead, guint32 next, guint32 *tail, guint64 *ahead_bytes)
{
  g_mutex_lock (&readahead->mutex);
  for (;;)
    {
      for (; *tail < MIN (readahead->position, next); (*tail)++)
        *ahead_bytes -= readahead->inventory->objects[readahead->objects[*tail]].size_bytes;
      gboolean is_near
          = next <= readahead->position || (*ahead_bytes < AHEAD_BYTES && next - readahead->position < AHEAD_OBJECTS);
      if (readahead->stopped || is_near)
        break;
      g_cond_wait (&readahead->moved, &readahead->mutex);
    }
  gboolean continues = !readahead->stopped;
  g_mutex_unlock (&readahead->mutex);
  return continues;
}

/* Blocks read from disks for this thread. */
static long
blocks_read (void)
{
  struct rusage usage;
  return getrusage (RUSAGE_THREAD, &usage) == 0 ? usage.ru_inblock : 0;
}

/* Hints are a waste if everything is in the page cache (4 % of a build's time): as long as the last hints read nothing
 * from a disk, only one object in SPARSE_STRIDE gets one. */
typedef struct {
  guint32 hints; /* since a disk was last read */
  long blocks;
} Probe;

static gboolean
probe_skips (const Probe *probe, guint32 position)
{
  return probe->hints >= HINTS_UNTIL_SPARSE && position % SPARSE_STRIDE != 0;
}

static void
probe_update (Probe *probe)
{
  long blocks = blocks_read ();
  probe->hints = blocks == probe->blocks ? probe->hints + 1 : 0;
  probe->blocks = blocks;
}

static gpointer
read_ahead (gpointer data)
{
  VarveReadahead *readahead = data;
  guint32 tail = 0;
  guint64 ahead_bytes = 0;
  Probe probe = { .blocks = blocks_read () };
  for (guint32 i = 0; i < readahead->n_objects && wait_for_turn (readahead, i, &tail, &ahead_bytes); i++)
    {
      const VarveObject *object = &readahead->inventory->objects[readahead->objects[i]];
      ahead_bytes += object->size_bytes;
      if (object->size_bytes == 0 || probe_skips (&probe, i))
        continue;
      readahead->source->read_ahead (readahead->source, &object->checksum);
      probe_update (&probe);
    }
  return NULL;
}

VarveReadahead *
varve_readahead_new (const VarveInventory *inventory, VarveSource *source, const guint32 *objects, guint32 n_objects)
{
  if (source->read_ahead == NULL || n_objects == 0)
    return NULL;
  VarveReadahead *readahead = g_new0 (VarveReadahead, 1);
  readahead->inventory = inventory;
  readahead->source = source;
  readahead->objects = objects;
  readahead->n_objects = n_objects;
  g_mutex_init (&readahead->mutex);
  g_cond_init (&readahead->moved);
  readahead->thread = g_thread_try_new ("varve-readahead", read_ahead, readahead, NULL);
  if (readahead->thread != NULL)
    return readahead;
  varve_readahead_free (readahead); /* hints only save time */
  return NULL;
}

void
varve_readahead_free (VarveReadahead *readahead)
{
  g_mutex_lock (&readahead->mutex);
  readahead->stopped = TRUE;
  g_cond_signal (&readahead->moved);
  g_mutex_unlock (&readahead->mutex);
  if (readahead->thread != NULL)
    g_thread_join (readahead->thread);
  g_mutex_clear (&readahead->mutex);
  g_cond_clear (&readahead->moved);
  g_free (readahead);
}

void
varve_readahead_move (VarveReadahead *readahead, guint32 position)
{
  if (readahead == NULL || position % WAKE_EVERY_OBJECTS != 0) /* waking the thread costs */
    return;
  g_mutex_lock (&readahead->mutex);
  readahead->position = position;
  g_cond_signal (&readahead->moved);
  g_mutex_unlock (&readahead->mutex);
}
