/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/content-key.h"

#include <string.h>

#include "emit/plain-tar.h"

/* Change one whenever emit/ostree-tar.c or emit/plain-tar.c writes other bytes for the same objects, commit or folders.
 * Plain layers have times since they have this name: it stays, so that layers without a required time stay. */
static const char FORMAT[] = "varve content key 1: ostree tar format 1, sparse, by path";
static const char FORMAT_COMMIT[] = "varve content key 1: ostree tar format 1, commit layer";
static const char FORMAT_PLAIN[] = "varve content key 1: plain tar, by path, time 0";
static const char FORMAT_FOLDERS[] = "varve content key 1: plain tar, folders, time 0";

VarveHash *
varve_content_key_start (void)
{
  VarveHash *hash = varve_hash_new ();
  varve_hash_update (hash, FORMAT, sizeof FORMAT);
  return hash;
}

void
varve_content_key_feed_object (VarveHash *hash, const VarveDigest *checksum)
{
  varve_hash_update (hash, checksum->bytes, sizeof checksum->bytes);
}

void
varve_content_key_feed_path (VarveHash *hash, const char *path)
{
  varve_hash_update (hash, path, strlen (path) + 1);
}

/* No path is empty. */
void
varve_content_key_feed_end (VarveHash *hash)
{
  varve_hash_update (hash, "", 1);
}

static VarveDigest
plain_content_key (VarvePlainKeyTimes times, const VarveInventory *inventory, const guint32 *objects, guint32 n_objects)
{
  g_autoptr (VarveHash) hash = varve_hash_new ();
  varve_hash_update (hash, FORMAT_PLAIN, sizeof FORMAT_PLAIN);
  varve_plain_tar_feed_key (hash, times, inventory, objects, n_objects);
  return varve_hash_finish (hash);
}

VarveDigest
varve_content_key_without_times (const VarveInventory *inventory, const guint32 *objects, guint32 n_objects)
{
  return plain_content_key (VARVE_PLAIN_KEY_NO_TIMES, inventory, objects, n_objects);
}

VarveDigest
varve_content_key (VarveFormat format, const VarveInventory *inventory, const guint32 *objects, guint32 n_objects)
{
  if (format == VARVE_FORMAT_PLAIN)
    return plain_content_key (VARVE_PLAIN_KEY_BOUND_TIMES, inventory, objects, n_objects);
  g_autoptr (VarveHash) hash = varve_content_key_start ();
  for (guint32 i = 0; i < n_objects; i++)
    {
      const VarveObject *object = &inventory->objects[objects[i]];
      varve_content_key_feed_object (hash, &object->checksum);
      for (guint32 j = object->first_file; j != VARVE_NO_INDEX; j = inventory->files[j].next_file)
        varve_content_key_feed_path (hash, inventory->files[j].path);
      varve_content_key_feed_end (hash);
    }
  return varve_hash_finish (hash);
}

VarveDigest
varve_content_key_of_commit (const VarveDigest *commit, GBytes *commitmeta)
{
  g_autoptr (VarveHash) hash = varve_hash_new ();
  varve_hash_update (hash, FORMAT_COMMIT, sizeof FORMAT_COMMIT);
  varve_hash_update (hash, commit->bytes, sizeof commit->bytes);
  if (commitmeta != NULL)
    varve_hash_update (hash, g_bytes_get_data (commitmeta, NULL), g_bytes_get_size (commitmeta));
  return varve_hash_finish (hash);
}

VarveDigest
varve_content_key_of_folders (const VarveInventory *inventory, const guint8 *has)
{
  g_autoptr (VarveHash) hash = varve_hash_new ();
  varve_hash_update (hash, FORMAT_FOLDERS, sizeof FORMAT_FOLDERS);
  varve_plain_tar_feed_folders_key (hash, inventory, has);
  return varve_hash_finish (hash);
}

VarveDigest
varve_content_key_first (VarveFormat format, const VarveInventory *inventory, GBytes *commitmeta)
{
  if (format == VARVE_FORMAT_OSTREE)
    return varve_content_key_of_commit (&inventory->commit, commitmeta);
  return varve_content_key_of_folders (inventory, NULL);
}
