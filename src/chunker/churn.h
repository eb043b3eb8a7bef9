#pragma once

#include <glib.h>

#include "model/component.h"
#include "model/plan.h"

/* How likely a component is to change before the next build, as far as its own past tells. Builds that are known to
 * have changed it are not looked at here: this is what is believed before them. */

#define VARVE_CHURN_KINDS (VARVE_COMPONENT_UNOWNED + 1)

typedef struct {
  guint32 window_days;               /* how far back the past counts; 1 … VARVE_CHURN_DAYS_MAX */
  guint32 period_days;               /* from one build to the next; 1 … VARVE_CHURN_DAYS_MAX */
  guint64 pooled[VARVE_CHURN_KINDS]; /* changes a day of the components of a kind, of VARVE_FIXED_ONE; 0: not known */
} VarveChurnOptions;

#define VARVE_CHURN_DAYS_MAX 3650

/* varve_churn_survey() leaves out what was before a stable release. A week is how often most systems are built; a wrong
 * guess scales all components alike. */
#define VARVE_CHURN_OPTIONS_INIT { .window_days = VARVE_COMPONENT_PAST_DAYS, .period_days = 7 }

/* The time from which the past is counted back: @now, the commit's time, or when most components are newer (a build
 * that sets its clock to 0), the time that only one in twenty of them exceeds, so that one wrong date does not age all
 * others. */
gint64 varve_churn_reference_time (const VarveComponents *components, gint64 now);

/* Looks at all components: shortens options->window_days to the time since which changes come as they do now
 * (chunker/regime.h), and sets options->pooled, for each kind from its own. @now as for varve_churn_probability. */
void varve_churn_survey (VarveChurnOptions *options, const VarveComponents *components, gint64 now);

/* Of VARVE_PROBABILITY_ONE, never 0 and never all of it. @now is a reference time in seconds since 1970; where the
 * component is newer, its newest change counts instead. */
guint32 varve_churn_probability (const VarveComponent *component, gint64 now, const VarveChurnOptions *options);
