/* SPDX-License-Identifier: Apache-2.0 */
/* The chance that a layer changes: from changes that its atoms had together, and from their independent risks. */
#include "chunker/cost.h"

#include "chunker/fixed.h"

/* Half from changes seen together, half from independent risks. Excess over the bound at 64 layers, the mean of
 * two Fedora CoreOS histories and eight derived from them, for 100, 70, 60, 50, 40 and 30 % together: 0.0366, 0.0350,
 * 0.0348, 0.0349, 0.0347, 0.0348. */
enum { PARTS = 2, PARTS_TOGETHER = 1 };

/* Where stale layers may be kept, a layer is opened when a share t of it is stale. With c bytes of it changing at each
 * update, that is every t * size / c updates, and costs its size: c / t in the mean of all updates. Excess over the
 * bound at 64 layers, 1 % of an image stale, on the biweekly and the daily Fedora CoreOS history, for 1 / t = 2, 2.5,
 * 3, 4, 6: 0.0165 and 0.0114, 0.0171 and 0.0124, 0.0152 and 0.0106, 0.0150 and 0.0115, 0.0178 and 0.0120; without this
 * term 0.0230 and 0.0160. */
enum { STALE_FACTOR = 3 };

static guint64
joint_chance (const VarveRecency *recency, const VarveLoad *load)
{
  guint64 stays = VARVE_FIXED_ONE - varve_recency_share (recency, load->changed);
  guint64 unseen_stays = VARVE_FIXED_ONE - varve_fixed_chance (load->unseen_risk);
  return VARVE_FIXED_ONE - (guint64)(((unsigned __int128)stays * unseen_stays) >> 32);
}

guint64
varve_cost_chance (const VarveCostModel *model, const VarveLoad *load)
{
  guint64 independent = varve_fixed_chance (load->risk);
  if (model->recency == NULL || model->recency->n_steps == 0)
    return independent;
  return (PARTS_TOGETHER * joint_chance (model->recency, load) + (PARTS - PARTS_TOGETHER) * independent) / PARTS;
}

guint64
varve_cost (const VarveCostModel *model, const VarveLoad *load)
{
  unsigned __int128 changed
      = (unsigned __int128)varve_cost_chance (model, load) * (load->size_bytes + model->changed_bytes);
  changed /= VARVE_FIXED_ONE / VARVE_COST_BYTE;
  if (model->may_keep_stale)
    changed = MIN (changed, (unsigned __int128)STALE_FACTOR * load->expected);
  return (guint64)changed + model->always_bytes * VARVE_COST_BYTE;
}
