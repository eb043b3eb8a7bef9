/* What was believed before comes from dates in changelogs. How those compare with releases depends on the distribution: some list every
 * commit, some skip releases, and how often builds come is a guess at first. So the beliefs of each kind of component are scaled to what
 * was seen of all of them; their proportions stay. */
#include "chunker/forecast.h"

#include "chunker/recency.h"

/* What was believed tells of a year or more, and what is remembered perhaps of a month: so days are weighed against days, as far as the
 * ledger's length allows. Excess over the bound at 64 layers, the mean of two Fedora CoreOS histories and eight made of them: 0.0352, with
 * a weight of two steps throughout and nothing scaled 0.0360; 30 to 240 days make no difference beyond 0.001. */
enum { PRIOR_DAYS = 60, PRIOR_STEPS_MIN = 2, PRIOR_STEPS_MAX = 60, PERIOD_DAYS_UNKNOWN = 7 };

/* Scaling ends here; what was believed to be likelier stays. */
static const guint32 SCALED_MAX = VARVE_PROBABILITY_ONE / 10 * 9;

enum { N_KINDS = VARVE_COMPONENT_UNOWNED + 1 };

/* Changes of all components of a kind, in units of VARVE_RECENCY_ONE, older ones weighing less. */
typedef struct {
  guint64 seen, expected;
} Changes;

guint32
varve_forecast_prior_steps (const VarveLedger *ledger)
{
  guint32 period_days = varve_ledger_period_days (ledger);
  return CLAMP (PRIOR_DAYS / (period_days > 0 ? period_days : PERIOD_DAYS_UNKNOWN), PRIOR_STEPS_MIN, PRIOR_STEPS_MAX);
}

static void
count (Changes *changes, const VarveAtom *atom, const VarveRecency *recency)
{
  VarveEvents all = { { G_MAXUINT64, G_MAXUINT64 } };
  guint64 steps = varve_recency_weight (recency, varve_events_newest (all, MIN (atom->n_steps, recency->n_steps)));
  changes->seen += varve_recency_weight (recency, varve_events_newest (atom->changed, atom->n_steps));
  changes->expected += steps * atom->probability / VARVE_PROBABILITY_ONE;
}

/* One change more on each side, so that a short history scales little. */
static guint32
scale (guint32 probability, const Changes *changes)
{
  unsigned __int128 scaled = (unsigned __int128)probability * (changes->seen + VARVE_RECENCY_ONE) / (changes->expected + VARVE_RECENCY_ONE);
  return (guint32)MIN (scaled, MAX (probability, SCALED_MAX));
}

void
varve_forecast (VarvePlan *plan, const VarveLedger *ledger)
{
  VarveRecency recency;
  VarveEvents rebases = varve_ledger_rebases (ledger);
  Changes changes[N_KINDS] = { 0 };
  plan->n_steps = varve_ledger_n_steps (ledger) - varve_events_count (rebases);
  plan->prior_steps = varve_forecast_prior_steps (ledger);
  varve_recency_init (&recency, plan->n_steps, plan->prior_steps);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      VarveAtom *atom = varve_plan_atom (plan, i);
      const VarveLedgerEntry *entry = varve_ledger_find (ledger, atom->component, atom->subtree);
      if (entry == NULL)
        continue;
      atom->changed = varve_ledger_entry_without (entry, rebases, &atom->n_steps);
      atom->size_bytes = entry->size_bytes;
      count (&changes[atom->kind], atom, &recency);
    }
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      VarveAtom *atom = varve_plan_atom (plan, i);
      guint32 prior = scale (atom->probability, &changes[atom->kind]);
      atom->probability = varve_recency_probability (&recency, atom->changed, atom->n_steps, prior);
    }
}
