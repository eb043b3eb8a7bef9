/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Probabilities and risks as integers, so that comparisons give the same result on every machine. A risk is -ln (1 -
 * p), so independent risks add up. */

/* One, for risks and chances: 32 bits of fraction. */
#define VARVE_FIXED_ONE (G_GUINT64_CONSTANT (1) << 32)

/* -ln (1 - p) of a probability in units of 1/VARVE_PROBABILITY_ONE; off by less than 2^-31. Certainty has no finite
 * risk: half a unit below one is used instead, which gives 11.8. Increases with @probability. */
guint64 varve_fixed_risk (guint32 probability);

/* 1 - e^-risk, from 0 to VARVE_FIXED_ONE; off by less than 2^-31. */
guint64 varve_fixed_chance (guint64 risk);

/* A chance rounded to units of 1/VARVE_PROBABILITY_ONE. */
guint32 varve_fixed_probability (guint64 chance);

/* For untrusted sizes: the sum is at most G_MAXUINT64. */
static inline guint64
varve_saturating_add (guint64 a, guint64 b)
{
  return a > G_MAXUINT64 - b ? G_MAXUINT64 : a + b;
}
