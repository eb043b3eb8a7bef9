/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <ostree.h>

#include "ostree/repo.h"

/* For src/ostree only: the OstreeRepo of a VarveRepo; belongs to @repo. */
OstreeRepo *varve_repo_handle (VarveRepo *repo);
