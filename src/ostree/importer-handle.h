/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <ostree.h>

#include "ostree/importer.h"

/* For src/ostree only: the repository of the transaction, for writing objects to it by libostree's own functions;
 * belongs to @importer. */
OstreeRepo *varve_importer_handle (VarveImporter *importer);
