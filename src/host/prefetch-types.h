/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"
#include "base/observer.h"
#include "base/rate-limit.h"
#include "oci/image.h"

/* What a prefetch is told, and what it returns. */

typedef enum {
  VARVE_PREFETCH_PRESENT, /* in the repository already */
  VARVE_PREFETCH_LINKED,  /* in the repository under another digest, with the same diff ID */
  VARVE_PREFETCH_REBUILT, /* from a delta and the files of the host */
  VARVE_PREFETCH_FETCHED,
  VARVE_PREFETCH_SKIPPED, /* for the upgrade to fetch: not covered by the signature that is required; or importers take
                             it in different ways */
} VarvePrefetchState;

typedef struct {
  VarvePrefetchState state;
  VarveDigest digest, diff_id;
  guint64 size_bytes; /* of the blob */
} VarvePrefetchLayer;

typedef struct {
  GArray *layers; /* VarvePrefetchLayer, in the order of the manifest */
} VarvePrefetch;

/* All layers are skipped. */
VarvePrefetch *varve_prefetch_new (const VarveImage *image);
void varve_prefetch_free (VarvePrefetch *prefetch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePrefetch, varve_prefetch_free)

guint64 varve_prefetch_bytes (const VarvePrefetch *prefetch, VarvePrefetchState state);
/* Adds "layers", each with "digest", "diff_id", "size_bytes" and "state", and the sums "<state>_bytes". */
void varve_prefetch_to_json (const VarvePrefetch *prefetch, json_object *into);

/* Makes the tar of a layer without its blob, from a delta and the files of the host. Called from several threads. */
typedef struct {
  /* NULL without an error when the source does not have the layer. After a failure to make or read the tar, the
   * observer is warned and the blob is fetched. The diff ID of the stream is checked. Reading should not block, because
   * a transaction is open. */
  GInputStream *(*open_tar) (gpointer data, guint layer, GCancellable *cancellable, GError **error);
  gpointer data;
} VarveTarSource;

/* Locks out the pruning of a running upgrade while the pin is written. Each function may be NULL. */
typedef struct {
  gboolean (*lock) (gpointer data, GCancellable *cancellable, GError **error);
  void (*unlock) (gpointer data);
  gpointer data;
} VarvePrefetchGuard;

typedef struct {
  const char *repo_path;
  const char *remote;               /* whose keys must have signed the commit; NULL: no signature required */
  const VarveDigest *policy_commit; /* whose SELinux policy labels the files of a plain image; NULL: no labels */
  guint jobs;                       /* layers in parallel, at least 1 */
  VarveRateLimit *limit;            /* for fetching; may be NULL */
  const VarveTarSource *tars;       /* may be NULL */
  VarvePrefetchGuard guard;
} VarvePrefetchOptions;
