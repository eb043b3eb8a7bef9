/* SPDX-License-Identifier: Apache-2.0 */
#include "transport/sent-blobs.h"

#include <sys/inotify.h>
#include <unistd.h>

#include "base/digest.h"

enum { EVENTS_BYTES = 64 * 1024 };

struct _VarveSentBlobs {
  int fd; /* -1 when it cannot be watched, or events were lost */
  GHashTable *layers;
  GHashTable *opened; /* VarveDigest, a set */
  guint64 opened_bytes;
  VarveObserver *observer;
};

VarveSentBlobs *
varve_sent_blobs_new (const char *blobs_path, GHashTable *layers, VarveObserver *observer)
{
  VarveSentBlobs *sent = g_new0 (VarveSentBlobs, 1);
  *sent = (VarveSentBlobs){
    .fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK),
    .layers = layers,
    .opened = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL),
    .observer = observer,
  };
  if (sent->fd >= 0 && inotify_add_watch (sent->fd, blobs_path, IN_OPEN) < 0)
    {
      close (sent->fd);
      sent->fd = -1;
    }
  return sent;
}

void
varve_sent_blobs_free (VarveSentBlobs *sent)
{
  if (sent->fd >= 0)
    close (sent->fd);
  g_hash_table_unref (sent->opened);
  g_free (sent);
}

static void
sent_add (VarveSentBlobs *sent, const char *name)
{
  VarveDigest digest;
  const guint64 *size_bytes
      = varve_digest_from_hex (name, &digest, NULL) ? g_hash_table_lookup (sent->layers, &digest) : NULL;
  if (size_bytes == NULL || !g_hash_table_add (sent->opened, g_memdup2 (&digest, sizeof digest)))
    return;
  sent->opened_bytes += *size_bytes;
  varve_observer_advance (sent->observer, *size_bytes);
}

void
varve_sent_blobs_poll (VarveSentBlobs *sent)
{
  g_autofree char *buffer = g_malloc (EVENTS_BYTES); /* aligned for any type */
  for (gssize n = 1; sent->fd >= 0 && n > 0;)
    {
      n = read (sent->fd, buffer, EVENTS_BYTES);
      for (gssize i = 0; i < n;)
        {
          const struct inotify_event *event = (const struct inotify_event *)(const void *)(buffer + i);
          i += (gssize)(sizeof *event + event->len);
          if (event->len > 0)
            sent_add (sent, event->name);
          if ((event->mask & IN_Q_OVERFLOW) == 0 || sent->fd < 0)
            continue;
          close (sent->fd);
          sent->fd = -1;
        }
    }
}

gboolean
varve_sent_blobs_count (VarveSentBlobs *sent, guint *out_n, guint64 *out_bytes)
{
  varve_sent_blobs_poll (sent);
  *out_n = g_hash_table_size (sent->opened);
  *out_bytes = sent->opened_bytes;
  return sent->fd >= 0;
}
