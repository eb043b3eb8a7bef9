#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "chunker/ledger.h"
#include "oci/image.h"
#include "skopeo/access.h"

/* What a build knows of the images before it. Only manifests and configs are read, no layer. */

typedef struct {
  char *name; /* as the user named it */
  VarveManifest *manifest;
  GArray *diff_ids;    /* VarveDigest of each layer; a layer whose is not known has only zeros */
  VarveLedger *ledger; /* of a former image that has none: only which components were in which layer */
  char *commit;        /* hexadecimal; NULL when it does not say */
  VarveBlobs *blobs;   /* for the layers; NULL where only a manifest was given */
} VarvePrevious;

void varve_previous_free (VarvePrevious *previous);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePrevious, varve_previous_free)

typedef struct {
  char **names; /* image references or paths of saved manifests, the newest first; NULL-terminated, or NULL */
  const char *architecture; /* of the image that is built; NULL when it is not known */
  VarveAccess *access;      /* to those in registries; may be NULL */
  gboolean is_optional;     /* what cannot be used is a warning */
} VarvePreviousOptions;

/* The newest image, its ledger joined by what the others remember beyond it. TRUE with NULL when there is none, or none
 * that can be used and that is allowed. What is not an image of an OSTree commit, is of another architecture, or
 * damaged, is an error. */
gboolean varve_previous_open (const VarvePreviousOptions *options, VarveObserver *observer,
                              VarvePrevious **out_previous, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The content key of a layer, or NULL. */
const char *varve_previous_key (const VarvePrevious *previous, guint layer);
/* The layer (the commit layer counted) that has this content key, or VARVE_NO_LAYER. */
guint32 varve_previous_find (const VarvePrevious *previous, const char *key);
