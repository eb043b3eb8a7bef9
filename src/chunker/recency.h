#pragma once

#include "model/events.h"

/* What the steps from build to build that are remembered weigh: each older one a little less, since habits change. */

#define VARVE_RECENCY_ONE (1u << 24) /* the weight of the newest step */

typedef struct {
  guint32 n_steps;                         /* that are remembered */
  guint32 prior_steps;                     /* what is believed without any history is worth so many */
  guint64 total;                           /* what they weigh together */
  guint64 scale;                           /* turns weights into shares */
  guint32 sums[VARVE_EVENTS_MAX / 8][256]; /* of each byte of events */
} VarveRecency;

/* @prior_steps is at least 1, else that. */
void varve_recency_init (VarveRecency *recency, guint32 n_steps, guint32 prior_steps);

/* The sum of the weights of these steps. */
static inline guint64
varve_recency_weight (const VarveRecency *recency, VarveEvents events)
{
  guint64 sum = 0;
  for (guint i = 0; i < VARVE_EVENTS_MAX / 8; i++)
    sum += recency->sums[i][events.words[i / 8] >> (i % 8 * 8) & 0xff];
  return sum;
}

/* The share of remembered steps in which these happened, a chance of VARVE_FIXED_ONE (chunker/fixed.h); always below
 * it: what was believed before counts as prior_steps steps in which nothing happened. */
static inline guint64
varve_recency_share (const VarveRecency *recency, VarveEvents events)
{
  return (guint64)(((unsigned __int128)varve_recency_weight (recency, events) * recency->scale) >> 32);
}

/* What was believed before anything was seen. */
typedef struct {
  guint32 probability; /* of changing at a step, of VARVE_PROBABILITY_ONE (model/plan.h) */
  guint32 steps;       /* so many steps it is worth */
} VarveBelief;

/* How many steps beliefs are worth whose mean is @mean, of VARVE_PROBABILITY_ONE: so many that half a change is
 * expected in them, as with changelogs (chunker/churn.c). */
guint32 varve_recency_prior_steps (guint32 mean);

/* The chance of changing at the next step, of VARVE_PROBABILITY_ONE, of what was there for the last @n_steps and
 * changed in @changed of them. */
guint32 varve_recency_probability (const VarveRecency *recency, VarveEvents changed, guint32 n_steps,
                                   VarveBelief before);
