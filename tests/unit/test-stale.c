/* SPDX-License-Identifier: Apache-2.0 */
/* verify/stale and verify/tree-paths: stale objects are accepted where they are declared and nothing shows them. */
#include "verify/stale.h"

#include "model/image-keys.h"
#include "tests/unit/verify-fixture.h"

static void
stale_as_is (Fixture *fixture)
{
}

static void
stale_shown (Fixture *fixture)
{
  g_ptr_array_remove_index (fixture->layers[2], fixture_find (fixture, 2, ".wh.gone"));
}

static void
stale_below_shown (Fixture *fixture)
{
  set_name (fixture_get (fixture, 2, ".wh.dir"), "usr/dir/.wh.a");
}

static void
stale_whiteout_first (Fixture *fixture)
{
  gpointer entry = g_ptr_array_steal_index (fixture->layers[2], fixture_find (fixture, 2, ".wh.gone"));
  g_ptr_array_add (fixture->layers[1], entry);
}

static void
stale_not_replaced (Fixture *fixture)
{
  g_ptr_array_remove_index (fixture->layers[2], fixture_find (fixture, 2, "etc/conf"));
}

static void
stale_whiteout_of_live (Fixture *fixture)
{
  fixture_add (fixture, 2, '0', "usr/bin/.wh.tool", NULL, 0644, NULL);
}

static void
stale_file_at_directory (Fixture *fixture)
{
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  fixture_add_file (fixture, 1, "other", NULL, none, (const char *const[]){ "usr/bin", NULL });
}

static void
stale_below_file (Fixture *fixture)
{
  set_name (fixture_get (fixture, 1, "usr/gone"), "usr/empty/gone");
  set_name (fixture_get (fixture, 2, ".wh.gone"), "usr/empty/.wh.gone");
}

static void
test_stale (void)
{
  const struct {
    void (*change) (Fixture *fixture);
    const char *objects, *bytes, *errors;
  } cases[] = {
    { stale_as_is, "3", "14", "" },
    { stale_as_is, "2", "14", "layer.stale " },
    { stale_as_is, "3", "15", "layer.stale " },
    { stale_as_is, "3", NULL, "layer.stale " },
    { stale_as_is, "three", "14", "layer.stale " },
    { stale_as_is, NULL, NULL,
      "closure.extra closure.extra closure.extra path.object path.unknown path.unknown path.unknown path.unknown "
      "path.unknown " },
    { stale_shown, "3", "14", "path.unknown " },
    { stale_below_shown, "3", "14", "path.unknown " },
    { stale_whiteout_first, "3", "14", "path.unknown " },
    { stale_not_replaced, "3", "14", "path.object " },
    { stale_whiteout_of_live, "3", "14", "path.whiteout " },
    { stale_file_at_directory, "4", "19", "path.type " },
    { stale_below_file, "3", "14", "path.type " },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      g_autoptr (Fixture) fixture = stale_fixture ();
      cases[i].change (fixture);
      g_autoptr (VarveImage) image = fixture_image (fixture);
      VarveDescriptor *kept = g_ptr_array_index (image->manifest->layers, 1);
      if (cases[i].objects != NULL)
        varve_descriptor_annotate (kept, VARVE_ANNOTATION_STALE_OBJECTS, cases[i].objects);
      if (cases[i].bytes != NULL)
        varve_descriptor_annotate (kept, VARVE_ANNOTATION_STALE_BYTES, cases[i].bytes);
      g_autoptr (VarveFindings) findings = verify (image, 2);
      g_autofree char *errors = list (findings, VARVE_SEVERITY_ERROR), *notes = list (findings, VARVE_SEVERITY_NOTE);
      g_assert_cmpstr (errors, ==, cases[i].errors);
      g_assert_cmpstr (notes, ==, cases[i].objects != NULL ? "" : "path.repeated ");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stale/declared", test_stale);
  return g_test_run ();
}
