/* SPDX-License-Identifier: Apache-2.0 */
/* Loading metadata objects and checking their checksums, whatever the source. */
#include "ostree/checked.h"

#include "base/error.h"

static const char *const SUFFIXES[] = { "commit", "commitmeta", "dirtree", "dirmeta" };

void
varve_checked_prefix (GError **error, VarveMetadataKind kind, const VarveDigest *checksum)
{
  g_autofree char *hex = varve_digest_to_hex (checksum);
  g_prefix_error (error, "object %s.%s: ", hex, SUFFIXES[kind]);
}

GBytes *
varve_checked_load (VarveSource *source, VarveMetadataKind kind, const VarveDigest *checksum, GError **error)
{
  g_autoptr (GBytes) raw = source->load_metadata (source, kind, checksum, error);
  if (raw == NULL)
    return NULL;
  VarveDigest actual = varve_digest_of (g_bytes_get_data (raw, NULL), g_bytes_get_size (raw));
  if (varve_digest_compare (&actual, checksum) == 0)
    return g_steal_pointer (&raw);
  g_autofree char *hex = varve_digest_to_hex (&actual);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "content has the checksum %s", hex);
  varve_checked_prefix (error, kind, checksum);
  return NULL;
}

VarveCommit *
varve_checked_commit (VarveSource *source, const VarveDigest *checksum, GError **error)
{
  g_autoptr (GBytes) raw = varve_checked_load (source, VARVE_METADATA_COMMIT, checksum, error);
  return raw != NULL ? varve_commit_parse (raw, error) : NULL;
}

VarveDirtree *
varve_checked_dirtree (VarveSource *source, const VarveDigest *checksum, GError **error)
{
  g_autoptr (GBytes) raw = varve_checked_load (source, VARVE_METADATA_DIRTREE, checksum, error);
  if (raw == NULL)
    return NULL;
  VarveDirtree *dirtree = varve_dirtree_parse (raw, error);
  if (dirtree == NULL)
    varve_checked_prefix (error, VARVE_METADATA_DIRTREE, checksum);
  return dirtree;
}
