/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/plain-content-keys.h"

#include <string.h>

#include "emit/content-key.h"
#include "emit/whiteout-tar.h"
#include "model/image-keys.h"
#include "model/whiteout.h"
#include "verify/ledger-claims.h"
#include "verify/plain-entries.h"
#include "verify/read-layers.h"
#include "verify/stale.h"

static gboolean
is_directory_of (const VarvePlainTree *tree, const VarvePlainEntry *entry)
{
  guint32 index = varve_plain_tree_find_directory (tree, entry->path);
  return index != VARVE_NO_INDEX && varve_plain_tree_has_directory (tree, index, entry);
}

/* The object that the tree has at the entry's path, if the entry is exactly that; else VARVE_NO_INDEX. */
static guint32
object_of (const VarvePlainTree *tree, const VarvePlainEntry *entry)
{
  const VarveInventory *inventory = tree->inventory;
  guint32 file = varve_plain_tree_find_file (tree, entry->path);
  if (file == VARVE_NO_INDEX)
    return VARVE_NO_INDEX;
  guint32 object = inventory->files[file].object;
  if (entry->entry.type != VARVE_FOREIGN_HARD_LINK)
    return varve_digest_compare (&entry->checksum, &inventory->objects[object].checksum) == 0 ? object : VARVE_NO_INDEX;
  guint32 target = varve_plain_tree_find_file (tree, entry->entry.link_name);
  return target != VARVE_NO_INDEX && inventory->files[target].object == object ? object : VARVE_NO_INDEX;
}

/* Whether a file has the time that it must have. */
static gboolean
has_time (const VarvePlainTree *tree, const VarvePlainEntry *entry)
{
  guint32 file = varve_plain_tree_find_file (tree, entry->path);
  return entry->entry.type != VARVE_FOREIGN_FILE || file == VARVE_NO_INDEX
         || varve_plain_entry_has_time (entry, &tree->inventory->files[file]);
}

/* What a layer has. */
typedef struct {
  GArray *objects;    /* guint32, in its order */
  gboolean has_times; /* all its files have the times that they must have */
} Contents;

/* FALSE if it has anything that the tree does not have there. */
static gboolean
list_objects (const VarvePlainTree *tree, const VarvePlainRecord *record, Contents *contents)
{
  GArray *objects = contents->objects;
  g_autoptr (GHashTable) listed = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < record->entries->len; i++)
    {
      const VarvePlainEntry *entry = &g_array_index (record->entries, VarvePlainEntry, i);
      if (entry->entry.type == VARVE_FOREIGN_DIRECTORY)
        {
          if (!is_directory_of (tree, entry))
            return FALSE;
          continue;
        }
      guint32 object = object_of (tree, entry);
      if (object == VARVE_NO_INDEX)
        return FALSE;
      contents->has_times = contents->has_times && has_time (tree, entry);
      if (g_hash_table_add (listed, GUINT_TO_POINTER (object + 1)))
        g_array_append_val (objects, object);
    }
  return TRUE;
}

/* The key of a layer that only removes paths; FALSE where it has anything else. */
static gboolean
find_whiteouts_key (const VarvePlainRecord *record, VarveDigest *out_key)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; i < record->entries->len; i++)
    {
      const VarvePlainEntry *entry = &g_array_index (record->entries, VarvePlainEntry, i);
      if (varve_whiteout_parse (entry->path, NULL) != VARVE_WHITEOUT_FILE)
        return FALSE;
      g_ptr_array_add (names, (gpointer)entry->path);
    }
  *out_key = varve_whiteout_tar_key_of_names (names);
  return names->len > 0;
}

/* A first layer may have the folders of a base image only; the files of others bring these along. */
static VarveDigest
key_of_folders (const VarvePlainTree *tree, const VarvePlainRecord *record)
{
  g_autofree guint8 *has = g_malloc0 (tree->inventory->n_directories);
  for (guint i = 0; i < record->entries->len; i++)
    has[varve_plain_tree_find_directory (tree, g_array_index (record->entries, VarvePlainEntry, i).path)] = 1;
  return varve_content_key_of_folders (tree->inventory, has);
}

static gboolean
is_equal (const char *claimed, VarveDigest key)
{
  g_autofree char *expected = varve_digest_to_string (&key);
  return strcmp (claimed, expected) == 0;
}

/* A key without times claims nothing of them, so any layer may have it. */
static gboolean
is_key_of (const char *claimed, const VarvePlainTree *tree, const VarvePlainRecord *record, gboolean is_first)
{
  g_autoptr (GArray) objects = g_array_new (FALSE, FALSE, sizeof (guint32));
  Contents contents = { .objects = objects, .has_times = TRUE };
  VarveDigest whiteouts;
  if (find_whiteouts_key (record, &whiteouts))
    return is_equal (claimed, whiteouts);
  if (!list_objects (tree, record, &contents) || (is_first && objects->len > 0))
    return FALSE;
  if (is_first)
    return is_equal (claimed, key_of_folders (tree, record));
  const guint32 *list = (const guint32 *)(void *)objects->data;
  return (contents.has_times
          && is_equal (claimed, varve_content_key (VARVE_FORMAT_PLAIN, tree->inventory, list, objects->len)))
         || is_equal (claimed, varve_content_key_without_times (tree->inventory, list, objects->len));
}

typedef struct {
  const VarveImage *image;
  const VarveLedger *ledger;
  const VarvePlainTree *tree;
  VarveFindings *findings;
} Claims;

/* Of each file of the tree, the index of the last layer that has anything at its path: what is shown. */
static guint32 *
last_layers (GPtrArray *records, const VarvePlainTree *tree)
{
  guint32 *last = g_new0 (guint32, tree->inventory->n_files + 1);
  for (guint i = 0; i < records->len; i++)
    {
      const GArray *entries = ((const VarvePlainRecord *)records->pdata[i])->entries;
      for (guint j = 0; j < entries->len; j++)
        {
          guint32 file = varve_plain_tree_find_file (tree, g_array_index (entries, VarvePlainEntry, j).path);
          if (file != VARVE_NO_INDEX)
            last[file] = i;
        }
    }
  return last;
}

static gboolean
is_shown (const VarveInventory *inventory, guint32 object, const guint32 *last, guint layer)
{
  for (guint32 i = inventory->objects[object].first_file; i != VARVE_NO_INDEX; i = inventory->files[i].next_file)
    if (last[i] != layer)
      return FALSE;
  return TRUE;
}

static void
check_claims (const Claims *claims, guint index, const VarvePlainRecord *record, const guint32 *last)
{
  const VarvePlainTree *tree = claims->tree;
  g_autoptr (VarveLayerEntries) entries = varve_plain_entries (record, tree);
  g_autoptr (GArray) live = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_auto (VarveLayerFacts) facts = { .stale = entries != NULL ? g_ptr_array_ref (entries->stale) : NULL };
  for (guint i = 0; entries != NULL && i < entries->objects->len; i++)
    {
      guint32 object = g_array_index (entries->objects, guint32, i);
      if (is_shown (tree->inventory, object, last, index))
        g_array_append_val (live, object);
      else
        g_ptr_array_add (facts.stale, varve_stale_object_of (tree->inventory, object));
    }
  facts.key
      = varve_content_key (VARVE_FORMAT_PLAIN, tree->inventory, (const guint32 *)(const void *)live->data, live->len);
  varve_ledger_claims_check (claims->image, claims->ledger, index, &facts, VARVE_STALE_PATHS, claims->findings);
}

void
varve_plain_content_keys_check (const VarveImage *image, GPtrArray *records, const VarvePlainTree *tree,
                                const VarveLedger *ledger, VarveFindings *findings)
{
  for (guint i = 0; i < records->len; i++)
    {
      const VarveDescriptor *layer = varve_manifest_layer (image->manifest, i);
      const char *claimed = varve_descriptor_annotation (layer, VARVE_ANNOTATION_CONTENT_KEY);
      if (claimed == NULL || varve_stale_is_declared (layer) || is_key_of (claimed, tree, records->pdata[i], i == 0))
        continue;
      g_autofree char *place = varve_layer_place (image, i);
      varve_findings_add (findings, VARVE_SEVERITY_ERROR, "layer.content-key", place,
                          "the annotation '" VARVE_ANNOTATION_CONTENT_KEY
                          "' is the key of another content: do not use this image with --previous");
    }
  if (ledger == NULL)
    return;
  Claims claims = { image, ledger, tree, findings };
  g_autofree guint32 *last = last_layers (records, tree);
  for (guint i = varve_ledger_claims_first (image); i < records->len; i++)
    check_claims (&claims, i, records->pdata[i], last);
}
