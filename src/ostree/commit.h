/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/digest.h"

/* A commit object: the GVariant (a{sv}aya(say)sstayay). Source: libostree, ostree-core.h,
 * OSTREE_COMMIT_GVARIANT_FORMAT. */
typedef struct {
  VarveDigest root_dirtree, root_dirmeta;
  VarveDigest *parent;        /* NULL for none */
  const char *subject, *body; /* "" when absent */
  guint64 timestamp;          /* seconds since 1970 */
  GVariant *metadata;         /* a{sv} */
  GVariant *variant;          /* owns the strings */
} VarveCommit;

VarveCommit *varve_commit_parse (GBytes *raw, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_commit_free (VarveCommit *commit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveCommit, varve_commit_free)

/* The value of a metadata key. NULL when absent or of another type; the string belongs to the commit. */
const char *varve_commit_find_string (const VarveCommit *commit, const char *key);
/* The same for an array of strings, which the caller owns. */
char **varve_commit_find_strings (const VarveCommit *commit, const char *key);
/* FALSE when absent or of another type. */
gboolean varve_commit_find_boolean (const VarveCommit *commit, const char *key, gboolean *out_value);

/* Detached metadata must be an a{sv} in normal form, at most 10 MiB. */
gboolean varve_commitmeta_check (GBytes *raw, GError **error) G_GNUC_WARN_UNUSED_RESULT;
