/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "verify/layer-record.h"

/* Checks that the files and directories that a host shows are those of the commit: each file once, linked to the
 * commit's object; each directory in the commit layer, with the commit's mode and owner. @records are those of
 * varve_commit_objects_check().
 *
 * Errors: "path.missing", "path.unknown", "path.object", "path.header", "path.type", "commit.etc"; notes
 * "path.repeated", "path.apart". */
void varve_tree_paths_check (GPtrArray *records, VarveFindings *findings);
