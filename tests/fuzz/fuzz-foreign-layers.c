/* SPDX-License-Identifier: Apache-2.0 */
/* Layers of images that others made, put on a tree, and filtered for a host's repository. */
#include "tests/fuzz/fuzz.h"

#include "rootfs/spooled-contents.h"
#include "tests/unit/memory-layer.h"
#include "verify/layer-apply.h"
#include "verify/layer-filter.h"

static gboolean
forget (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  return TRUE;
}

static void
filter (const VarveImage *image)
{
  g_autoptr (GError) error = NULL;
  VarvePlainLayer layer = { .image = image };
  VarveSink sink = { .write = forget };
  if (!varve_layer_filter_write (&layer, VARVE_LAYER_FILTER_ALL_TOPLEVELS, &sink, NULL, &error))
    g_assert_nonnull (error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (VarveImage) image = memory_image_new ();
  memory_image_add (image, bytes);
  memory_image_add (image, bytes);
  g_autoptr (VarveTreeContents) contents = varve_spooled_contents_new (NULL);
  if (contents == NULL)
    return 0;
  g_autoptr (VarveTree) tree = varve_tree_new (contents);
  VarveSkipped skipped = { 0 };
  VarveLayerApply apply
      = { .tree = tree, .content = varve_spooled_contents_take, .data = contents, .skipped = &skipped };
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      if (!varve_layer_apply (&apply, image, i, NULL, NULL, &error))
        g_assert_nonnull (error);
    }
  varve_skipped_clear (&skipped);
  filter (image);
  return 0;
}
