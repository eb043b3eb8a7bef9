#include "chunker/cost.h"

#include "chunker/fixed.h"

/* Of five parts, so many go by what changed together. Downloads of two Fedora CoreOS histories at 64 layers, times the bound, for
 * 0, 2.5, 4 and 5 parts: 1.0625, 1.0536, 1.0531, 1.0551 and 1.0284, 1.0273, 1.0263, 1.0275. */
enum { PARTS = 5, PARTS_TOGETHER = 4 };

static guint64
together (const VarveRecency *recency, const VarveLoad *load)
{
  guint64 stays = VARVE_FIXED_ONE - varve_recency_share (recency, load->changed);
  guint64 unseen_stays = VARVE_FIXED_ONE - varve_fixed_chance (load->unseen_risk);
  return VARVE_FIXED_ONE - (guint64)(((unsigned __int128)stays * unseen_stays) >> 32);
}

guint64
varve_cost_chance (const VarveCostModel *model, const VarveLoad *load)
{
  guint64 apart = varve_fixed_chance (load->risk);
  if (model->recency == NULL || model->recency->n_steps == 0)
    return apart;
  return (PARTS_TOGETHER * together (model->recency, load) + (PARTS - PARTS_TOGETHER) * apart) / PARTS;
}

guint64
varve_cost (const VarveCostModel *model, const VarveLoad *load)
{
  unsigned __int128 changed = (unsigned __int128)varve_cost_chance (model, load) * (load->size_bytes + model->changed_bytes);
  return (guint64)(changed / (VARVE_FIXED_ONE / VARVE_COST_BYTE)) + model->always_bytes * VARVE_COST_BYTE;
}
