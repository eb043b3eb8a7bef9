/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/image.h"
#include "ostree/layer-cache.h"

/* Which layers of an image a host has already: under the digest of the blob or, as newer bootc also checks, under that
 * of another blob with the same diff ID in an image that it has. */

typedef struct {
  gboolean has;       /* completely */
  gboolean is_linked; /* only under another digest: needs a link */
  VarveDigest commit; /* of the layer, when it has it */
  char *broken;       /* what an existing ref lacks; NULL otherwise */
} VarveLookup;

/* The layers of all images that were pulled into a repository. */
typedef struct _VarveLookupTable VarveLookupTable;

/* @repo must outlive the table. */
VarveLookupTable *varve_lookup_table_new (VarveRepo *repo, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_lookup_table_free (VarveLookupTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveLookupTable, varve_lookup_table_free)

/* Looks up one layer. The caller clears @out_lookup. */
gboolean varve_lookup_layer (const VarveLookupTable *table, const VarveImage *image, guint index,
                             VarveLookup *out_lookup, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_lookup_clear (VarveLookup *lookup);
