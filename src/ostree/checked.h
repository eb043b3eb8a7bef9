/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/source.h"
#include "ostree/commit.h"
#include "ostree/dirtree.h"

/* Metadata objects loaded with their checksum checked; every error names the object. */
GBytes *varve_checked_load (VarveSource *source, VarveMetadataKind kind, const VarveDigest *checksum, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
VarveCommit *varve_checked_commit (VarveSource *source, const VarveDigest *checksum, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
VarveDirtree *varve_checked_dirtree (VarveSource *source, const VarveDigest *checksum, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Prefixes the message with "object <checksum>.<kind>: ". */
void varve_checked_prefix (GError **error, VarveMetadataKind kind, const VarveDigest *checksum);
