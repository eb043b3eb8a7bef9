/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <ostree.h>

#include "ostree/sepolicy.h"

/* For src/ostree only; belongs to @policy. */
OstreeSePolicy *varve_sepolicy_handle (VarveSepolicy *policy);
