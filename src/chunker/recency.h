/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/events.h"

/* The weights of remembered steps from build to build: each older step weighs a little less, since rates of change
 * drift. */

#define VARVE_RECENCY_ONE (1u << 24) /* the weight of the newest step */

typedef struct {
  guint32 n_steps;                         /* remembered steps */
  guint32 prior_steps;                     /* the weight of the prior, in steps */
  guint64 total;                           /* the sum of all weights */
  guint64 scale;                           /* turns weights into shares */
  guint32 sums[VARVE_EVENTS_MAX / 8][256]; /* of each byte of events */
} VarveRecency;

/* @prior_steps is raised to at least 1. */
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

/* The share of remembered steps with these events, of VARVE_FIXED_ONE (chunker/fixed.h); always below it, since the
 * prior counts as prior_steps steps without events. */
static inline guint64
varve_recency_share (const VarveRecency *recency, VarveEvents events)
{
  return (guint64)(((unsigned __int128)varve_recency_weight (recency, events) * recency->scale) >> 32);
}

/* An estimate before any step was seen. */
typedef struct {
  guint32 probability; /* of a change at a step, of VARVE_PROBABILITY_ONE (model/plan.h) */
  guint32 steps;       /* its weight */
} VarvePrior;

/* The weight in steps of priors with this mean, of VARVE_PROBABILITY_ONE: the number of steps in which half a change is
 * expected, as with changelogs (chunker/churn.c). */
guint32 varve_recency_prior_steps (guint32 mean);

/* The probability of a change at the next step, of VARVE_PROBABILITY_ONE, for an atom that existed in the last @n_steps
 * and changed in @changed of them. */
guint32 varve_recency_probability (const VarveRecency *recency, VarveEvents changed, guint32 n_steps, VarvePrior prior);
