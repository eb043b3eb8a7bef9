/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* A set of the last steps from build to build, for example those in which a component changed. Bit 0 is the newest
 * step. */

#define VARVE_EVENTS_MAX 128u

typedef struct {
  guint64 words[VARVE_EVENTS_MAX / 64];
} VarveEvents;

static inline VarveEvents
varve_events_union (VarveEvents a, VarveEvents b)
{
  return (VarveEvents){ { a.words[0] | b.words[0], a.words[1] | b.words[1] } };
}

/* @a without @b. */
static inline VarveEvents
varve_events_without (VarveEvents a, VarveEvents b)
{
  return (VarveEvents){ { a.words[0] & ~b.words[0], a.words[1] & ~b.words[1] } };
}

static inline VarveEvents
varve_events_both (VarveEvents a, VarveEvents b)
{
  return (VarveEvents){ { a.words[0] & b.words[0], a.words[1] & b.words[1] } };
}

static inline gboolean
varve_events_has (VarveEvents events, guint step)
{
  return step < VARVE_EVENTS_MAX && (events.words[step / 64] >> (step % 64) & 1) != 0;
}

static inline void
varve_events_set (VarveEvents *events, guint step)
{
  if (step < VARVE_EVENTS_MAX)
    events->words[step / 64] |= G_GUINT64_CONSTANT (1) << (step % 64);
}

/* Makes all of them @steps older and drops those that get too old. */
static inline VarveEvents
varve_events_age (VarveEvents events, guint steps)
{
  if (steps >= VARVE_EVENTS_MAX)
    return (VarveEvents){ { 0, 0 } };
  if (steps >= 64)
    return (VarveEvents){ { 0, events.words[0] << (steps - 64) } };
  if (steps == 0)
    return events;
  return (VarveEvents){ { events.words[0] << steps, events.words[1] << steps | events.words[0] >> (64 - steps) } };
}

/* Only those among the newest @n_steps. */
static inline VarveEvents
varve_events_newest (VarveEvents events, guint n_steps)
{
  if (n_steps >= VARVE_EVENTS_MAX)
    return events;
  guint low = MIN (n_steps, 64), high = n_steps - low;
  guint64 low_mask = low == 64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << low) - 1;
  return (VarveEvents){ { events.words[0] & low_mask, events.words[1] & ((G_GUINT64_CONSTANT (1) << high) - 1) } };
}

/* Removes the steps of @dropped from the numbering: older steps get lower numbers. */
static inline VarveEvents
varve_events_drop (VarveEvents events, VarveEvents dropped)
{
  VarveEvents left = { { 0, 0 } };
  guint n_kept = 0;
  for (guint step = 0; step < VARVE_EVENTS_MAX; step++)
    {
      if (varve_events_has (dropped, step))
        continue;
      if (varve_events_has (events, step))
        varve_events_set (&left, n_kept);
      n_kept++;
    }
  return left;
}

static inline guint
varve_events_count (VarveEvents events)
{
  return (guint)(__builtin_popcountll (events.words[0]) + __builtin_popcountll (events.words[1]));
}

static inline gboolean
varve_events_equal (VarveEvents a, VarveEvents b)
{
  return a.words[0] == b.words[0] && a.words[1] == b.words[1];
}
