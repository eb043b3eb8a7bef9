/* SPDX-License-Identifier: Apache-2.0 */
/* compose/reused-layer: a layer of the previous image is reused only if its blob has its digest and diff ID. */
#include "compose/reused-layer.h"

#include "base/error.h"
#include "model/image-keys.h"
#include "tests/unit/tinyimage.h"

/* The last layer of a tiny image, and a layout to get it into. */
typedef struct {
  TinyFolder *from, *to;
  VarvePrevious previous;
  VarveDescriptor *blob;
  VarveLayout *layout;
} World;

static void
world_clear (World *world)
{
  varve_layout_free (world->layout);
  varve_descriptor_free (world->blob);
  varve_blobs_free (world->previous.blobs);
  tiny_remove (world->from);
  tiny_remove (world->to);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static World
world_new (void)
{
  World world = { .from = tiny_folder (), .to = tiny_folder (), .previous.name = (char *)"previous" };
  g_autoptr (VarveLayout) layout = tiny_layout (world.from);
  g_autoptr (GError) error = NULL;
  VarveDigest digest = tiny_add_text (layout, "a tar");
  world.blob = varve_descriptor_new (VARVE_MEDIA_TYPE_LAYER, &digest, strlen ("a tar"));
  g_autoptr (VarveDescriptor) image = tiny_image (layout, "image");
  g_assert_true (varve_layout_publish (layout, image, "x", &error));
  g_assert_no_error (error);
  g_clear_pointer (&layout, varve_layout_free);
  layout = tiny_layout (world.from);
  tiny_add_text (layout, "a tar");
  world.previous.blobs = varve_layout_read (world.from, &error);
  g_assert_no_error (error);
  world.layout = tiny_layout (world.to);
  return world;
}

static void
test_right (void)
{
  g_auto (World) world = world_new ();
  g_autoptr (GError) error = NULL;
  VarveDigest diff_id = varve_digest_of ("a tar", 5);
  for (guint i = 0; i < 2; i++) /* the second time the layout has it */
    {
      g_assert_true (varve_reused_layer_get (world.layout, &world.previous, world.blob, &diff_id, NULL, &error));
      g_assert_no_error (error);
    }
  g_assert_true (varve_layout_has_blob (world.layout, &world.blob->digest, world.blob->size_bytes));
}

static void
test_wrong_diff_id (void)
{
  g_auto (World) world = world_new ();
  VarveDigest claimed = varve_digest_of ("another tar", 11);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      if (i == 1)
        tiny_add_text (world.layout, "a tar");
      g_assert_false (varve_reused_layer_get (world.layout, &world.previous, world.blob, &claimed, NULL, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
      g_assert_nonnull (strstr (error->message, "the tar has the digest sha256:"));
    }
}

static void
test_annotation (void)
{
  g_auto (World) world = world_new ();
  g_autoptr (GError) error = NULL;
  VarveDigest diff_id = varve_digest_of ("a tar", 5), other = varve_digest_of ("another tar", 11);
  g_autofree char *text = varve_digest_to_string (&diff_id);
  g_assert_true (varve_reused_layer_check (world.blob, &other, &error));
  varve_descriptor_annotate (world.blob, VARVE_ANNOTATION_DIFF_ID, text);
  g_assert_true (varve_reused_layer_check (world.blob, &diff_id, &error));
  g_assert_no_error (error);
  g_assert_false (varve_reused_layer_check (world.blob, &other, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reused-layer/right", test_right);
  g_test_add_func ("/reused-layer/wrong-diff-id", test_wrong_diff_id);
  g_test_add_func ("/reused-layer/annotation", test_annotation);
  return g_test_run ();
}
