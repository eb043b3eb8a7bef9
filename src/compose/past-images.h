/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "chunker/ledger.h"
#include "oci/image.h"
#include "skopeo/access.h"

/* The older images of --learn: any images, of which only the changes from one to the next matter. */

typedef struct {
  char *name; /* as the user named it */
  VarveImage *image;
  VarveLedger *ledger; /* with history, of the whole image; NULL: its layers tell what it has */
  gint64 time;         /* seconds since 1970, see below */
} VarvePastImage;

typedef struct {
  const char *const *names; /* image references; NULL-terminated, or NULL */
  const char *architecture; /* as for varve_image_open() */
  VarveAccess *access;      /* may be NULL */
} VarvePastImagesOptions;

/* VarvePastImage, owned, newest first: in the order of `created`, or, where an image has none, of @names, oldest first.
 * An image named twice counts once, and the oldest of more than a ledger has room for do not count. Each time is before
 * that of the next newer image, the newest's before @now: if `created` is later or missing, it is the day before. Only
 * manifests and configs are read. Errors name the image. */
GPtrArray *varve_past_images_open (const VarvePastImagesOptions *options, gint64 now, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
