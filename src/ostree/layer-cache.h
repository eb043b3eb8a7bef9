/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ostree/import-archive.h"
#include "ostree/importer.h"
#include "ostree/repo.h"
#include "ostree/write-commit.h"

/* The image layers that a host keeps in its repository, as the importer of bootc and rpm-ostree (ostree-ext) writes and
 * finds them: a commit under the ref ostree/container/blob/<escaped digest of the blob>. For a content layer it is a
 * synthetic commit whose files are the layer's objects, named by their checksums; for the commit layer it is the commit
 * that the image was built from; for any other layer, a commit of the files in its tar.
 *
 * That importer uses whatever a ref there points to without a check, so a ref is only set to a complete commit. */

typedef enum {
  VARVE_CACHED_ABSENT,
  VARVE_CACHED_WHOLE,
  VARVE_CACHED_BROKEN, /* the ref exists, but an object is missing or damaged: an importer would use it and fail */
} VarveCached;

typedef struct {
  VarveCached state;
  VarveDigest commit; /* unless it is absent */
  char *reason;       /* if it is broken; owned by the caller */
} VarveCachedLayer;

gboolean varve_layer_cache_find (VarveRepo *repo, const VarveDigest *blob, VarveCachedLayer *out_layer,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Each of these is one short transaction that first checks again that all objects exist (else NOT_FOUND), since a prune
 * may have run, and then sets the ref. */

/* For another blob with the same content: @commit is one that varve_layer_cache_find() returned. */
gboolean varve_layer_cache_link (const char *repo_path, const VarveDigest *blob, const VarveDigest *commit,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A content layer, whose @n objects have been written. _write_tree writes what else the layer needs, in the transaction
 * that writes the objects: that saves _add_content a sync. */
gboolean varve_layer_cache_write_tree (VarveImporter *importer, const VarveDigest *objects, gsize n,
                                       GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_layer_cache_add_content (const char *repo_path, const VarveDigest *blob, const VarveDigest *objects,
                                        gsize n, GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A layer that is not of an OSTree commit, whose tree has been written. The importer's commit differs in its time and
 * in metadata that nothing reads. */
gboolean varve_layer_cache_add_tree (const char *repo_path, const VarveDigest *blob, const VarveImportedTree *tree,
                                     GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  VarveCommitObject commit;
  GHashTable *dirtrees, *dirmetas; /* VarveDigest -> GBytes: those of the commit; missing ones are written */
} VarveBaseCommit;

/* The commit layer, whose content objects have been written. */
gboolean varve_layer_cache_add_base (const char *repo_path, const VarveDigest *blob, const VarveBaseCommit *base,
                                     GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
