/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "chunker/ledger.h"
#include "oci/image.h"
#include "oci/predecessors.h"
#include "skopeo/access.h"

/* The images that a build starts from. Only manifests and configs are read here, no layers. */

typedef struct {
  char *name;              /* as the user named it */
  VarveImage *image;       /* NULL for a saved manifest */
  VarveManifest *manifest; /* of the image, where there is one */
  gboolean is_plain;       /* no image of a commit */
  guint first;             /* its first layer that a build may keep: not the commit, nor the folders of a plain image */
  GArray *diff_ids;        /* VarveDigest of each layer; all zeros when unknown */
  VarveLedger *ledger;     /* for an image without one: only the layer of each component */
  VarveLedger *past;       /* of the newest older image that has one, where this one has none; else NULL */
  char *commit;            /* hexadecimal; NULL when unknown */
  VarveBlobs *blobs;       /* of the image; NULL for a saved manifest */
  VarveDigest digest;      /* of the manifest */
  GPtrArray *predecessors; /* VarvePredecessor: the images before it, as it says */
} VarvePrevious;

void varve_previous_free (VarvePrevious *previous);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePrevious, varve_previous_free)

typedef struct {
  char **names;             /* image references or paths of saved manifests, newest first; NULL-terminated, or NULL */
  const char *architecture; /* of the image that is built; NULL when unknown */
  VarveAccess *access;      /* to registries; may be NULL */
  gboolean is_optional;     /* an unusable image is a warning */
  gboolean takes_plain;     /* the image that is built is a plain one: any container image is usable */
} VarvePreviousOptions;

/* Reports early what needs no architecture: an image that is missing, is none, or is of no use. An index of images
 * passes, and so does everything optional. */
gboolean varve_previous_check (const VarvePreviousOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The newest image; its ledger, or its past where it has no ledger, is extended by older builds of the others' ledgers.
 * TRUE with NULL for no names, or where all are optional and unusable. An image is unusable when it is corrupt, of
 * another architecture, or neither of an OSTree commit nor a plain image of varve, unless any is wanted. */
gboolean varve_previous_open (const VarvePreviousOptions *options, VarveObserver *observer,
                              VarvePrevious **out_previous, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One image by its name, without the ledgers of others; errors begin with its @role, as "base image". */
VarvePrevious *varve_previous_open_one (const char *role, const char *name, const VarvePreviousOptions *options,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* As varve_previous_check(), for one image that is not optional. */
gboolean varve_previous_check_one (const char *role, const char *name, const VarvePreviousOptions *options,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The content key of a layer, or NULL. */
const char *varve_previous_key (const VarvePrevious *previous, guint layer);
/* The layer (the commit layer counted) that has this content key, or VARVE_NO_LAYER. */
guint32 varve_previous_find (const VarvePrevious *previous, const char *key);
/* The images before one of @commit that is built on it: itself and its own, or only its own if it shows that commit, so
 * that building a commit again gives the same image. GPtrArray of VarvePredecessor. */
GPtrArray *varve_previous_predecessors (const VarvePrevious *previous, const char *commit);
