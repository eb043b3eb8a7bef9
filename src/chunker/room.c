/* SPDX-License-Identifier: Apache-2.0 */
#include "chunker/room.h"

#include "chunker/fixed.h"

/* Excess over the bound at 64 layers, 1 % of an image stale, on the biweekly and the daily Fedora CoreOS history: with
 * one free layer 0.0152 and 0.0106, with up to four 0.0152 and 0.0098, up to six 0.0152 and 0.0093, up to seven 0.0151
 * and 0.0093. At 32 layers 0.0956 and 0.0682 with one, 0.0956 and 0.0637 with up to six. A Debian server whose first
 * image came from another tool, with all layers in use: its second update is 1.48 times what changed with one, 0.998
 * with up to six. */
enum { FREE_MAX = 6 };

/* What is downloaded now and what the next update is expected to cost. With two or four later updates, hosts download
 * up to half of a small image for them at once; excess at 64 layers 0.0151 and 0.0092, 0.0151 and 0.0089. */
static guint64
cost_of (const VarvePlan *plan, const VarvePackOptions *options)
{
  guint64 cost = varve_pack_cost_bytes (plan, options);
  for (guint32 i = 0; i < plan->layers->len; i++)
    if (varve_plan_layer (plan, i)->previous == VARVE_NO_LAYER)
      cost = varve_saturating_add (cost, varve_plan_layer (plan, i)->size_bytes);
  return cost;
}

/* Whether any layer is kept, any is new, and no more would fit, or one of whiteouts. */
static gboolean
is_narrow (const VarvePlan *plan, const VarvePackOptions *options)
{
  guint32 n_kept = 0;
  for (guint32 i = 0; i < plan->layers->len; i++)
    n_kept += varve_plan_layer (plan, i)->previous != VARVE_NO_LAYER;
  return n_kept > 0 && n_kept < plan->layers->len && plan->layers->len + 1 >= options->max_layers;
}

void
varve_room_make (VarvePlan *plan, const VarvePackOptions *options, VarveRoomFill fill, gpointer data)
{
  guint32 best = 1;
  fill (plan, best, data);
  if (!options->may_keep_stale || !is_narrow (plan, options))
    return;
  guint64 least = cost_of (plan, options);
  for (guint32 n_free = 2; n_free <= FREE_MAX; n_free++)
    {
      varve_plan_clear_layers (plan);
      fill (plan, n_free, data);
      guint64 cost = cost_of (plan, options);
      if (cost >= least)
        continue;
      least = cost;
      best = n_free;
    }
  if (best == FREE_MAX)
    return;
  varve_plan_clear_layers (plan);
  fill (plan, best, data);
}
