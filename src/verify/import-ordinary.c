/* SPDX-License-Identifier: Apache-2.0 */
/* A thread writes the filtered tar into a pipe, from which libostree reads. */
#include "verify/import-ordinary.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"

typedef struct {
  const VarvePlainLayer *layer;
  VarveLayerFilterFlags flags;
  int fd;             /* to write to */
  gboolean is_closed; /* the reader needs no more */
  GCancellable *cancellable;
  GError *failure;
} Feed;

static gboolean
feed_write (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  Feed *feed = data;
  for (gsize at = 0; at < size_bytes && !feed->is_closed;)
    {
      gssize n = write (feed->fd, (const guint8 *)bytes + at, size_bytes - at);
      if (n > 0)
        at += (gsize)n;
      else if (errno == EPIPE)
        feed->is_closed = TRUE; /* the rest of the layer is still read, for its digest */
      else if (errno != EINTR)
        return varve_set_errno (error, errno, "writing to a pipe");
    }
  return TRUE;
}

static gpointer
feed_run (gpointer data)
{
  Feed *feed = data;
  VarveSink sink = { .write = feed_write, .data = feed };
  gboolean done = varve_layer_filter_write (feed->layer, feed->flags, &sink, feed->cancellable, &feed->failure);
  close (feed->fd);
  return GINT_TO_POINTER (done);
}

/* libostree does not say why where a file is in the way of a folder. */
static void
fail_import (GError *failure, GError **error)
{
  if (failure != NULL)
    g_propagate_error (error, failure);
  else
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                 "libostree cannot write the layer: a path of it is a folder and something else");
}

/* The fault of the layer is the reason for that of libostree, which then has only a part of it. */
static gboolean
feed_join (Feed *feed, GThread *thread, gboolean is_imported, GError **failure, GError **error)
{
  gboolean is_fed = GPOINTER_TO_INT (g_thread_join (thread));
  if (is_fed && is_imported)
    return TRUE;
  if (is_fed)
    fail_import (g_steal_pointer (failure), error);
  else
    g_propagate_error (error, g_steal_pointer (&feed->failure));
  return FALSE;
}

static gboolean
import_from (VarveImporter *importer, Feed *feed, int read_fd, VarveSepolicy *policy, VarveImportedTree *out_tree,
             GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GThread) thread = g_thread_try_new ("filter", feed_run, feed, error);
  if (thread == NULL)
    {
      close (feed->fd);
      close (read_fd);
      return FALSE;
    }
  gboolean is_imported = varve_import_archive (importer, read_fd, policy, out_tree, feed->cancellable, &failure);
  close (read_fd);
  return feed_join (feed, g_steal_pointer (&thread), is_imported, &failure, error);
}

static gboolean
import_ordinary (VarveImporter *importer, const VarvePlainLayer *layer, const VarveOrdinaryRules *rules,
                 VarveImportedTree *out_tree, GCancellable *cancellable, GError **error)
{
  int fds[2];
  if (pipe2 (fds, O_CLOEXEC) != 0)
    return varve_set_errno (error, errno, "creating a pipe");
  Feed feed = { .layer = layer, .flags = rules->flags, .fd = fds[1], .cancellable = cancellable };
  return import_from (importer, &feed, fds[0], rules->policy, out_tree, error)
         && varve_importer_commit (importer, NULL, NULL, cancellable, error);
}

gboolean
varve_import_ordinary (const char *repo_path, const VarvePlainLayer *layer, const VarveOrdinaryRules *rules,
                       VarveImportedTree *out_tree, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveImporter) importer = varve_importer_begin (repo_path, cancellable, error);
  return importer != NULL && import_ordinary (importer, layer, rules, out_tree, cancellable, error);
}
