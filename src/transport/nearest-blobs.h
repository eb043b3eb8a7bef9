/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/blobs.h"

/* The blobs of @far and its index, but each blob that @near has is read there. Takes @far; @near must outlive the
 * result. */
VarveBlobs *varve_nearest_blobs_new (VarveBlobs *near, VarveBlobs *far);
