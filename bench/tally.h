/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bench/policy.h"

/* Sums the downloads of a host over a series of releases that a policy has packed. A layer is identified by its
 * contents: a host does not download a layer again that has the same builds of the same packages, or the same blob
 * where the policy says which. Compression and the overhead of layers are not counted. */
typedef struct _VarveTally VarveTally;

/* A step is an update from the previous release; all figures are of counted steps. */
typedef struct {
  guint32 steps;
  guint64 total_bytes, full_total_bytes;
  guint64 mean_bytes, median_bytes, p90_bytes;
  guint64 lag3_mean_bytes;   /* an update from three releases before; 0 without such updates */
  guint64 full_mean_bytes;   /* the download of a new host */
  guint64 stale_total_bytes; /* of that, what the releases do not contain any more */
  guint32 max_layers;        /* the largest number of non-empty layers of a release */
} VarveTallyResult;

typedef enum { VARVE_TALLY_WARM_UP, VARVE_TALLY_COUNTED } VarveTallyMode;

VarveTally *varve_tally_new (void);
void varve_tally_free (VarveTally *tally);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTally, varve_tally_free)

/* The next release and how it is packed. The step to the first release of a file is never counted. */
void varve_tally_add (VarveTally *tally, const VarveRelease *release, const VarvePolicyLayout *layout,
                      VarveTallyMode mode);
VarveTallyResult varve_tally_finish (VarveTally *tally);
/* Of a release as it is packed, from 0 to 1, in the mean. */
double varve_tally_stale_share (const VarveTallyResult *result);
