/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger has one size for each component. Layers without stale objects tell which part of it is theirs. */
#include "explain/layer-share.h"

#include "verify/stale.h"

typedef struct {
  const VarveLedger *ledger;
  const VarveManifest *manifest;
} Image;

static gboolean
has_stale (const Image *image, guint32 layer)
{
  return layer + 1 < image->manifest->layers->len
         && varve_stale_is_declared (varve_manifest_layer (image->manifest, layer + 1));
}

static guint64
layer_bytes (const Image *image, guint32 layer)
{
  return layer + 1 < image->manifest->layers->len ? varve_manifest_layer (image->manifest, layer + 1)->size_bytes : 0;
}

static guint64
scale (guint64 bytes, guint64 part, guint64 whole)
{
  return whole > 0 ? (guint64)((unsigned __int128)bytes * part / whole) : 0;
}

/* By the number of objects. */
static guint64
estimate (const VarveLedgerEntry *entry, guint32 layer)
{
  g_autoptr (GArray) layers = varve_ledger_entry_layers (entry);
  guint64 here = 0, all = 0;
  for (guint i = 0; i < layers->len; i++)
    {
      const VarveLedgerRun *run = &g_array_index (layers, VarveLedgerRun, i);
      all += MAX (run->n_objects, 1);
      here += run->layer == layer ? MAX (run->n_objects, 1) : 0;
    }
  return scale (entry->size_bytes, here, all);
}

/* In a layer without stale objects: what its whole components leave, distributed over the others. */
static guint64
share_of_rest (const Image *image, const VarveLedgerEntry *entry, guint32 layer)
{
  guint64 rest = layer_bytes (image, layer), estimates = 0;
  for (guint32 i = 0; i < image->ledger->entries->len; i++)
    {
      const VarveLedgerEntry *other = varve_ledger_entry (image->ledger, i);
      if (!varve_ledger_entry_is_in (other, layer))
        continue;
      if (other->runs != NULL)
        estimates += estimate (other, layer);
      else
        rest -= MIN (rest, other->size_bytes);
    }
  return MIN (scale (rest, estimate (entry, layer), estimates), entry->size_bytes);
}

/* In a layer with stale objects: what the layers without leave, distributed over those with. */
static guint64
share_of_entry (const Image *image, const VarveLedgerEntry *entry, guint32 layer)
{
  g_autoptr (GArray) layers = varve_ledger_entry_layers (entry);
  guint64 rest = entry->size_bytes, estimates = 0;
  for (guint i = 0; i < layers->len; i++)
    {
      guint32 other = g_array_index (layers, VarveLedgerRun, i).layer;
      if (has_stale (image, other))
        estimates += estimate (entry, other);
      else
        rest -= MIN (rest, share_of_rest (image, entry, other));
    }
  return MIN (scale (rest, estimate (entry, layer), estimates), layer_bytes (image, layer));
}

guint64
varve_layer_share (const VarveLedger *ledger, const VarveManifest *manifest, const VarveLedgerEntry *entry,
                   guint32 layer)
{
  Image image = { ledger, manifest };
  if (!varve_ledger_entry_is_in (entry, layer))
    return 0;
  if (entry->runs == NULL)
    return entry->size_bytes;
  return has_stale (&image, layer) ? share_of_entry (&image, entry, layer) : share_of_rest (&image, entry, layer);
}
