/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/pack.h"
#include "model/plan.h"

/* How many kept layers are opened for what has to be packed. With one new layer for all of it, what changes at each
 * build shares that layer with what does not; with more of them, small kept layers are downloaded again. */

/* Adds the layers of a plan that has none: those that are kept, so few that @n_free others can be added, and these. */
typedef void (*VarveRoomFill) (VarvePlan *plan, guint32 n_free, gpointer data);

/* Fills the plan so that its new layers, and what the next update is expected to cost, are the smallest. */
void varve_room_make (VarvePlan *plan, const VarvePackOptions *options, VarveRoomFill fill, gpointer data);
