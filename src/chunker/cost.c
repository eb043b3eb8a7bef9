#include "chunker/cost.h"

#include "chunker/fixed.h"

guint64
varve_cost (const VarveCostModel *model, guint64 risk, guint64 size_bytes)
{
  unsigned __int128 changed = (unsigned __int128)varve_fixed_chance (risk) * (size_bytes + model->changed_bytes);
  return (guint64)(changed / (VARVE_FIXED_ONE / VARVE_COST_BYTE)) + model->always_bytes * VARVE_COST_BYTE;
}
