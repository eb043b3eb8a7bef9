/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/whiteout-tar.h"

#include <string.h>

#include "emit/tar.h"
#include "model/whiteout.h"

/* Change it whenever other bytes are written for the same paths. */
static const char FORMAT[] = "varve content key 1: whiteouts";

guint64
varve_whiteout_tar_bytes (const GPtrArray *paths)
{
  guint64 bytes = 2 * VARVE_TAR_BLOCK_BYTES;
  for (guint i = 0; i < paths->len; i++)
    {
      g_autofree char *name = varve_whiteout_of (paths->pdata[i]);
      VarveTarEntry entry = { .type = VARVE_TAR_FILE, .name = name, .mode = 0644 };
      bytes += varve_tar_entry_bytes (&entry);
    }
  return bytes;
}

gboolean
varve_whiteout_tar_write (const GPtrArray *paths, VarveSink *sink, GError **error)
{
  for (guint i = 0; i < paths->len; i++)
    {
      g_autofree char *name = varve_whiteout_of (paths->pdata[i]);
      VarveTarEntry entry = { .type = VARVE_TAR_FILE, .name = name, .mode = 0644 };
      if (!varve_tar_write_entry (sink, &entry, error))
        return FALSE;
    }
  return varve_tar_write_end (sink, error);
}

VarveDigest
varve_whiteout_tar_key_of_names (const GPtrArray *names)
{
  g_autoptr (VarveHash) hash = varve_hash_new ();
  varve_hash_update (hash, FORMAT, sizeof FORMAT);
  for (guint i = 0; i < names->len; i++)
    varve_hash_update (hash, names->pdata[i], strlen (names->pdata[i]) + 1);
  return varve_hash_finish (hash);
}

VarveDigest
varve_whiteout_tar_key (const GPtrArray *paths)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < paths->len; i++)
    g_ptr_array_add (names, varve_whiteout_of (paths->pdata[i]));
  return varve_whiteout_tar_key_of_names (names);
}
