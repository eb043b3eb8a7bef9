#pragma once

#include "verify/layer-record.h"

/* Whether the layers hold every object that the commit reaches, and no other. @records are VarveLayerRecord, the commit
 * layer, which has a commit, first.
 *
 * Errors: "closure.missing", "closure.extra", "closure.limit". */
void varve_commit_objects_check (GPtrArray *records, VarveFindings *findings);
