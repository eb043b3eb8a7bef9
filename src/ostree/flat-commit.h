#pragma once

#include <gio/gio.h>

#include "base/digest.h"

/* A commit of one directory without subdirectories, as the importers of the field make it to keep a layer or a manifest
 * alive: root 0:0 0755, no subject, body, parent, time 0. Source: ostree-ext, tar/import.rs,
 * finish_import_object_set(). */
typedef struct {
  GBytes *dirmeta_raw, *dirtree_raw, *commit_raw;
  VarveDigest dirmeta, dirtree, commit;
} VarveFlatCommit;

/* Its files are the @n @objects, each named by its checksum; duplicates count once. @metadata is an a{sv}, floating or
 * NULL for none. */
VarveFlatCommit *varve_flat_commit_new (const VarveDigest *objects, gsize n, GVariant *metadata);
void varve_flat_commit_free (VarveFlatCommit *commit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveFlatCommit, varve_flat_commit_free)

/* Writes it, and sets @ref to it. Its objects must have been written: else NOT_FOUND. */
gboolean varve_flat_commit_store (const VarveFlatCommit *commit, const char *repo_path, const char *ref,
                                  GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
