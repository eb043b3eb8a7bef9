/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/known-blobs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 * 1024 };

struct _VarveKnownBlobs {
  GMutex mutex;
  GHashTable *digests; /* set of VarveDigest, owned */
};

VarveKnownBlobs *
varve_known_blobs_new (void)
{
  VarveKnownBlobs *known = g_new0 (VarveKnownBlobs, 1);
  g_mutex_init (&known->mutex);
  known->digests = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
  return known;
}

void
varve_known_blobs_free (VarveKnownBlobs *known)
{
  g_hash_table_unref (known->digests);
  g_mutex_clear (&known->mutex);
  g_free (known);
}

void
varve_known_blobs_add (VarveKnownBlobs *known, const VarveDigest *digest)
{
  g_mutex_lock (&known->mutex);
  g_hash_table_add (known->digests, g_memdup2 (digest, sizeof *digest));
  g_mutex_unlock (&known->mutex);
}

static gboolean
is_known (VarveKnownBlobs *known, const VarveDigest *digest)
{
  g_mutex_lock (&known->mutex);
  gboolean found = g_hash_table_contains (known->digests, digest);
  g_mutex_unlock (&known->mutex);
  return found;
}

int
varve_known_blobs_open (int blobs_fd, const VarveDigest *digest, guint64 size_bytes)
{
  g_autofree char *hex = varve_digest_to_hex (digest);
  int fd = openat (blobs_fd, hex, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat status;
  if (fd < 0 || (fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && (guint64)status.st_size == size_bytes))
    return fd;
  close (fd);
  return -1;
}

static gboolean
has_digest (int fd, const VarveDigest *digest)
{
  g_autofree guint8 *piece = g_malloc (PIECE_BYTES);
  g_autoptr (VarveHash) hash = varve_hash_new ();
  ssize_t n;
  do
    {
      n = read (fd, piece, PIECE_BYTES);
      if (n > 0)
        varve_hash_update (hash, piece, (gsize)n);
    }
  while (n > 0 || (n < 0 && errno == EINTR));
  VarveDigest actual = varve_hash_finish (hash);
  return n == 0 && varve_digest_compare (&actual, digest) == 0;
}

static gboolean
is_regular (int blobs_fd, const VarveDigest *digest, guint64 size_bytes)
{
  g_autofree char *hex = varve_digest_to_hex (digest);
  struct stat status;
  return fstatat (blobs_fd, hex, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (status.st_mode)
         && (guint64)status.st_size == size_bytes;
}

gboolean
varve_known_blobs_check (VarveKnownBlobs *known, int blobs_fd, const VarveDigest *digest, guint64 size_bytes)
{
  if (is_known (known, digest))
    return is_regular (blobs_fd, digest, size_bytes);
  int fd = varve_known_blobs_open (blobs_fd, digest, size_bytes);
  gboolean is_right = fd >= 0 && has_digest (fd, digest) && fdatasync (fd) == 0; /* who wrote it may not have */
  if (fd >= 0)
    close (fd);
  if (is_right)
    varve_known_blobs_add (known, digest);
  return is_right;
}
