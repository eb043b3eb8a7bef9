/* SPDX-License-Identifier: Apache-2.0 */
#include "chunker/atom-digest.h"

#include <string.h>

static const char FORMAT[] = "varve-atom-1";

static void
hash_object (VarveHash *hash, const VarveInventory *inventory, const VarveObject *object)
{
  guint32 n_paths = 0;
  for (guint32 file = object->first_file; file != VARVE_NO_INDEX; file = inventory->files[file].next_file)
    n_paths++;
  guint32 n_paths_le = GUINT32_TO_LE (n_paths);
  varve_hash_update (hash, object->checksum.bytes, VARVE_DIGEST_BYTES);
  varve_hash_update (hash, &n_paths_le, sizeof n_paths_le);
  for (guint32 file = object->first_file; file != VARVE_NO_INDEX; file = inventory->files[file].next_file)
    varve_hash_update (hash, inventory->files[file].path, strlen (inventory->files[file].path) + 1);
}

VarveDigest
varve_atom_digest (const VarveInventory *inventory, const guint32 *objects, guint32 n_objects)
{
  g_autoptr (VarveHash) hash = varve_hash_new ();
  varve_hash_update (hash, FORMAT, sizeof FORMAT);
  for (guint32 i = 0; i < n_objects; i++)
    hash_object (hash, inventory, &inventory->objects[objects[i]]);
  return varve_hash_finish (hash);
}
