/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "model/component.h"
#include "model/plan.h"

/* How likely a component is to change before the next build, estimated from the dates in package databases. This is the
 * prior; chunker/forecast.h combines it with the changes seen in builds. */

#define VARVE_CHURN_KINDS (VARVE_COMPONENT_UNOWNED + 1)

typedef struct {
  guint32 window_days;               /* how far back the past counts; 1 … VARVE_CHURN_DAYS_MAX */
  guint32 period_days;               /* from one build to the next; 1 … VARVE_CHURN_DAYS_MAX */
  guint64 pooled[VARVE_CHURN_KINDS]; /* changes a day of the components of a kind, of VARVE_FIXED_ONE; 0: unknown */
} VarveChurnOptions;

#define VARVE_CHURN_DAYS_MAX 3650

/* varve_churn_survey() leaves out what was before a stable release. A week is how often most systems are built; a wrong
 * guess scales all components alike. */
#define VARVE_CHURN_OPTIONS_INIT { .window_days = VARVE_COMPONENT_PAST_DAYS, .period_days = 7 }

/* The time from which the past is counted back: @now, the commit's time, or, if more than one in twenty components is
 * newer (a build that sets its clock to 0), the time that only one in twenty exceeds. So one wrong date does not age
 * all other components. */
gint64 varve_churn_reference_time (const VarveComponents *components, gint64 now);

/* Shortens options->window_days to the current regime of changes (chunker/regime.h), and sets options->pooled of each
 * kind from all components of that kind. @now as for varve_churn_probability. */
void varve_churn_survey (VarveChurnOptions *options, const VarveComponents *components, gint64 now);

/* In units of 1/VARVE_PROBABILITY_ONE, never 0 and never one. @now is a reference time in seconds since 1970; for a
 * newer component its newest change is used instead. */
guint32 varve_churn_probability (const VarveComponent *component, gint64 now, const VarveChurnOptions *options);
