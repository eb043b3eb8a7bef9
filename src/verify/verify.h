#pragma once

#include "base/observer.h"
#include "model/finding.h"
#include "oci/image.h"

typedef struct {
  guint jobs;            /* layers read at once, at least 1 */
  const char *repo_path; /* a repository to compare with, and its ref or commit; both NULL for none */
  const char *ref;
} VarveVerifyOptions;

/* Everything that can be said about an image without running it: digests, sizes and diff IDs, every header and object
 * of its layers, that the commit is whole, and that what a container shows is what the commit says. The image is right
 * when no error is among the findings; their order does not depend on the number of jobs.
 *
 * An image without any label of a commit is an ordinary one: then only what build/verify-plain.h names is looked at.
 *
 * Rules are named by the part that found them: build/image-rules.h, build/read-layers.h, build/layer-objects.h,
 * emit/decompress.h, emit/tar-read.h, emit/tar-pax.h, build/closure.h, build/tree-paths.h, build/compare-repo.h; here
 * "image.labels" (an error where a label names another commit) and the note "image.not-checked". Content is never held
 * in memory, a path takes about 200 bytes. NULL only where the system ends it, or the repository cannot be read. */
VarveFindings *varve_verify_image (const VarveImage *image, const VarveVerifyOptions *options, VarveObserver *observer,
                                   GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
