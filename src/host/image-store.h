/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/digest.h"

/* Where a host keeps images that are not in its OSTree repository. Programs of the host read and write it. */

/* The name of the image in the layout that a store takes. */
#define VARVE_IMAGE_STORE_REF "prefetch"

typedef struct {
  const char *name;          /* for messages */
  gboolean finds_by_diff_id; /* so that an upgrade also uses a layer that was stored without its compression */
  /* Whether an upgrade would find the layer there. */
  gboolean (*has_layer) (gpointer data, const VarveDigest *digest, const VarveDigest *diff_id, gboolean *out_has,
                         GError **error);
  /* Stores the image of a layout and keeps it from pruning, in place of the one before. Layers that the store has may
   * be missing in the layout. */
  gboolean (*take) (gpointer data, const char *layout_path, GCancellable *cancellable, GError **error);
  /* Removes what take() keeps, if it is there. */
  gboolean (*clear) (gpointer data, gboolean *out_had, GCancellable *cancellable, GError **error);
  void (*free) (gpointer data);
  gpointer data;
} VarveImageStore;

void varve_image_store_free (VarveImageStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveImageStore, varve_image_store_free)
