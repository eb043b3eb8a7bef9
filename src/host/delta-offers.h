/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "host/delta-search.h"

/* The deltas beside an image: in a registry those in the lists of referrers, in a layout or an archive all of its
 * entries that are deltas. NULL without an error for another place. @reference must outlive the result, and
 * varve_delta_offers_free() frees it. */
VarveDeltaOffers *varve_delta_offers_new (const VarveReference *reference, VarveObserver *observer,
                                          GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_delta_offers_free (VarveDeltaOffers *offers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDeltaOffers, varve_delta_offers_free)
