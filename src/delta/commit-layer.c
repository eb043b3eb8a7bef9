/* SPDX-License-Identifier: Apache-2.0 */
#include "delta/commit-layer.h"

#include <string.h>

#include "delta/encode.h"
#include "emit/tar.h"

#define OBJECTS "sysroot/ostree/repo/objects/"
/* Both tars are in memory while they are matched; the layer of 28,000 files has 7 MB. */
#define TAR_MAX_BYTES (160ull << 20)

/* Whether the layer has a commit and no file that a host shows. */
static gboolean
is_commit_layer (const VarveTarMap *map)
{
  gboolean has_commit = FALSE;
  for (guint i = 0; i < map->entries->len; i++)
    {
      const VarveTarMapEntry *entry = &g_array_index (map->entries, VarveTarMapEntry, i);
      if (entry->type == VARVE_TAR_FILE && entry->size_bytes > 0 && !varve_image_files_is_hidden (entry->name))
        return FALSE;
      has_commit |= g_str_has_prefix (entry->name, OBJECTS) && g_str_has_suffix (entry->name, ".commit");
    }
  return has_commit;
}

static gboolean
find_commit_layer (const VarveImageFiles *files, guint *out_layer)
{
  for (guint i = 0; i < files->maps->len; i++)
    {
      const VarveTarMap *map = files->maps->pdata[i];
      if (map == NULL || map->tar.size_bytes > TAR_MAX_BYTES || !is_commit_layer (map))
        continue;
      *out_layer = i;
      return TRUE;
    }
  return FALSE;
}

gboolean
varve_commit_layers_find (const VarveNewEnd *new, const VarveOldEnd *old, VarveCommitLayers *out_layers)
{
  VarveCommitLayers layers;
  if (!find_commit_layer (new->files, &layers.new_layer) || !find_commit_layer (old->files, &layers.old_layer))
    return FALSE;
  *out_layers = layers;
  return TRUE;
}

gboolean
varve_commit_layers_encode (const VarveCommitLayers *layers, const VarveNewEnd *new, const VarveOldEnd *old,
                            VarveTardiffWriter *writer, GError **error)
{
  const VarveTarMap *old_map = old->files->maps->pdata[layers->old_layer],
                    *new_map = new->files->maps->pdata[layers->new_layer];
  g_autofree guint8 *old_tar = varve_extent_file_load (old->spool, old_map->tar, error);
  g_autofree guint8 *new_tar = old_tar != NULL ? varve_extent_file_load (new->spool, new_map->tar, error) : NULL;
  VarveEncodePair pair
      = { .old = old_tar, .old_bytes = old_map->tar.size_bytes, .new = new_tar, .new_bytes = new_map->tar.size_bytes };
  return new_tar != NULL && varve_tardiff_writer_layer (writer, &old_map->sums.diff_id, error)
         && varve_encode_match (&pair, writer, error);
}
