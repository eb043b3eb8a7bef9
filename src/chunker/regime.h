#pragma once

#include "model/component.h"

/* How many of the last @window_days tell of the present, @now being the newest of them, in seconds since 1970. A
 * distribution that is prepared for release changes several times as much as one that was released, and other things:
 * what its changelogs say of the time before would be taken for habits. So where the changes of all packages fell to a
 * third or less for good, what was before is left out; elsewhere @window_days are returned. */
guint32 varve_regime_days (const VarveComponents *components, gint64 now, guint32 window_days);
