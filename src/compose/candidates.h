/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "compose/previous.h"
#include "emit/format.h"
#include "model/inventory.h"
#include "model/plan.h"

/* The layers of the previous image that a build may keep. */

typedef struct {
  const VarvePrevious *previous;
  const VarvePlan *plan;
  const VarveInventory *inventory;
  VarveFormat format;
  gboolean may_read; /* else a layer in which something changed is none */
  guint jobs;
  VarveObserver *observer;
} VarveCandidatesOptions;

/* VarveLayerEntries of each layer after the first, or NULL where it cannot be kept. Where the ledger says that nothing
 * in a layer changed, only its key is compared; else its blob is read, with digest and diff ID, and every object
 * checked. A layer that is missing or at fault is a warning. */
GPtrArray *varve_candidates_find (const VarveCandidatesOptions *options, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
