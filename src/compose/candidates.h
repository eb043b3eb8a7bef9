/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "compose/previous.h"
#include "emit/format.h"
#include "model/inventory.h"
#include "model/layer-entries.h"
#include "model/plan.h"

/* The published layers that a build may keep. */

typedef struct {
  const VarvePrevious *image;
  guint layer;                      /* its index in the image */
  VarveLayerEntries *entries;       /* owned; NULL: it cannot be kept */
  const VarveLedgerLayer *recorded; /* what the newest ledger that knows it says of it; NULL: nothing */
  gboolean is_pinned;               /* of the base: kept whatever is stale in it */
  gboolean is_extra;                /* of another variant: kept only where nothing in it is stale */
} VarveCandidate;

typedef struct {
  const VarvePrevious *base, *previous; /* NULL for none */
  const GPtrArray *shares;              /* VarvePrevious: other variants of the same system */
  const VarvePlan *plan;
  const VarveInventory *inventory;
  VarveFormat format;
  gboolean is_optional;  /* a layer of the previous image that cannot be read, whatever the reason, is a warning */
  gboolean may_be_stale; /* else a layer of the previous image in which something changed is not read */
  guint jobs;
  VarveObserver *observer;
} VarveCandidatesOptions;

/* VarveCandidate, owned: the layers of the base, of the previous image, of the variants, each once. Where the ledger of
 * an image says that nothing in a layer changed, only its key is compared; else its blob is read, with digest and diff
 * ID, and every object checked. A layer that is missing or at fault is a warning. */
GPtrArray *varve_candidates_find (const VarveCandidatesOptions *options, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
