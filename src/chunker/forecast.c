#include "chunker/forecast.h"

#include "chunker/recency.h"

void
varve_forecast (VarvePlan *plan, const VarveLedger *ledger)
{
  VarveRecency recency;
  VarveEvents rebases = varve_ledger_rebases (ledger);
  plan->n_steps = varve_ledger_n_steps (ledger) - varve_events_count (rebases);
  varve_recency_init (&recency, plan->n_steps);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      VarveAtom *atom = varve_plan_atom (plan, i);
      const VarveLedgerEntry *entry = varve_ledger_find (ledger, atom->component, atom->subtree);
      if (entry == NULL)
        continue;
      atom->changed = varve_events_drop (entry->changed, rebases);
      atom->n_steps = entry->n_steps - varve_events_count (varve_events_newest (rebases, entry->n_steps));
      atom->size_bytes = entry->size_bytes;
      atom->probability = varve_recency_probability (&recency, atom->changed, atom->n_steps, atom->probability);
    }
}
