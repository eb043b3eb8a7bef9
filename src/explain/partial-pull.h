/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "explain/diff.h"

/* What a client that fetches parts of layers of zstd:chunked downloads: containers/storage
 * (pkg/chunked/storage_linux.go) with an image of such layers. A layer whose diff ID it has costs nothing, one of
 * another compression is fetched whole. Of the others it fetches the table of contents, the tar-split data, and the
 * chunks that no layer of the old image has; ranges with gaps of at most 1 KiB are merged, and more than 1024 ranges of
 * a layer are merged to that number. */

/* Sets the download in @diff, unless no layer that the new image adds is of zstd:chunked. Reads the tables of contents
 * of both images; NOT_FOUND where a blob with one is not there. */
gboolean varve_partial_pull_add (const VarveImage *old, const VarveImage *new, VarveDiff *diff,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
