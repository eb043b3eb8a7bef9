#pragma once

#include "base/json.h"
#include "base/observer.h"
#include "base/rate-limit.h"
#include "oci/image.h"

/* Brings the layers of an image into a host's repository ahead of its upgrade, which then finds each of them there. */

typedef enum {
  VARVE_PREFETCH_PRESENT, /* was there */
  VARVE_PREFETCH_LINKED,  /* was there under another digest, with the same diff ID */
  VARVE_PREFETCH_REBUILT, /* from what the host has */
  VARVE_PREFETCH_FETCHED,
  VARVE_PREFETCH_SKIPPED, /* not a layer of OSTree: what becomes of it depends on the host, so the upgrade itself
                          fetches it */
} VarvePrefetchState;

typedef struct {
  VarvePrefetchState state;
  VarveDigest digest, diff_id;
  guint64 size_bytes; /* of the blob */
} VarvePrefetchLayer;

typedef struct {
  GArray *layers; /* VarvePrefetchLayer, in the order of the manifest */
} VarvePrefetch;

void varve_prefetch_free (VarvePrefetch *prefetch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePrefetch, varve_prefetch_free)

guint64 varve_prefetch_bytes (const VarvePrefetch *prefetch, VarvePrefetchState state);
/* "layers", each with "digest", "diff_id", "size_bytes", "state", and "<state>_bytes" of all. */
void varve_prefetch_to_json (const VarvePrefetch *prefetch, json_object *into);

/* Where the tar of a layer can be had without its blob: a delta, and the files that the host has. Called from several
 * threads. */
typedef struct {
  /* NULL without an error where it cannot be had from here; a failure to make or to read it is a warning, and the blob
   * is fetched. The stream need not be trusted: its diff ID is compared. But it should not keep its reader waiting: a
   * transaction is open then. */
  GInputStream *(*open_tar) (gpointer data, guint layer, GCancellable *cancellable, GError **error);
  gpointer data;
} VarveTarSource;

/* Called around the moment in which the pin is written, to keep a running upgrade's pruning out. Either member may be
 * NULL. */
typedef struct {
  gboolean (*lock) (gpointer data, GCancellable *cancellable, GError **error);
  void (*unlock) (gpointer data);
  gpointer data;
} VarvePrefetchGuard;

typedef struct {
  const char *repo_path;
  const char *remote;         /* whose keys must have signed the commit; NULL where no signature is asked for */
  guint jobs;                 /* layers at once, at least 1 */
  VarveRateLimit *limit;      /* of what is fetched; may be NULL */
  const VarveTarSource *tars; /* may be NULL */
  VarvePrefetchGuard guard;
} VarvePrefetchOptions;

/* Each layer appears when it is whole, every object checked; the commit layer last, when all of the commit is there.
 * The image is pinned first (ostree/pin.h). What is there of an earlier run is not read again.
 *
 * UNSUPPORTED for an image that is not of an OSTree commit; CORRUPT for one that breaks a rule of the format, or whose
 * commit is not signed as @remote asks. Nothing of a layer that fails stays. */
VarvePrefetch *varve_prefetch_image (const VarveImage *image, const VarvePrefetchOptions *options,
                                     VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Removes the pin: the next pruning of bootc or rpm-ostree takes what was not used by then. */
gboolean varve_prefetch_clear (const char *repo_path, gboolean *out_had_pin, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
