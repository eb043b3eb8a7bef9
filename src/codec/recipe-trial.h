/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/extent-file.h"
#include "codec/codec.h"

typedef struct {
  VarveExtentFile *spool; /* of both extents */
  const VarveCodec *codec;
  GBytes *head; /* the beginning of the stream, header included */
  VarveExtent plain, encoded;
} VarveRecipeTrial;

/* Finds the recipe that encodes the plain bytes to exactly the encoded ones. *@out_recipe is NULL when none of the
 * likely recipes does within VARVE_RECIPE_MEMORY_MAX_BYTES. An error means that the system failed or the trial was
 * cancelled. */
gboolean varve_recipe_try (const VarveRecipeTrial *trial, char **out_recipe, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The estimated CPU time of encoding. The speeds are constants measured on one machine, so that a delta does not depend
 * on where it is made. */
double varve_recipe_seconds (const char *recipe, guint64 plain_bytes);
