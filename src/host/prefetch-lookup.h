#pragma once

#include "oci/image.h"
#include "ostree/layer-cache.h"

/* Which layers of an image a host has already: under the digest of their blob, or, as newer bootc looks too, under that
 * of another blob with the same diff ID in an image that it has. */

typedef struct {
  gboolean has;       /* all behind it is there */
  gboolean is_linked; /* only under another digest: to be linked */
  VarveDigest commit; /* where it has */
  char *broken;       /* what is missing behind a ref that is there; NULL otherwise */
} VarveLookup;

/* Diff ID (VarveDigest) -> digest of a blob (VarveDigest), of all images that were pulled into the repository. */
GHashTable *varve_lookup_diff_ids (VarveRepo *repo, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* One layer; @diff_ids is from the former. @out_lookup is to be cleared. */
gboolean varve_lookup_layer (VarveRepo *repo, GHashTable *diff_ids, const VarveImage *image, guint index,
                             VarveLookup *out_lookup, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_lookup_clear (VarveLookup *lookup);
