/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "verify/layer-record.h"

/* Checks that the layers have every object of the commit, and no other. @records are VarveLayerRecord; the first is the
 * commit layer and has a commit.
 *
 * Errors: "closure.missing", "closure.extra", "closure.limit". */
void varve_commit_objects_check (GPtrArray *records, VarveFindings *findings);
