/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/image-options.h"
#include "host/prefetch-deltas.h"

/* The source of a prefetch: an image, or a delta with or without its target image. */

typedef struct {
  const char *name;   /* image or delta; a plain path is an archive. With @folder an image, or NULL for the one in it */
  const char *folder; /* of varve_bundle(), from which deltas and layers come; NULL: none */
  const char *wanted; /* target image, used even if a delta cannot be; may be NULL */
  gboolean needs_delta; /* fail if @name is an image */
  const char *architecture;
  const VarveImageOptions *images;
  VarvePrefetchDeltaOptions delta;
} VarvePrefetchSourceOptions;

typedef struct {
  VarvePrefetchDelta *delta; /* NULL if no delta was named, or it is not used */
  VarveImage *image;
  char *image_name;
  VarvePrefetchFound found; /* what varve_prefetch_source_search() found */
} VarvePrefetchSource;

/* If @wanted is set, a delta that cannot be opened or has another target is only a warning. */
VarvePrefetchSource *varve_prefetch_source_open (const VarvePrefetchSourceOptions *options, VarveSession *session,
                                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Looks for deltas where the image is, unless one was named. */
gboolean varve_prefetch_source_search (VarvePrefetchSource *source, const VarvePrefetchSourceOptions *options,
                                       VarvePrefetchSearch *search, VarveSession *session, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The layers that deltas make; NULL if there is no delta. */
const VarveTarSource *varve_prefetch_source_tars (const VarvePrefetchSource *source);
void varve_prefetch_source_free (VarvePrefetchSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePrefetchSource, varve_prefetch_source_free)
