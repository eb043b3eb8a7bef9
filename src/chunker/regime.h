/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/component.h"

/* How many of the last @window_days show the current rate of changes; @now is in the newest of them, in seconds since
 * 1970. A distribution before its release changes several times as much as after it, and in other packages, so
 * changelogs of that time mislead. If the changes of all packages fell to a third or less and stayed there, the days
 * since then are returned, else @window_days. */
guint32 varve_regime_days (const VarveComponents *components, gint64 now, guint32 window_days);
