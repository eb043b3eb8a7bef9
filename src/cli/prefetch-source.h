#pragma once

#include "cli/image-options.h"
#include "host/prefetch-delta.h"

/* What a prefetch brings, and where from: an image, or a delta with or without the image that it leads to. */

typedef struct {
  const char *name;     /* of an image or a delta; a plain path is an archive */
  const char *wanted;   /* the image that is wanted in the end, whatever becomes of a delta; may be NULL */
  gboolean needs_delta; /* that @name is an image is an error */
  const char *architecture;
  const VarveImageOptions *images;
  VarvePrefetchDeltaOptions delta;
} VarvePrefetchSourceOptions;

typedef struct {
  VarvePrefetchDelta *delta; /* NULL where there is none that helps */
  VarveImage *image;
  const char *image_name; /* belongs to the options */
} VarvePrefetchSource;

/* A delta that cannot be opened, or that leads elsewhere, is a warning where there is an image that is wanted. */
VarvePrefetchSource *varve_prefetch_source_open (const VarvePrefetchSourceOptions *options, VarveSession *session,
                                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_prefetch_source_free (VarvePrefetchSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePrefetchSource, varve_prefetch_source_free)
