/* SPDX-License-Identifier: Apache-2.0 */
#include "chunker/subtree-bytes.h"

struct _VarveSubtreeBytes {
  GHashTable *of_directory; /* index -> guint64, owned */
};

static void
bytes_add (VarveSubtreeBytes *bytes, guint32 directory, guint64 size_bytes)
{
  guint64 *sum = g_hash_table_lookup (bytes->of_directory, GUINT_TO_POINTER (directory));
  if (sum == NULL)
    {
      sum = g_new0 (guint64, 1);
      g_hash_table_insert (bytes->of_directory, GUINT_TO_POINTER (directory), sum);
    }
  *sum += size_bytes;
}

VarveSubtreeBytes *
varve_subtree_bytes_new (const VarveInventory *inventory, const VarveAtom *atom)
{
  VarveSubtreeBytes *bytes = g_new0 (VarveSubtreeBytes, 1);
  bytes->of_directory = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  for (guint32 i = 0; i < atom->n_objects; i++)
    {
      const VarveObject *object = &inventory->objects[atom->objects[i]];
      guint32 directory = inventory->files[object->first_file].directory;
      for (; directory != VARVE_NO_INDEX; directory = inventory->directories[directory].parent)
        bytes_add (bytes, directory, object->size_bytes);
    }
  return bytes;
}

void
varve_subtree_bytes_free (VarveSubtreeBytes *bytes)
{
  g_hash_table_unref (bytes->of_directory);
  g_free (bytes);
}

guint64
varve_subtree_bytes_get (const VarveSubtreeBytes *bytes, guint32 directory)
{
  const guint64 *sum = g_hash_table_lookup (bytes->of_directory, GUINT_TO_POINTER (directory));
  return sum != NULL ? *sum : 0;
}
