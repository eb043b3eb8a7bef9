/* SPDX-License-Identifier: Apache-2.0 */
/* transport/sent-blobs: a blob that is opened counts once; other files do not count. */
#include "transport/sent-blobs.h"

#include <fcntl.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/digest.h"

enum { N_BLOBS = 3, BLOB_BYTES = 1000 };

typedef struct {
  char *folder;
  char *names[N_BLOBS];
  GHashTable *layers;
  VarveObserver *observer;
} Blobs;

/* The last blob is in the folder, but is no layer. */
static Blobs
blobs_new (void)
{
  Blobs blobs = {
    .folder = g_dir_make_tmp ("varve-test-XXXXXX", NULL),
    .layers = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, g_free),
    .observer = varve_observer_new (),
  };
  for (guint i = 0; i < N_BLOBS; i++)
    {
      VarveDigest digest = varve_digest_of (&i, sizeof i);
      g_autofree char *hex = varve_digest_to_hex (&digest);
      guint64 size_bytes = BLOB_BYTES + i;
      blobs.names[i] = g_build_filename (blobs.folder, hex, NULL);
      g_assert_true (g_file_set_contents (blobs.names[i], "content", -1, NULL));
      if (i + 1 < N_BLOBS)
        g_hash_table_insert (blobs.layers, g_memdup2 (&digest, sizeof digest),
                             g_memdup2 (&size_bytes, sizeof size_bytes));
    }
  return blobs;
}

static void
blobs_clear (Blobs *blobs)
{
  for (guint i = 0; i < N_BLOBS; i++)
    {
      g_unlink (blobs->names[i]);
      g_free (blobs->names[i]);
    }
  g_rmdir (blobs->folder);
  g_free (blobs->folder);
  g_hash_table_unref (blobs->layers);
  varve_observer_free (blobs->observer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Blobs, blobs_clear)

static void
open_once (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
}

static void
test_count (void)
{
  g_auto (Blobs) blobs = blobs_new ();
  g_autoptr (VarveSentBlobs) sent = varve_sent_blobs_new (blobs.folder, blobs.layers, blobs.observer);
  guint n = 9;
  guint64 bytes = 9;
  varve_observer_begin (blobs.observer, "pushing", 2 * BLOB_BYTES + 1);
  g_assert_true (varve_sent_blobs_count (sent, &n, &bytes));
  g_assert_cmpuint (n, ==, 0);
  g_assert_cmpuint (bytes, ==, 0);
  open_once (blobs.names[1]);
  open_once (blobs.names[1]);
  open_once (blobs.names[2]);
  varve_sent_blobs_poll (sent);
  g_assert_cmpuint (varve_observer_progress (blobs.observer).done_bytes, ==, BLOB_BYTES + 1);
  open_once (blobs.names[1]);
  open_once (blobs.names[0]);
  g_assert_true (varve_sent_blobs_count (sent, &n, &bytes));
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (bytes, ==, 2 * BLOB_BYTES + 1);
  g_assert_cmpuint (varve_observer_progress (blobs.observer).done_bytes, ==, 2 * BLOB_BYTES + 1);
}

/* When events are lost, the counts are not known. */
static void
test_overflow (void)
{
  g_auto (Blobs) blobs = blobs_new ();
  g_autofree char *text = NULL;
  g_autoptr (VarveSentBlobs) sent = varve_sent_blobs_new (blobs.folder, blobs.layers, NULL);
  guint n, n_events = 16384;
  guint64 bytes;
  if (g_file_get_contents ("/proc/sys/fs/inotify/max_queued_events", &text, NULL, NULL))
    n_events = (guint)g_ascii_strtoull (text, NULL, 10);
  if (n_events > 100000)
    {
      g_test_skip ("the queue for events is large");
      return;
    }
  for (guint i = 0; i < n_events + 2; i++) /* equal events in a row are merged, so they alternate */
    open_once (blobs.names[i % 2]);
  g_assert_false (varve_sent_blobs_count (sent, &n, &bytes));
}

static void
test_unwatched (void)
{
  g_auto (Blobs) blobs = blobs_new ();
  g_autoptr (VarveSentBlobs) sent = varve_sent_blobs_new ("/nonexistent", blobs.layers, NULL);
  guint n;
  guint64 bytes;
  open_once (blobs.names[0]);
  g_assert_false (varve_sent_blobs_count (sent, &n, &bytes));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sent-blobs/count", test_count);
  g_test_add_func ("/sent-blobs/overflow", test_overflow);
  g_test_add_func ("/sent-blobs/unwatched", test_unwatched);
  return g_test_run ();
}
