/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "model/plan.h"

/* Which published layers are kept. */

typedef struct {
  guint64 live_bytes, stale_bytes; /* of what the tree needs, and of what it does not; in any one unit */
  gboolean has_stale;              /* also if that has no bytes */
  gboolean is_usable;
  gboolean is_pinned; /* kept whatever is stale in it, and not counted */
} VarveKeepCandidate;

typedef struct {
  guint32 max_layers;
  guint32 n_free;         /* how many of them are left for what has to be packed, if anything has: at least 1 */
  guint32 stale_permille; /* the most of the tree's bytes that may be stale; 0: whatever has anything stale is opened */
  const char *shown_directory; /* that the first layer shows even if the tree lacks it, like those above it; or NULL */
} VarveKeepOptions;

/* Sets @out_is_kept for each of @n candidates. One is kept if at most two fifths of it are stale; where all of these
 * together exceed the bound, those are opened first that have the fewest live bytes for the stale ones; then those are
 * kept after all, the largest first, that the bound allows. */
void varve_keep_choose (const VarveKeepCandidate *candidates, guint32 n, guint64 tree_bytes, guint32 stale_permille,
                        guint8 *out_is_kept);

/* Whether less than a fifth of all bytes is in layers of the plan: then all is packed anew. */
gboolean varve_keep_is_rebase (const VarvePlan *plan);
/* The layer of the plan whose opening costs hosts the least, pinned ones aside; VARVE_NO_LAYER if there is none. */
guint32 varve_keep_cheapest (const VarvePlan *plan, gboolean may_keep_stale);
