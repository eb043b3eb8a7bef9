/* SPDX-License-Identifier: Apache-2.0 */
#include "ostree/commit.h"

#include "base/error.h"
#include "ostree/dirtree.h"

enum { METADATA, PARENT, RELATED, SUBJECT, BODY, TIMESTAMP, ROOT_DIRTREE, ROOT_DIRMETA };

static gboolean
read_parent (VarveCommit *commit, GError **error)
{
  g_autoptr (GVariant) parent = g_variant_get_child_value (commit->variant, PARENT);
  if (g_variant_n_children (parent) == 0)
    return TRUE;
  commit->parent = g_new0 (VarveDigest, 1);
  return varve_metadata_get_checksum (commit->variant, PARENT, commit->parent, error);
}

static VarveCommit *
parse_commit (GBytes *raw, GError **error)
{
  g_autoptr (GVariant) variant = varve_metadata_to_variant (raw, "(a{sv}aya(say)sstayay)", error);
  if (variant == NULL)
    return NULL;
  g_autoptr (VarveCommit) commit = g_new0 (VarveCommit, 1);
  commit->variant = g_steal_pointer (&variant);
  commit->metadata = g_variant_get_child_value (commit->variant, METADATA);
  g_variant_get_child (commit->variant, SUBJECT, "&s", &commit->subject);
  g_variant_get_child (commit->variant, BODY, "&s", &commit->body);
  g_variant_get_child (commit->variant, TIMESTAMP, "t", &commit->timestamp);
  commit->timestamp = GUINT64_FROM_BE (commit->timestamp);
  if (!read_parent (commit, error)
      || !varve_metadata_get_checksum (commit->variant, ROOT_DIRTREE, &commit->root_dirtree, error)
      || !varve_metadata_get_checksum (commit->variant, ROOT_DIRMETA, &commit->root_dirmeta, error))
    return NULL;
  return g_steal_pointer (&commit);
}

VarveCommit *
varve_commit_parse (GBytes *raw, GError **error)
{
  VarveCommit *commit = parse_commit (raw, error);
  if (commit == NULL)
    g_prefix_error (error, "commit: ");
  return commit;
}

void
varve_commit_free (VarveCommit *commit)
{
  g_clear_pointer (&commit->metadata, g_variant_unref);
  g_clear_pointer (&commit->variant, g_variant_unref);
  g_free (commit->parent);
  g_free (commit);
}

const char *
varve_commit_find_string (const VarveCommit *commit, const char *key)
{
  const char *value;
  return g_variant_lookup (commit->metadata, key, "&s", &value) ? value : NULL;
}

char **
varve_commit_find_strings (const VarveCommit *commit, const char *key)
{
  char **value;
  return g_variant_lookup (commit->metadata, key, "^as", &value) ? value : NULL;
}

gboolean
varve_commit_find_boolean (const VarveCommit *commit, const char *key, gboolean *out_value)
{
  return g_variant_lookup (commit->metadata, key, "b", out_value);
}

gboolean
varve_commitmeta_check (GBytes *raw, GError **error)
{
  g_autoptr (GVariant) variant = varve_metadata_to_variant (raw, "a{sv}", error);
  if (variant == NULL)
    g_prefix_error (error, "detached metadata: ");
  return variant != NULL;
}
