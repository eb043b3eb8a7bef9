/* SPDX-License-Identifier: Apache-2.0 */
/* The prior probabilities come from dates in changelogs. How those compare with releases depends on the distribution:
 * some list every commit, some skip releases, and the interval of builds is a guess at first. So the priors of each
 * kind of component are scaled to the changes seen in all components of the kind; their proportions stay. */
#include "chunker/forecast.h"

#include "chunker/recency.h"

/* Scaling gives at most this; a larger prior stays. */
static const guint32 SCALED_MAX = VARVE_PROBABILITY_ONE / 10 * 9;

enum { N_KINDS = VARVE_COMPONENT_UNOWNED + 1 };

/* Changes of all components of a kind, in units of VARVE_RECENCY_ONE; older ones weigh less. */
typedef struct {
  guint64 seen, expected;
} Changes;

static void
changes_count (Changes *changes, const VarveAtom *atom, const VarveRecency *recency)
{
  VarveEvents all = { { G_MAXUINT64, G_MAXUINT64 } };
  guint64 steps = varve_recency_weight (recency, varve_events_newest (all, MIN (atom->n_steps, recency->n_steps)));
  changes->seen += varve_recency_weight (recency, varve_events_newest (atom->changed, atom->n_steps));
  changes->expected += steps * atom->probability / VARVE_PROBABILITY_ONE;
}

/* One change is added on both sides, so that a short history scales little. */
static guint32
changes_scale (guint32 probability, const Changes *changes)
{
  unsigned __int128 scaled
      = (unsigned __int128)probability * (changes->seen + VARVE_RECENCY_ONE) / (changes->expected + VARVE_RECENCY_ONE);
  return (guint32)MIN (scaled, MAX (probability, SCALED_MAX));
}

typedef struct {
  guint64 sum, n;
} Mean;

static void
mean_add (Mean *mean, guint32 probability)
{
  mean->sum += probability;
  mean->n++;
}

static guint32
mean_steps (const Mean *mean)
{
  return varve_recency_prior_steps (mean->n > 0 ? (guint32)(mean->sum / mean->n) : 0);
}

static void
recall_changes (VarvePlan *plan, const VarveLedger *ledger)
{
  VarveEvents rebases = varve_ledger_rebases (ledger);
  plan->n_steps = varve_ledger_n_steps (ledger) - varve_events_count (rebases);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      VarveAtom *atom = varve_plan_atom (plan, i);
      const VarveLedgerEntry *entry = varve_ledger_find (ledger, atom->component, atom->subtree);
      if (entry == NULL)
        continue;
      atom->changed = varve_ledger_entry_without (entry, rebases, &atom->n_steps);
      atom->size_bytes = entry->size_bytes;
    }
}

/* A prior weighs as much as priors of its kind do on average: an atom that changes at most steps shows it soon. */
void
varve_forecast (VarvePlan *plan, const VarveLedger *ledger)
{
  VarveRecency recency;
  Changes changes[N_KINDS] = { 0 };
  Mean of_kind[N_KINDS] = { 0 }, of_all = { 0 };
  recall_changes (plan, ledger);
  varve_recency_init (&recency, plan->n_steps, 1);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    changes_count (&changes[varve_plan_atom (plan, i)->kind], varve_plan_atom (plan, i), &recency);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      VarveAtom *atom = varve_plan_atom (plan, i);
      atom->probability = changes_scale (atom->probability, &changes[atom->kind]);
      mean_add (&of_kind[atom->kind], atom->probability);
      mean_add (&of_all, atom->probability);
    }
  plan->prior_steps = mean_steps (&of_all);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      VarveAtom *atom = varve_plan_atom (plan, i);
      VarvePrior prior = { atom->probability, mean_steps (&of_kind[atom->kind]) };
      atom->probability = varve_recency_probability (&recency, atom->changed, atom->n_steps, prior);
    }
}
