#pragma once

#include "compose/draft.h"
#include "compose/image-config.h"
#include "compose/report.h"
#include "emit/compress.h"
#include "skopeo/reference.h"

/* The main job: a commit of an OSTree repository becomes an image. */
typedef struct {
  VarveDraftOptions draft;
  VarveImageConfigOptions config;
  VarveCompressOptions compress; /* its workers are not looked at */
  gboolean is_thin;              /* blobs of reused layers are left out of the layout */
  gboolean prunes;               /* removes what earlier builds into the same layout have replaced */
} VarveBuildOptions;

#define VARVE_BUILD_OPTIONS_INIT { .draft = VARVE_DRAFT_OPTIONS_INIT, .compress = VARVE_COMPRESS_OPTIONS_INIT }

/* Writes the image to @target. Until it is whole nothing of it is visible there. Layers of the previous image that
 * @target's repository has are neither fetched nor sent. */
VarveReport *varve_build (const VarveBuildOptions *options, const VarveReference *target, VarveObserver *observer,
                          GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
