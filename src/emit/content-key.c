#include "emit/content-key.h"

#include <string.h>

#include "emit/plain-tar.h"

/* Change one whenever emit/ostree-tar.c or emit/plain-tar.c writes other bytes for the same objects, commit or folders.
 */
static const char FORMAT[] = "varve content key 1: ostree tar format 1, sparse, by path";
static const char FORMAT_COMMIT[] = "varve content key 1: ostree tar format 1, commit layer";
static const char FORMAT_PLAIN[] = "varve content key 1: plain tar, by path, time 0";
static const char FORMAT_FOLDERS[] = "varve content key 1: plain tar, folders, time 0";

VarveDigest
varve_content_key (VarveFormat format, const VarveInventory *inventory, const guint32 *objects, guint32 n_objects)
{
  g_autoptr (VarveHash) hash = varve_hash_new ();
  if (format == VARVE_FORMAT_PLAIN)
    {
      varve_hash_update (hash, FORMAT_PLAIN, sizeof FORMAT_PLAIN);
      varve_plain_tar_feed_key (hash, inventory, objects, n_objects);
      return varve_hash_finish (hash);
    }
  varve_hash_update (hash, FORMAT, sizeof FORMAT);
  for (guint32 i = 0; i < n_objects; i++)
    {
      const VarveObject *object = &inventory->objects[objects[i]];
      varve_hash_update (hash, object->checksum.bytes, sizeof object->checksum.bytes);
      for (guint32 j = object->first_file; j != VARVE_NO_INDEX; j = inventory->files[j].next_file)
        varve_hash_update (hash, inventory->files[j].path, strlen (inventory->files[j].path) + 1);
      varve_hash_update (hash, "", 1); /* ends the list: no path is empty */
    }
  return varve_hash_finish (hash);
}

VarveDigest
varve_content_key_first (VarveFormat format, const VarveInventory *inventory, GBytes *commitmeta)
{
  g_autoptr (VarveHash) hash = varve_hash_new ();
  if (format == VARVE_FORMAT_PLAIN)
    {
      varve_hash_update (hash, FORMAT_FOLDERS, sizeof FORMAT_FOLDERS);
      varve_plain_tar_feed_folders_key (hash, inventory);
      return varve_hash_finish (hash);
    }
  varve_hash_update (hash, FORMAT_COMMIT, sizeof FORMAT_COMMIT);
  varve_hash_update (hash, inventory->commit.bytes, sizeof inventory->commit.bytes);
  if (commitmeta != NULL)
    varve_hash_update (hash, g_bytes_get_data (commitmeta, NULL), g_bytes_get_size (commitmeta));
  return varve_hash_finish (hash);
}
