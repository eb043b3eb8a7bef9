/* SPDX-License-Identifier: Apache-2.0 */
/* Lists are read from the new image backwards, the cheapest image first, and only while a way through it may still be
 * the cheapest. Then the cheapest way is opened; what its deltas really cost may make another one the cheapest. */
#include "host/delta-search.h"

#include "base/error.h"
#include "delta/rebuild.h"
#include "host/delta-path.h"
#include "model/image-keys.h"

/* What one search reads at most. A publisher offers deltas from a few releases; a list or a delta takes a run of
 * skopeo. */
enum { MAX_EDGES = 256, MAX_LISTS = 12, MAX_OPENED = 8 };

typedef struct {
  const VarveDeltaSearch *search;
  const VarveDeltaOffers *offers;
  GArray *edges;     /* VarveDeltaEdge */
  GPtrArray *listed; /* VarveDeltaReferrer of each edge */
  GPtrArray *opened; /* VarveDelta of each edge, or NULL */
  GHashTable *read;  /* set of VarveDigest: images whose lists were read */
  guint n_opened, n_offered;
  gboolean is_full;
  guint64 full_bytes;
} Search;

static void
free_opened (gpointer delta)
{
  if (delta != NULL)
    varve_delta_free (delta);
}

void
varve_delta_choice_clear (VarveDeltaChoice *choice)
{
  g_clear_pointer (&choice->deltas, g_ptr_array_unref);
}

static VarveDeltaEdge *
search_edge (const Search *self, guint index)
{
  return &g_array_index (self->edges, VarveDeltaEdge, index);
}

static const VarveDigest *
search_target (const Search *self)
{
  return &self->search->image->descriptor->digest;
}

static guint64
missing_bytes (const VarveDeltaSearch *search)
{
  guint64 bytes = 0;
  for (guint i = 0; i < search->image->manifest->layers->len; i++)
    if (search->missing[i])
      bytes += varve_manifest_layer (search->image->manifest, i)->size_bytes;
  return bytes;
}

/* A delta in the middle of a chain starts from a commit that the one before made; without a manifest's digest, no other
 * delta leads to its source. */
static gboolean
may_continue (const VarveDeltaReferrer *offer)
{
  return offer->has_source && varve_descriptor_annotation (offer->descriptor, VARVE_DELTA_SOURCE_COMMIT) != NULL;
}

static void
search_add (Search *self, const VarveDigest *target, VarveDeltaReferrer *offer)
{
  VarveDeltaEdge edge = {
    .source = offer->has_source ? offer->source : offer->source_config,
    .target = *target,
    .is_from_host = self->search->has_source (self->search->data, offer),
    .bytes = offer->knows_costs ? offer->download_bytes : offer->descriptor->size_bytes,
  };
  if (!edge.is_from_host && !may_continue (offer))
    {
      varve_delta_referrer_free (offer);
      return;
    }
  g_array_append_val (self->edges, edge);
  g_ptr_array_add (self->listed, offer);
  g_ptr_array_add (self->opened, NULL);
}

static void
search_warn_full (Search *self, const VarveDigest *target)
{
  g_autofree char *text = varve_digest_to_string (target);
  if (!self->is_full)
    varve_observer_warn (self->search->observer,
                         "more than %d deltas are offered: some of those to %s are not looked at", MAX_EDGES, text);
  self->is_full = TRUE;
}

/* FALSE only when cancelled. */
static gboolean
search_read_list (Search *self, const VarveDigest *target, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_hash_table_add (self->read, g_memdup2 (target, sizeof *target));
  g_autoptr (GPtrArray) list = self->offers->list (self->offers->data, target, &failure);
  if (g_cancellable_set_error_if_cancelled (self->search->cancellable, error))
    return FALSE;
  if (list == NULL)
    {
      varve_observer_warn (self->search->observer, "looking for deltas: %s", failure->message);
      return TRUE;
    }
  g_ptr_array_set_free_func (list, NULL);
  self->n_offered += list->len;
  for (guint i = 0; i < list->len; i++)
    {
      if (self->edges->len < MAX_EDGES)
        {
          search_add (self, target, list->pdata[i]);
          continue;
        }
      search_warn_full (self, target);
      varve_delta_referrer_free (list->pdata[i]);
    }
  return TRUE;
}

/* What the cheapest way that is known costs, or the layers. */
static guint64
search_best_bytes (const Search *self)
{
  const VarveDeltaEdge *edges = (const VarveDeltaEdge *)self->edges->data;
  g_autoptr (GArray) path = varve_delta_path_find (edges, self->edges->len, search_target (self), self->full_bytes);
  guint64 bytes = path != NULL ? 0 : self->full_bytes;
  for (guint i = 0; path != NULL && i < path->len; i++)
    bytes += edges[g_array_index (path, guint, i)].bytes;
  return bytes;
}

/* The image from which on a way is the cheapest, and cheaper than all known: its list is the next to read. */
static gboolean
search_find_next (const Search *self, VarveDigest *out_image)
{
  const VarveDeltaEdge *edges = (const VarveDeltaEdge *)self->edges->data;
  guint64 best = search_best_bytes (self);
  gboolean found = FALSE;
  for (guint i = 0; i < self->edges->len; i++)
    {
      if (g_hash_table_contains (self->read, &edges[i].source))
        continue;
      guint64 bytes = varve_delta_path_bytes (edges, self->edges->len, &edges[i].source, search_target (self),
                                              self->search->max_steps - 1);
      if (bytes >= best)
        continue;
      best = bytes;
      *out_image = edges[i].source;
      found = TRUE;
    }
  return found;
}

static gboolean
search_read_lists (Search *self, GError **error)
{
  VarveDigest next;
  if (!search_read_list (self, search_target (self), error))
    return FALSE;
  while (self->search->max_steps > 1 && g_hash_table_size (self->read) < MAX_LISTS && search_find_next (self, &next))
    if (!search_read_list (self, &next, error))
      return FALSE;
  return TRUE;
}

/* What the entry that is used for a layer downloads; FALSE without one. */
static gboolean
entry_bytes (const Search *self, const VarveDelta *delta, guint layer, guint64 *out_bytes)
{
  const VarveDeltaEntry *entry = varve_rebuild_choose (delta, layer, &self->search->limits);
  if (entry == NULL)
    return FALSE;
  *out_bytes = entry->descriptor->size_bytes;
  return TRUE;
}

/* A layer that only the last delta lacks is fetched; one in the middle may not be in the registry any more. */
static guint64
delta_bytes (const Search *self, const VarveDelta *delta, const VarveDeltaEdge *edge)
{
  gboolean is_last = varve_digest_compare (&edge->target, search_target (self)) == 0;
  guint64 total
      = delta->descriptor->size_bytes + delta->target_descriptor->size_bytes + delta->target->config->size_bytes;
  for (guint i = 0; i < delta->target->layers->len; i++)
    {
      guint64 bytes = 0;
      gboolean is_reused = g_hash_table_contains (delta->reused, varve_config_diff_id (delta->config, i));
      if (is_last && !self->search->missing[i])
        continue;
      if (!entry_bytes (self, delta, i, &bytes) && !(is_reused && !edge->is_from_host))
        {
          if (!is_last && !is_reused)
            return VARVE_DELTA_PATH_CLOSED;
          bytes = is_last ? varve_manifest_layer (delta->target, i)->size_bytes : 0;
        }
      total += bytes;
    }
  return total;
}

/* Opens the delta of an edge, which gets its real costs; it is closed if it cannot be used. */
static gboolean
search_open (Search *self, guint index, GError **error)
{
  VarveDeltaEdge *edge = search_edge (self, index);
  const VarveDescriptor *descriptor = ((VarveDeltaReferrer *)self->listed->pdata[index])->descriptor;
  g_autoptr (GError) failure = NULL;
  g_autoptr (VarveDelta) delta = self->offers->open (self->offers->data, descriptor, &failure);
  if (g_cancellable_set_error_if_cancelled (self->search->cancellable, error))
    return FALSE;
  self->n_opened++;
  edge->bytes = VARVE_DELTA_PATH_CLOSED;
  g_autofree char *text = varve_digest_to_string (&descriptor->digest);
  if (delta == NULL)
    varve_observer_warn (self->search->observer, "delta %s cannot be used: %s", text, failure->message);
  else if (varve_digest_compare (&delta->target_descriptor->digest, &edge->target) != 0)
    varve_observer_warn (self->search->observer, "delta %s cannot be used: it is listed for another image", text);
  else
    {
      edge->bytes = delta_bytes (self, delta, edge);
      self->opened->pdata[index] = g_steal_pointer (&delta);
    }
  return TRUE;
}

static void
search_close_unopened (Search *self)
{
  varve_observer_warn (self->search->observer, "%d deltas were looked at: the others are not", MAX_OPENED);
  for (guint i = 0; i < self->edges->len; i++)
    if (self->opened->pdata[i] == NULL)
      search_edge (self, i)->bytes = VARVE_DELTA_PATH_CLOSED;
}

/* Opens the cheapest way until one stays the cheapest. NULL in *@out_path: there is none. */
static gboolean
search_find_path (Search *self, GArray **out_path, GError **error)
{
  for (;;)
    {
      g_autoptr (GArray) path = varve_delta_path_find ((const VarveDeltaEdge *)self->edges->data, self->edges->len,
                                                       search_target (self), self->full_bytes);
      guint unopened = 0;
      while (path != NULL && unopened < path->len && self->opened->pdata[g_array_index (path, guint, unopened)] != NULL)
        unopened++;
      if (path == NULL || unopened == path->len)
        {
          *out_path = g_steal_pointer (&path);
          return TRUE;
        }
      if (self->n_opened == MAX_OPENED)
        search_close_unopened (self);
      else if (!search_open (self, g_array_index (path, guint, unopened), error))
        return FALSE;
    }
}

static void
search_take_path (Search *self, GArray *path, VarveDeltaChoice *choice)
{
  choice->bytes = path != NULL ? 0 : self->full_bytes;
  for (guint i = 0; path != NULL && i < path->len; i++)
    {
      guint index = g_array_index (path, guint, i);
      choice->bytes += search_edge (self, index)->bytes;
      g_ptr_array_add (choice->deltas, g_steal_pointer (&self->opened->pdata[index]));
    }
}

/* Where deltas were offered. */
static void
search_warn_none (const Search *self)
{
  gboolean is_for_host = FALSE;
  for (guint i = 0; i < self->edges->len; i++)
    is_for_host |= search_edge (self, i)->is_from_host;
  if (self->n_offered > 0)
    varve_observer_warn (self->search->observer,
                         is_for_host ? "no delta from an image of this host is smaller than the missing layers and "
                                       "within the limits: fetching the layers"
                                     : "no delta starts from an image that this host has: fetching the layers");
}

static gboolean
search_run (Search *self, VarveDeltaChoice *choice, GError **error)
{
  g_autoptr (GArray) path = NULL;
  if (self->full_bytes == 0)
    return TRUE;
  if (!search_read_lists (self, error) || !search_find_path (self, &path, error))
    return FALSE;
  search_take_path (self, path, choice);
  if (path == NULL)
    search_warn_none (self);
  return TRUE;
}

gboolean
varve_delta_search (const VarveDeltaSearch *search, const VarveDeltaOffers *offers, VarveDeltaChoice *out_choice,
                    GError **error)
{
  g_return_val_if_fail (search->max_steps >= 1 && search->max_steps <= VARVE_DELTA_PATH_MAX_STEPS, FALSE);
  g_auto (VarveDeltaChoice) choice = { .deltas = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_delta_free) };
  g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, sizeof (VarveDeltaEdge));
  g_autoptr (GPtrArray) listed = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_delta_referrer_free),
                        opened = g_ptr_array_new_with_free_func (free_opened);
  g_autoptr (GHashTable) read = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
  Search self = {
    .search = search,
    .offers = offers,
    .edges = edges,
    .listed = listed,
    .opened = opened,
    .read = read,
    .full_bytes = missing_bytes (search),
  };
  choice.full_bytes = choice.bytes = self.full_bytes;
  if (!search_run (&self, &choice, error))
    return FALSE;
  *out_choice = choice;
  choice.deltas = NULL;
  return TRUE;
}
