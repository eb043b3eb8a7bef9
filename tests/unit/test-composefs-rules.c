/* SPDX-License-Identifier: Apache-2.0 */
/* verify/composefs-rules: the limit. tests/integration/composefs has the other rules. */
#include "verify/composefs-rules.h"

#include "model/tree.h"
#include "tests/unit/image-fixture.h"

static void
free_layer (gpointer data)
{
  varve_composefs_layer_free (data);
}

/* Two layers with the folders that an image needs, the last one with more. */
static GPtrArray *
layers_new (void)
{
  static const char *const FOLDERS[][3] = { { "usr", "boot", "usr/bin" }, { "sysroot", "usr/lib", "usr/share" } };
  GPtrArray *layers = g_ptr_array_new_with_free_func (free_layer);
  for (guint i = 0; i < G_N_ELEMENTS (FOLDERS); i++)
    {
      VarveComposefsLayer *layer = varve_composefs_layer_new ();
      for (guint j = 0; j < G_N_ELEMENTS (FOLDERS[i]); j++)
        {
          VarveForeignEntry entry = { .type = VARVE_FOREIGN_DIRECTORY, .name = FOLDERS[i][j], .mode = 0755 };
          varve_composefs_layer_add (layer, FOLDERS[i][j], &entry);
        }
      g_ptr_array_add (layers, layer);
    }
  return layers;
}

static void
test_limit (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = fixture_image (fixture);
  g_autoptr (GPtrArray) layers = layers_new ();
  g_autoptr (VarveFindings) all = varve_findings_new (), some = varve_findings_new ();
  varve_composefs_rules_check (image, layers, VARVE_TREE_NODES_MAX, all);
  g_assert_cmpuint (varve_findings_count (all, VARVE_SEVERITY_ERROR), ==, 0);
  varve_composefs_rules_check (image, layers, 2, some);
  g_assert_cmpuint (varve_findings_count (some, VARVE_SEVERITY_ERROR), ==, 1);
  g_assert_cmpstr (varve_findings_get (some, VARVE_SEVERITY_ERROR, 0)->rule, ==, "composefs.limit");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/composefs-rules/limit", test_limit);
  return g_test_run ();
}
