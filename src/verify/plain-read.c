/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/plain-read.h"

#include "base/error.h"
#include "emit/tar-read.h"
#include "verify/layer-apply.h"
#include "verify/plain-layer.h"

typedef struct {
  VarvePlainRecord *record;
  GCancellable *cancellable;
} Reading;

static gboolean
record_entry (gpointer data, const VarveForeignEntry *entry, VarveForeignTar *tar, GError **error)
{
  Reading *reading = data;
  g_autofree char *path = varve_tar_clean_name (entry->name);
  if (path != NULL)
    return varve_plain_record_add (reading->record, path, entry, tar, reading->cancellable, error);
  g_autofree char *escaped = varve_escape (entry->name);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "'%s' leads out of the tree", escaped);
  return FALSE;
}

VarvePlainRecord *
varve_plain_read (const VarveImage *image, guint index, const VarvePlainTree *tree, VarveComposefsTar *composefs,
                  GCancellable *cancellable, GError **error)
{
  VarveDecompressed sums;
  g_autoptr (VarvePlainRecord) record = varve_plain_record_new (tree);
  Reading reading = { record, cancellable };
  VarvePlainLayer layer
      = { .image = image, .index = index, .func = record_entry, .data = &reading, .composefs = composefs };
  if (!varve_plain_layer_read (&layer, &sums, cancellable, error) || !varve_plain_layer_check (&layer, &sums, error))
    return NULL;
  return g_steal_pointer (&record);
}

/* A VarveLayerContentFunc: the content is known by its checksum. */
static gboolean
take_checksum (gpointer data, VarveForeignTar *tar, VarveTreeInode *inode, GCancellable *cancellable, GError **error)
{
  inode->checksum = (*(const VarvePlainEntry *const *)data)->checksum;
  return TRUE;
}

void
varve_plain_read_apply (const VarvePlainRecord *record, guint index, VarveTree *shown, VarveSkipped *skipped,
                        VarvePlainFault fault, gpointer data)
{
  const VarvePlainEntry *entry = NULL;
  VarveLayerApply apply = { .tree = shown, .content = take_checksum, .data = &entry, .skipped = skipped };
  for (guint i = 0; i < record->entries->len; i++)
    {
      g_autoptr (GError) failure = NULL;
      entry = &g_array_index (record->entries, VarvePlainEntry, i);
      if (!varve_layer_apply_entry (&apply, index, &entry->entry, NULL, NULL, &failure))
        fault (data, failure->message);
    }
}
