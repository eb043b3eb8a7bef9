#pragma once

#include <ostree.h>

#include "ostree/repo.h"

/* For src/ostree alone: what is behind a VarveRepo; it belongs to @repo. */
OstreeRepo *varve_repo_handle (VarveRepo *repo);
