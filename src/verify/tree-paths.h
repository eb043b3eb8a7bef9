#pragma once

#include "verify/layer-record.h"

/* Whether the files and directories that a host sees in the layers are those of the commit: each file once, leading to
 * the commit's object, each directory in the commit layer with the commit's mode and owner. @records are as for the
 * closure.
 *
 * Errors: "path.missing", "path.unknown", "path.object", "path.header", "path.type", "commit.etc"; notes
 * "path.repeated", "path.apart". */
void varve_tree_paths_check (GPtrArray *records, VarveFindings *findings);
