/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "oci/blobs.h"

/* Blobs of two places: one that @near does not have, or has damaged, with a warning, is read from @far. Takes both; the
 * index is that of @far. */
VarveBlobs *varve_layered_blobs_new (VarveBlobs *near, VarveBlobs *far, VarveObserver *observer);
