/* SPDX-License-Identifier: Apache-2.0 */
/* Decides which ledger an image has: its annotation, or one made from the component names of its layers. */
#include "compose/image-ledger.h"

#include "base/error.h"
#include "chunker/ledger-codec.h"
#include "emit/ledger-text.h"
#include "model/image-keys.h"

/* For an image without a ledger: only the layer of each component. */
static VarveLedger *
ledger_of_components (const VarveManifest *manifest)
{
  g_autoptr (VarveLedger) ledger = varve_ledger_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 1; i < manifest->layers->len; i++)
    {
      const char *names = varve_descriptor_annotation (varve_manifest_layer (manifest, i), VARVE_ANNOTATION_COMPONENTS);
      g_auto (GStrv) split = g_strsplit (names != NULL ? names : "", ",", (gint)VARVE_LEDGER_ENTRIES_MAX);
      for (char **name = split; *name != NULL; name++)
        if ((*name)[0] != '\0' && g_hash_table_add (seen, g_strdup (*name)))
          varve_ledger_add (ledger, *name, NULL)->layer = i - 1;
    }
  varve_ledger_sort (ledger);
  return g_steal_pointer (&ledger);
}

VarveLedger *
varve_image_ledger_read (const VarveManifest *manifest, GError **error)
{
  const char *text = varve_string_map_get (manifest->annotations, VARVE_ANNOTATION_LEDGER);
  g_autoptr (VarveLedger) ledger
      = text != NULL ? varve_ledger_from_text (text, error) : ledger_of_components (manifest);
  if (ledger == NULL || !varve_ledger_check_layers (ledger, manifest->layers->len, error))
    return NULL;
  return g_steal_pointer (&ledger);
}

gboolean
varve_image_ledger_is_exact (const VarveLedger *ledger)
{
  return ledger->times->len > 0;
}

char *
varve_ledger_entry_name (const VarveLedgerEntry *entry)
{
  return entry->subtree != NULL ? g_strconcat (entry->component, ":", entry->subtree, NULL)
                                : g_strdup (entry->component);
}
