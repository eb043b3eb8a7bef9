#pragma once

#include "model/image-keys.h"
#include "oci/descriptor.h"
#include "oci/document.h"

/* An image index: image-spec 1.1, image-index.md; also the index.json of a layout. What was read and is not changed is
 * written with every member that it had, whether there is a field for it here or not. */

typedef struct {
  GPtrArray *manifests; /* VarveDescriptor, owned; to be changed only by the functions below */

  /* private */
  GPtrArray *originals; /* for each of them the json_object that it was read from, or NULL */
  json_object *other;   /* the top-level members besides "manifests" */
} VarveIndex;

VarveIndex *varve_index_new (void);
void varve_index_free (VarveIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveIndex, varve_index_free)

const VarveDescriptor *varve_index_entry (const VarveIndex *index, guint position);
/* The first entry with this ref name, or NULL. */
const VarveDescriptor *varve_index_find_ref (const VarveIndex *index, const char *ref);
/* The first entry for linux on this architecture, or NULL. @variant may be NULL: then any. */
const VarveDescriptor *varve_index_find_platform (const VarveIndex *index, const char *architecture,
                                                  const char *variant);

/* Whether @ref may be written as a ref name: image-spec 1.1, annotations.md, the grammar of
 * org.opencontainers.image.ref.name; at most 255 bytes. VARVE_ERROR_USAGE when not. */
gboolean varve_index_check_ref (const char *ref, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Enters a copy of @descriptor under the ref name. It takes the place of the entry that had the name; the others stay.
 *
 * A NULL @ref enters it without a name. It takes the place of the nameless entry with the same digest, else of the only
 * nameless entry: that is what an earlier untagged build left, and two of them could no longer be told apart by
 * "oci:DIR". Among several nameless entries (containers/image leaves one for each image whose name moved on, or for
 * each platform) none is replaced. Named entries always stay. */
gboolean varve_index_set (VarveIndex *index, const VarveDescriptor *descriptor, const char *ref, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Adds a copy, replacing nothing. */
gboolean varve_index_add (VarveIndex *index, const VarveDescriptor *descriptor, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Enters a copy of an image's descriptor among images for other platforms. It takes the place of one for the same os,
 * architecture and variant, which is then TRUE in *@out_replaced. Images are sorted by these three, the first two as
 * strings, absent variants first; entries that are for no platform ("unknown", or none) follow as they were. */
gboolean varve_index_set_platform (VarveIndex *index, const VarveDescriptor *descriptor, gboolean *out_replaced,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of the index itself. */
void varve_index_annotate (VarveIndex *index, const char *key, const char *value);

GBytes *varve_index_to_bytes (const VarveIndex *index);
/* At most 4 MiB and 1000 entries; also docker's manifest list. */
VarveIndex *varve_index_from_bytes (GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
