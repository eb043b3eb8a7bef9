#pragma once

#include "ostree/repo.h"

/* The layers of images that a host keeps in its repository, as the importer of bootc and rpm-ostree (ostree-ext) writes
 * and finds them: under ostree/container/blob/<digest of the blob, escaped> is a commit. For a layer of content it is a
 * synthetic one whose files are the layer's objects, named by their checksums; for the commit layer it is the commit
 * that the image was made of.
 *
 * That importer takes whatever it finds there, without a look at it, so here nothing is entered that is not whole. */

typedef enum {
  VARVE_CACHED_ABSENT,
  VARVE_CACHED_WHOLE,
  VARVE_CACHED_BROKEN, /* the ref is there, and some object behind it is not: an importer would use it, and fail */
} VarveCached;

/* What the repository has of the blob. @out_commit is set where a ref is there; @out_reason, owned by the caller, where
 * it is broken. */
gboolean varve_layer_cache_find (VarveRepo *repo, const VarveDigest *blob, VarveCached *out_state,
                                 VarveDigest *out_commit, char **out_reason, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Each of these is one short transaction, in which it is checked once more that all is there (else NOT_FOUND), since a
 * prune may have come between: then the ref appears. */

/* Another blob with the same content: the commit is one that varve_layer_cache_find() gave for that. */
gboolean varve_layer_cache_link (const char *repo_path, const VarveDigest *blob, const VarveDigest *commit,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A layer of content, whose @n objects have been written. */
gboolean varve_layer_cache_add_content (const char *repo_path, const VarveDigest *blob, const VarveDigest *objects,
                                        gsize n, GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  VarveDigest checksum;
  GBytes *raw, *detached;          /* @detached may be NULL */
  GHashTable *dirtrees, *dirmetas; /* VarveDigest -> GBytes: those of the commit, written where they are not there */
} VarveBaseCommit;

/* The commit layer. All objects of content have been written. */
gboolean varve_layer_cache_add_base (const char *repo_path, const VarveDigest *blob, const VarveBaseCommit *base,
                                     GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
