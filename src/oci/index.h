/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/image-keys.h"
#include "oci/descriptor.h"
#include "oci/document.h"

/* An image index: image-spec 1.1, image-index.md; also the index.json of a layout. Entries that are read and not
 * changed are written back with all their members, known or not. */

typedef struct {
  GPtrArray *manifests; /* VarveDescriptor, owned; changed only by the functions below */

  /* private */
  GPtrArray *originals; /* for each manifest the json_object it was read from, or NULL */
  json_object *other;   /* the top-level members other than "manifests" */
} VarveIndex;

VarveIndex *varve_index_new (void);
void varve_index_free (VarveIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveIndex, varve_index_free)

const VarveDescriptor *varve_index_entry (const VarveIndex *index, guint position);
/* FALSE for an attestation of buildx, which is stored as a manifest for the platform unknown/unknown. */
gboolean varve_index_is_image (const VarveDescriptor *entry);
/* Whether @entry is an attestation of the image with this digest. */
gboolean varve_index_attests (const VarveDescriptor *entry, const VarveDigest *image);
/* Whether an entry has this digest. */
gboolean varve_index_has (const VarveIndex *index, const VarveDigest *digest);
guint varve_index_count_images (const VarveIndex *index);
/* The only image, else the only entry, else NULL. */
const VarveDescriptor *varve_index_only_image (const VarveIndex *index);
/* The first entry with this ref name, or NULL. */
const VarveDescriptor *varve_index_find_ref (const VarveIndex *index, const char *ref);
/* The first entry for linux on this architecture, or NULL. A NULL @variant matches any. */
const VarveDescriptor *varve_index_find_platform (const VarveIndex *index, const char *architecture,
                                                  const char *variant);

/* Whether @ref may be written as a ref name: image-spec 1.1, annotations.md, the grammar of
 * org.opencontainers.image.ref.name; at most 255 bytes. VARVE_ERROR_USAGE when not. */
gboolean varve_index_check_ref (const char *ref, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Adds a copy of @descriptor under the ref name. It replaces the entry with that name; the others stay.
 *
 * An attestation of an image that is replaced goes with it, unless another entry has the image's digest.
 *
 * A NULL @ref adds an entry without a name. An attestation replaces only the same attestation. An image replaces the
 * unnamed entry with the same digest, else the only unnamed entry: an earlier untagged build left that one, and
 * "oci:DIR" could not select between two. Among several unnamed entries (containers/image leaves one for each image
 * whose name moved, or for each platform) none is replaced. Named entries always stay. */
gboolean varve_index_set (VarveIndex *index, const VarveDescriptor *descriptor, const char *ref, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Adds a copy, replacing nothing but an unnamed entry with the same digest. */
gboolean varve_index_add_unnamed (VarveIndex *index, const VarveDescriptor *descriptor, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Adds a copy, replacing nothing. */
gboolean varve_index_add (VarveIndex *index, const VarveDescriptor *descriptor, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Removes all entries with this digest; whether there was one. Attestations stay. */
gboolean varve_index_remove (VarveIndex *index, const VarveDigest *digest);
/* Adds a copy of an image's descriptor to an index of several platforms. It replaces one for the same os, architecture
 * and variant, and the attestations of that one; *@out_replaced says whether. Images are sorted by these three as
 * strings, absent variants first; entries without a platform ("unknown", or none) follow in their old order. */
gboolean varve_index_set_platform (VarveIndex *index, const VarveDescriptor *descriptor, gboolean *out_replaced,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Annotates the index itself. */
void varve_index_annotate (VarveIndex *index, const char *key, const char *value);

GBytes *varve_index_to_bytes (const VarveIndex *index);
/* At most 4 MiB and 1000 entries; also docker's manifest list. */
VarveIndex *varve_index_from_bytes (GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
