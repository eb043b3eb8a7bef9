/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/digest.h"

typedef struct {
  VarveDigest checksum;
  GBytes *raw, *detached; /* the commit object and its detached metadata, which may be NULL */
} VarveCommitObject;

/* Writes a commit whose objects an earlier transaction wrote. Checks again that they exist, since a prune may have run:
 * else NOT_FOUND. @ref may be NULL. */
gboolean varve_write_commit (const char *repo_path, const char *ref, const VarveCommitObject *commit,
                             GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
