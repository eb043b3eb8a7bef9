/* SPDX-License-Identifier: Apache-2.0 */
/* Kept layers are never opened for a better layout, and no bins are kept in reserve. Both were tried on two Fedora
 * CoreOS histories, and neither saved anything: 1.0524 and 1.0275 times the bound without them; 1.0524 to 1.0559 and
 * 1.0268 to 1.0278 with opened layers, 1.0539 to 1.0578 and 1.0326 to 1.0456 with reserves. */
#include "chunker/keep.h"

#include "chunker/fixed.h"

/* Below this share of kept bytes (one in KEPT_SHARE_MIN) everything is packed anew: a host downloads nearly all of it
 * anyway. With half instead of a fifth the biweekly one of those histories costs 1.11 instead of 1.05 times the bound.
 */
enum { KEPT_SHARE_MIN = 5 };

/* A layer of which more is stale is opened. Excess over the bound at 64 layers, 1 % of an image stale, on the biweekly
 * and the daily Fedora CoreOS history, for 30, 40, 50, 80 %: 0.0156 and 0.0098, 0.0152 and 0.0106, 0.0146 and 0.0107,
 * 0.0150 and 0.0122. With 0.3, 0.5, 1, 2 % of an image at 40 %: 0.0370 and 0.0200, 0.0267 and 0.0159, 0.0152 and
 * 0.0106, 0.0083 and 0.0073; nothing stale: 0.0385 and 0.0219. */
enum { LAYER_STALE_PERCENT = 40 };

static gboolean
may_keep (const VarveKeepCandidate *candidate, guint32 stale_permille)
{
  if (!candidate->is_usable || candidate->is_pinned || !candidate->has_stale)
    return candidate->is_usable;
  unsigned __int128 whole = (unsigned __int128)candidate->live_bytes + candidate->stale_bytes;
  return stale_permille > 0 && (unsigned __int128)candidate->stale_bytes * 100 <= whole * LAYER_STALE_PERCENT;
}

/* The one whose opening frees the most stale bytes for what has to be downloaded; @n without any. */
static guint32
stalest (const VarveKeepCandidate *candidates, guint32 n, const guint8 *is_kept)
{
  guint32 found = n;
  for (guint32 i = 0; i < n; i++)
    {
      const VarveKeepCandidate *candidate = &candidates[i];
      if (!is_kept[i] || candidate->is_pinned || candidate->stale_bytes == 0)
        continue;
      if (found < n
          && (unsigned __int128)candidate->live_bytes * candidates[found].stale_bytes
                 >= (unsigned __int128)candidates[found].live_bytes * candidate->stale_bytes)
        continue;
      found = i;
    }
  return found;
}

/* What was opened last freed enough, perhaps with more than had to be: the layers that are the dearest to download
 * again are kept after all where the bound allows it. */
static void
keep_again (const VarveKeepCandidate *candidates, const GArray *opened, unsigned __int128 stale, unsigned __int128 most,
            guint8 *is_kept)
{
  for (;;)
    {
      const VarveKeepCandidate *best = NULL;
      for (guint i = 0; i < opened->len; i++)
        {
          const VarveKeepCandidate *candidate = &candidates[g_array_index (opened, guint32, i)];
          gboolean fits = (stale + candidate->stale_bytes) * 1000 <= most;
          if (!is_kept[candidate - candidates] && fits && (best == NULL || candidate->live_bytes > best->live_bytes))
            best = candidate;
        }
      if (best == NULL)
        return;
      is_kept[best - candidates] = 1;
      stale += best->stale_bytes;
    }
}

void
varve_keep_choose (const VarveKeepCandidate *candidates, guint32 n, guint64 tree_bytes, guint32 stale_permille,
                   guint8 *out_is_kept)
{
  unsigned __int128 stale = 0, most = (unsigned __int128)tree_bytes * stale_permille;
  guint32 found;
  g_autoptr (GArray) opened = g_array_new (FALSE, FALSE, sizeof found);
  for (guint32 i = 0; i < n; i++)
    {
      out_is_kept[i] = may_keep (&candidates[i], stale_permille);
      stale += out_is_kept[i] && !candidates[i].is_pinned ? candidates[i].stale_bytes : 0;
    }
  while (stale * 1000 > most && (found = stalest (candidates, n, out_is_kept)) < n)
    {
      out_is_kept[found] = 0;
      stale -= candidates[found].stale_bytes;
      g_array_append_val (opened, found);
    }
  keep_again (candidates, opened, stale, most, out_is_kept);
}

gboolean
varve_keep_is_rebase (const VarvePlan *plan)
{
  guint64 kept = 0, all = 0;
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      if (varve_plan_layer (plan, i)->is_pinned)
        return FALSE;
      kept = varve_saturating_add (kept, varve_plan_layer (plan, i)->size_bytes);
    }
  for (guint32 i = 0; i < plan->atoms->len; i++)
    all = varve_saturating_add (all, varve_plan_atom (plan, i)->size_bytes);
  return kept < all / KEPT_SHARE_MIN;
}

/* What opening a layer now costs: its bytes that do not change at the next step anyway. Where nothing may be stale, all
 * of a layer is downloaded again as soon as anything in it changes. */
static unsigned __int128
loss_of (const VarvePlan *plan, const VarvePlanLayer *layer, gboolean may_keep_stale)
{
  unsigned __int128 loss = 0;
  if (!may_keep_stale)
    return (unsigned __int128)layer->size_bytes * (VARVE_PROBABILITY_ONE - layer->probability);
  for (guint32 i = 0; i < layer->n_atoms; i++)
    loss += (unsigned __int128)varve_plan_layer_share (plan, layer, i)
            * (VARVE_PROBABILITY_ONE - varve_plan_atom (plan, layer->atoms[i])->probability);
  return loss;
}

guint32
varve_keep_cheapest (const VarvePlan *plan, gboolean may_keep_stale)
{
  unsigned __int128 least = 0;
  guint32 found = VARVE_NO_LAYER;
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (plan, i);
      unsigned __int128 loss = loss_of (plan, layer, may_keep_stale);
      if (layer->is_pinned || (found != VARVE_NO_LAYER && loss >= least))
        continue;
      least = loss;
      found = i;
    }
  return found;
}
