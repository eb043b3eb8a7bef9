/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "model/finding.h"
#include "model/inventory.h"
#include "oci/image.h"

typedef struct {
  guint jobs;            /* layers read at once, at least 1 */
  const char *repo_path; /* a repository to compare with, and its ref or commit; both NULL for none */
  const char *ref;
  VarveInventory *tree; /* or a tree to compare with, with its hard links and times, which a plain image without times
                           changes; NULL for none */
} VarveVerifyOptions;

/* Checks an image without running it: digests, sizes and diff IDs, every header and object of its layers, that the
 * commit is complete, and that a container shows the files of the commit. The image is valid when no finding is an
 * error. The order of findings does not depend on the number of jobs.
 *
 * For an image without any label of a commit, only the checks of verify/verify-plain.h are made; with a repository or a
 * tree, also those of verify/plain-compare.h.
 *
 * The rules are documented in verify/image-rules.h, verify/read-layers.h, verify/layer-objects.h, emit/decompress.h,
 * emit/tar-read.h, emit/tar-pax.h, verify/commit-objects.h, verify/tree-paths.h, verify/ledger-claims.h and
 * verify/compare-repo.h; here "image.labels" (an error where a label names another commit) and the note
 * "image.not-checked". File contents are not kept in memory; a path takes about 200 bytes. Fails only where the system
 * fails or the repository cannot be read. */
VarveFindings *varve_verify_image (const VarveImage *image, const VarveVerifyOptions *options, VarveObserver *observer,
                                   GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
