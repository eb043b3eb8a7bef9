#pragma once

#include "model/source.h"
#include "ostree/commit.h"
#include "ostree/dirtree.h"

/* Metadata objects whose bytes are what their checksum says; every error names the object. */
GBytes *varve_checked_load (VarveSource *source, VarveMetadataKind kind, const VarveDigest *checksum, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
VarveCommit *varve_checked_commit (VarveSource *source, const VarveDigest *checksum, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
VarveDirtree *varve_checked_dirtree (VarveSource *source, const VarveDigest *checksum, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Puts "object <checksum>.<kind>: " before the message. */
void varve_checked_prefix (GError **error, VarveMetadataKind kind, const VarveDigest *checksum);
