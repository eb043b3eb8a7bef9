/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/image.h"
#include "verify/layer-record.h"

/* Checks that a host and a container show the files and directories of the commit: each file once, linked to the
 * commit's object; each directory in the commit layer, with the commit's mode and owner. @records are those of
 * varve_commit_objects_check().
 *
 * A layer with stale objects (verify/stale.h) may also have other files, as long as a container does not show them: a
 * later layer has the commit's file at the same path, or a whiteout of the path or of a directory above it.
 *
 * Errors: "path.missing", "path.unknown", "path.object", "path.header", "path.type", "path.whiteout" (one that hides
 * what the commit has), "commit.etc", "layer.stale"; notes "path.repeated", "path.apart", "path.whiteout" (a file of
 * the commit with such a name). */
void varve_tree_paths_check (const VarveImage *image, GPtrArray *records, VarveFindings *findings);
