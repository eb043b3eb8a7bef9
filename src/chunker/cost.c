#include "chunker/cost.h"

#include "chunker/fixed.h"

/* Half by what changed together, half by what each does for itself. Excess over the bound at 64 layers, the mean of two
 * Fedora CoreOS histories and eight made of them, for 100, 70, 60, 50, 40 and 30 % together: 0.0366, 0.0350, 0.0348,
 * 0.0349, 0.0347, 0.0348. */
enum { PARTS = 2, PARTS_TOGETHER = 1 };

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
  unsigned __int128 changed
      = (unsigned __int128)varve_cost_chance (model, load) * (load->size_bytes + model->changed_bytes);
  return (guint64)(changed / (VARVE_FIXED_ONE / VARVE_COST_BYTE)) + model->always_bytes * VARVE_COST_BYTE;
}
