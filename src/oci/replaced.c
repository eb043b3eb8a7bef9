/* SPDX-License-Identifier: Apache-2.0 */
/* Only names made from a digest are removed, whatever the journal says. */
#include "oci/replaced.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/tempfile.h"

enum { JOURNAL_MAX_BYTES = 16 * 1024 * 1024 };

static GHashTable *
digest_set_new (void)
{
  return g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
}

static void
digest_set_add (GHashTable *set, const VarveDigest *digest)
{
  g_hash_table_add (set, g_memdup2 (digest, sizeof *digest));
}

static GHashTable *
read_journal (int layout_fd, GError **error)
{
  g_autoptr (GHashTable) listed = digest_set_new ();
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) content = varve_read_file (layout_fd, VARVE_REPLACED_NAME, JOURNAL_MAX_BYTES, &local_error);
  if (content == NULL && !g_error_matches (local_error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  gsize size_bytes = content != NULL ? g_bytes_get_size (content) : 0;
  g_autofree char *text = size_bytes > 0 ? g_strndup (g_bytes_get_data (content, NULL), size_bytes) : g_strdup ("");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      VarveDigest digest;
      if (varve_digest_from_hex (*line, &digest, NULL))
        digest_set_add (listed, &digest);
    }
  return g_steal_pointer (&listed);
}

static int
compare_digests (gconstpointer a, gconstpointer b, gpointer data)
{
  return varve_digest_compare (*(const VarveDigest *const *)a, *(const VarveDigest *const *)b);
}

static gboolean
write_journal (int layout_fd, GHashTable *listed, GError **error)
{
  if (g_hash_table_size (listed) == 0)
    return unlinkat (layout_fd, VARVE_REPLACED_NAME, 0) == 0 || errno == ENOENT
           || varve_set_errno (error, errno, "removing '" VARVE_REPLACED_NAME "'");
  guint n;
  g_autofree gpointer *sorted = g_hash_table_get_keys_as_array (listed, &n);
  g_autoptr (GString) text = g_string_new (NULL);
  g_qsort_with_data (sorted, (gint)n, sizeof *sorted, compare_digests, NULL);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *hex = varve_digest_to_hex (sorted[i]);
      g_string_append_printf (text, "%s\n", hex);
    }
  return varve_write_file_atomic (layout_fd, VARVE_REPLACED_NAME, text->str, text->len, error);
}

/* Adds the members of @from that are not in @used. */
static void
digest_set_add_unused (GHashTable *set, GHashTable *from, GHashTable *used)
{
  GHashTableIter iterator;
  gpointer digest;
  g_hash_table_iter_init (&iterator, from);
  while (g_hash_table_iter_next (&iterator, &digest, NULL))
    if (!g_hash_table_contains (used, digest))
      digest_set_add (set, digest);
}

static gboolean
remove_blobs (int blobs_fd, GHashTable *digests, GError **error)
{
  GHashTableIter iterator;
  gpointer digest;
  g_hash_table_iter_init (&iterator, digests);
  while (g_hash_table_iter_next (&iterator, &digest, NULL))
    {
      g_autofree char *hex = varve_digest_to_hex (digest);
      if (unlinkat (blobs_fd, hex, 0) != 0 && errno != ENOENT)
        return varve_set_errno (error, errno, "removing the replaced blob '%s'", hex);
    }
  return TRUE;
}

gboolean
varve_replaced_update (int layout_fd, int blobs_fd, GHashTable *before, GHashTable *after, VarveReplacedAction action,
                       GError **error)
{
  g_autoptr (GHashTable) listed = read_journal (layout_fd, error);
  if (listed == NULL)
    return FALSE;
  g_autoptr (GHashTable) fresh = digest_set_new (), all = digest_set_new (), old = digest_set_new ();
  digest_set_add_unused (fresh, before, after);
  digest_set_add_unused (all, listed, after);
  digest_set_add_unused (old, all, fresh);
  digest_set_add_unused (all, fresh, after);
  gboolean changes = g_hash_table_size (fresh) > 0 || g_hash_table_size (listed) != g_hash_table_size (all);
  if (changes && !write_journal (layout_fd, all, error))
    return FALSE;
  if (action == VARVE_REPLACED_NOTE || g_hash_table_size (old) == 0)
    return TRUE;
  return remove_blobs (blobs_fd, old, error) && write_journal (layout_fd, fresh, error);
}
