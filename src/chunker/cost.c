/* SPDX-License-Identifier: Apache-2.0 */
/* The chance that a layer changes: from changes that its atoms had together, and from their independent risks. */
#include "chunker/cost.h"

#include "chunker/fixed.h"

/* Half from changes seen together, half from independent risks. Excess over the bound at 64 layers, the mean of
 * two Fedora CoreOS histories and eight derived from them, for 100, 70, 60, 50, 40 and 30 % together: 0.0366, 0.0350,
 * 0.0348, 0.0349, 0.0347, 0.0348. */
enum { PARTS = 2, PARTS_TOGETHER = 1 };

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
  return (guint64)(changed / (VARVE_FIXED_ONE / VARVE_COST_BYTE)) + model->always_bytes * VARVE_COST_BYTE;
}
