/* SPDX-License-Identifier: Apache-2.0 */
/* A weighted frequency with a prior: (weight of the steps with a change + k * prior) / (weight of all steps + k). */
#include "chunker/recency.h"

#include "chunker/fixed.h"
#include "model/plan.h"

/* 0.985 of 65536: a step 46 builds ago weighs half. For decays from 0.95 to 1 the download of two Fedora CoreOS
 * histories varies by 0.002. */
enum { DECAY = 64553, DECAY_BITS = 16 };

/* A quarter and one whole change are a little worse than a half, in two Fedora CoreOS histories and eight derived from
 * them. */
enum { PRIORS_PER_CHANGE = 2, PRIOR_STEPS_MIN = 2 };

guint32
varve_recency_prior_steps (guint32 mean)
{
  return CLAMP (VARVE_PROBABILITY_ONE / PRIORS_PER_CHANGE / MAX (mean, 1), PRIOR_STEPS_MIN, VARVE_EVENTS_MAX);
}

void
varve_recency_init (VarveRecency *recency, guint32 n_steps, guint32 prior_steps)
{
  *recency = (VarveRecency){ .n_steps = MIN (n_steps, VARVE_EVENTS_MAX), .prior_steps = MAX (prior_steps, 1) };
  guint64 weight = VARVE_RECENCY_ONE;
  for (guint step = 0; step < recency->n_steps; step++)
    {
      for (guint byte = 0; byte < 256; byte++)
        if ((byte >> (step % 8) & 1) != 0)
          recency->sums[step / 8][byte] += (guint32)weight;
      recency->total += weight;
      weight = weight * DECAY >> DECAY_BITS;
    }
  guint64 all = recency->total + recency->prior_steps * (guint64)VARVE_RECENCY_ONE;
  recency->scale = (guint64)(((unsigned __int128)VARVE_FIXED_ONE << 32) / all);
}

guint32
varve_recency_probability (const VarveRecency *recency, VarveEvents changed, guint32 n_steps, VarvePrior prior)
{
  VarveEvents all = { { G_MAXUINT64, G_MAXUINT64 } };
  guint64 seen = varve_recency_weight (recency, varve_events_newest (all, MIN (n_steps, recency->n_steps)));
  guint64 changes = varve_recency_weight (recency, varve_events_newest (changed, n_steps));
  guint64 k = MAX (prior.steps, 1) * (guint64)VARVE_RECENCY_ONE;
  return (guint32)((changes * VARVE_PROBABILITY_ONE + k * prior.probability) / (seen + k));
}
