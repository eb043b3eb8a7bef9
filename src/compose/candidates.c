/* SPDX-License-Identifier: Apache-2.0 */
/* First asks the ledgers, then reads the layers that they do not know. */
#include "compose/candidates.h"

#include <string.h>

#include "base/error.h"
#include "base/parallel.h"
#include "chunker/former-entries.h"
#include "compose/image-ledger.h"
#include "emit/content-key.h"
#include "model/image-keys.h"
#include "verify/plain-entries.h"
#include "verify/read-layers.h"
#include "verify/record-entries.h"

typedef struct {
  const VarveCandidatesOptions *options;
  GPtrArray *candidates;  /* VarveCandidate */
  GHashTable *by_diff_id; /* VarveDigest -> VarveCandidate */
  VarvePlainTree tree;    /* for the plain format, and the key of its folders */
  char *folders_key;
  gint n_missing; /* layers without a blob; atomic */
} Search;

static void
candidate_free (gpointer data)
{
  VarveCandidate *candidate = data;
  g_clear_pointer (&candidate->entries, varve_layer_entries_free);
  g_free (candidate);
}

static const VarveDescriptor *
descriptor_of (const VarveCandidate *candidate)
{
  return varve_manifest_layer (candidate->image->manifest, candidate->layer);
}

static const VarveDigest *
diff_id_of (const VarveCandidate *candidate)
{
  return &g_array_index (candidate->image->diff_ids, VarveDigest, candidate->layer);
}

/* Whether all folders of the plain image are as before: a kept layer repeats them. */
static gboolean
has_same_folders (const Search *search, const VarvePrevious *image)
{
  if (search->options->format != VARVE_FORMAT_PLAIN)
    return TRUE;
  return g_strcmp0 (search->folders_key, varve_previous_key (image, 0)) == 0;
}

/* Whether the key that the image has for what is live in the layer is that of these objects. Where a layer has anything
 * stale, its content key describes more than that, so the ledger must have another one. */
static gboolean
has_key (const Search *search, const VarveCandidate *candidate, guint index, const VarveLayerEntries *entries)
{
  const VarveCandidatesOptions *options = search->options;
  const VarveLedgerLayer *layer = varve_ledger_layer (candidate->image->ledger, index);
  gboolean is_stale = varve_descriptor_annotation (descriptor_of (candidate), VARVE_ANNOTATION_STALE_OBJECTS) != NULL;
  VarveDigest key = varve_content_key (options->format, options->inventory,
                                       (const guint32 *)(const void *)entries->objects->data, entries->objects->len);
  if (layer != NULL && layer->has_key)
    return varve_digest_compare (&key, &layer->key) == 0 && has_same_folders (search, candidate->image);
  g_autofree char *text = varve_digest_to_string (&key);
  return !is_stale && g_strcmp0 (text, varve_previous_key (candidate->image, candidate->layer)) == 0;
}

static gboolean
has_diff_id (const VarveCandidate *candidate)
{
  static const VarveDigest UNKNOWN = { 0 };
  return varve_digest_compare (diff_id_of (candidate), &UNKNOWN) != 0;
}

/* The base comes first, but the ledger of the previous image may know more of its layers, and has read that of the
 * base. */
static void
add_candidate (Search *search, VarveCandidate *candidate)
{
  VarveCandidate *known = g_hash_table_lookup (search->by_diff_id, diff_id_of (candidate));
  if (known != NULL && known->entries == NULL)
    known->entries = g_steal_pointer (&candidate->entries);
  if (known != NULL)
    {
      if (candidate->recorded != NULL && candidate->recorded->stale != NULL)
        known->recorded = candidate->recorded;
      candidate_free (candidate);
      return;
    }
  g_ptr_array_add (search->candidates, candidate);
  g_hash_table_insert (search->by_diff_id, (gpointer)diff_id_of (candidate), candidate);
}

/* An image of the other format has no layer that this one can keep. */
static void
add_image (Search *search, const VarvePrevious *image, gboolean is_pinned, gboolean is_extra)
{
  if (image->is_plain != (search->options->format == VARVE_FORMAT_PLAIN))
    return;
  guint n_layers = image->manifest->layers->len - MIN (image->first, image->manifest->layers->len);
  g_autoptr (GPtrArray) entries
      = varve_former_entries_new (search->options->plan, search->options->inventory, image->ledger, n_layers);
  for (guint i = 0; i < n_layers; i++)
    {
      VarveCandidate *candidate = g_new0 (VarveCandidate, 1);
      *candidate = (VarveCandidate){
        .image = image,
        .layer = i + image->first,
        .recorded = varve_ledger_layer (image->ledger, i),
        .is_pinned = is_pinned,
        .is_extra = is_extra,
      };
      if (!has_diff_id (candidate))
        {
          candidate_free (candidate);
          continue;
        }
      if (entries->pdata[i] != NULL && has_key (search, candidate, i, entries->pdata[i]))
        candidate->entries = g_steal_pointer (&entries->pdata[i]);
      add_candidate (search, candidate);
    }
}

/* Whether a layer that no ledger knows may be of use. */
static gboolean
is_to_read (const Search *search, const VarveCandidate *candidate)
{
  gboolean is_foreign = !varve_image_ledger_is_exact (candidate->image->ledger);
  return candidate->entries == NULL && candidate->image->image != NULL
         && (search->options->may_be_stale || candidate->is_pinned || candidate->is_extra || is_foreign);
}

static void
warn_unread (const Search *search, const VarveCandidate *candidate, const char *message)
{
  g_autofree char *name = varve_escape (candidate->image->name);
  varve_observer_warn (search->options->observer, "'%s': %s: continuing without this layer", name, message);
}

/* The fault of a layer is a warning. */
static gboolean
read_plain (Search *search, VarveCandidate *candidate, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gboolean read = varve_plain_entries_read (candidate->image->image, candidate->layer, &search->tree,
                                            &candidate->entries, cancellable, &failure);
  varve_observer_advance (search->options->observer, descriptor_of (candidate)->size_bytes);
  if (read)
    return TRUE;
  g_autofree char *place = varve_layer_place (candidate->image->image, candidate->layer);
  if (failure->domain != VARVE_ERROR || failure->code == VARVE_ERROR_IO)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&failure), "%s: ", place);
      return FALSE;
    }
  if (g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    {
      g_atomic_int_inc (&search->n_missing);
      return TRUE;
    }
  g_autofree char *message = g_strdup_printf ("%s: %s", place, failure->message);
  warn_unread (search, candidate, message);
  return TRUE;
}

static gboolean
read_ostree (Search *search, VarveCandidate *candidate, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  VarveReadLayer read = {
    .image = candidate->image->image,
    .index = candidate->layer,
    .role = VARVE_LAYER_CONTENT,
    .findings = findings,
    .observer = search->options->observer,
  };
  g_autoptr (VarveLayerRecord) record = varve_read_layer (&read, cancellable, error);
  if (record == NULL)
    return FALSE;
  if (varve_findings_count (findings, VARVE_SEVERITY_ERROR) == 0)
    {
      candidate->entries = varve_record_entries (record, search->options->inventory);
      return TRUE;
    }
  const VarveFinding *first = varve_findings_get (findings, VARVE_SEVERITY_ERROR, 0);
  if (strcmp (first->rule, "layer.missing") == 0)
    {
      g_atomic_int_inc (&search->n_missing);
      return TRUE;
    }
  g_autofree char *message = g_strdup_printf ("%s: %s", first->where, first->message);
  warn_unread (search, candidate, message);
  return TRUE;
}

/* A registry may fail between the manifest and a layer. */
static gboolean
pass_failure (const Search *search, const VarveCandidate *candidate, GError *failure, GCancellable *cancellable,
              GError **error)
{
  if (!search->options->is_optional || candidate->image != search->options->previous
      || g_cancellable_is_cancelled (cancellable))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  warn_unread (search, candidate, failure->message);
  g_error_free (failure);
  return TRUE;
}

static gboolean
read_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Search *search = data;
  VarveCandidate *candidate = search->candidates->pdata[index];
  GError *failure = NULL;
  if (!is_to_read (search, candidate)
      || (search->options->format == VARVE_FORMAT_PLAIN ? read_plain (search, candidate, cancellable, &failure)
                                                        : read_ostree (search, candidate, cancellable, &failure)))
    return TRUE;
  return pass_failure (search, candidate, failure, cancellable, error);
}

static gboolean
read_unknown (Search *search, GCancellable *cancellable, GError **error)
{
  guint64 bytes = 0;
  guint n = 0;
  for (guint i = 0; i < search->candidates->len; i++)
    if (is_to_read (search, search->candidates->pdata[i]))
      {
        bytes += descriptor_of (search->candidates->pdata[i])->size_bytes;
        n++;
      }
  if (n == 0)
    return TRUE;
  varve_observer_begin (search->options->observer, "reading former layers", bytes);
  varve_plain_tree_init (&search->tree, search->options->inventory);
  gboolean read
      = varve_parallel_for (search->options->jobs, search->candidates->len, read_layer, search, cancellable, error);
  varve_plain_tree_clear (&search->tree);
  if (read && search->n_missing > 0)
    varve_observer_warn (search->options->observer,
                         "%d former layer%s of which something changed %s not there: packing what is in %s anew",
                         search->n_missing, search->n_missing == 1 ? "" : "s", search->n_missing == 1 ? "is" : "are",
                         search->n_missing == 1 ? "it" : "them");
  return read;
}

static char *
key_of_folders (const VarveInventory *inventory)
{
  VarveDigest key = varve_content_key_first (VARVE_FORMAT_PLAIN, inventory, NULL);
  return varve_digest_to_string (&key);
}

GPtrArray *
varve_candidates_find (const VarveCandidatesOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) candidates = g_ptr_array_new_with_free_func (candidate_free);
  g_autoptr (GHashTable) by_diff_id = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal);
  g_autofree char *folders_key = options->format == VARVE_FORMAT_PLAIN ? key_of_folders (options->inventory) : NULL;
  Search search
      = { .options = options, .candidates = candidates, .by_diff_id = by_diff_id, .folders_key = folders_key };
  if (options->base != NULL)
    add_image (&search, options->base, TRUE, FALSE);
  if (options->previous != NULL)
    add_image (&search, options->previous, FALSE, FALSE);
  for (guint i = 0; i < options->shares->len; i++)
    add_image (&search, options->shares->pdata[i], FALSE, TRUE);
  return read_unknown (&search, cancellable, error) ? g_steal_pointer (&candidates) : NULL;
}
