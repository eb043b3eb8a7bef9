/* SPDX-License-Identifier: Apache-2.0 */
/* explain/stale-places: what is stale at a path or in a layer. */
#include "explain/stale-places.h"

#include "tests/unit/images.h"

static VarveImage *
image_with_stale (void)
{
  static const ImageLayer LAYERS[] = {
    { "commit", NULL, 7, NULL },
    { "kept", NULL, 1000, "a,b" },
    { "also kept", NULL, 160, "a,c" },
    { "new", NULL, 50, "a,b" },
  };
  static const ImageAtom ATOMS[] = { { "a", NULL, 1, 400, 0, { { 0, 0 } } } };
  VarveImage *image = image_new (LAYERS, G_N_ELEMENTS (LAYERS));
  image_add_ledger (image, ATOMS, G_N_ELEMENTS (ATOMS));
  image_add_stale (image, 0, (const char *const[]){ "usr/bin/tool", "usr/lib/tool", NULL }, 10);
  image_add_stale (image, 0, (const char *const[]){ "usr/etc/conf", NULL }, 100);
  image_add_stale (image, 1, (const char *const[]){ "usr/bin/tool", NULL }, 1000);
  image_add_stale (image, 1, (const char *const[]){ NULL }, 10000);
  return image;
}

static void
append_object (GString *text, const VarveStaleObject *object)
{
  g_assert_cmpint (object->since, ==, object->size_bytes * 1000);
  for (char **path = object->paths; *path != NULL; path++)
    g_string_append_printf (text, " /%s", *path);
}

/* "LAYER OBJECTS BYTES PATH PATH; …" */
static void
assert_found (const VarveImage *image, const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) places = varve_stale_places_find (image, name, &error);
  g_autoptr (GString) text = g_string_new (NULL);
  g_assert_no_error (error);
  for (guint i = 0; i < places->len; i++)
    {
      const VarveStalePlace *place = places->pdata[i];
      g_string_append_printf (text, "%s%u %u %u", i > 0 ? "; " : "", place->layer, (guint)place->found.n_objects,
                              (guint)place->found.size_bytes);
      for (guint j = 0; j < place->objects->len; j++)
        append_object (text, place->objects->pdata[j]);
    }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_find (void)
{
  static const char *const CASES[][2] = {
    { "/usr/bin/tool", "1 1 10 /usr/bin/tool; 2 1 1000 /usr/bin/tool" },
    { "usr/bin/", "1 1 10 /usr/bin/tool; 2 1 1000 /usr/bin/tool" },
    { "/usr", "1 2 110 /usr/bin/tool /usr/lib/tool /usr/etc/conf; 2 1 1000 /usr/bin/tool" },
    { "/etc/conf", "1 1 100 /usr/etc/conf" },
    { "/etc", "1 1 100 /usr/etc/conf" },
    { "/usr/bin/to", "" },
    { "/usr/bin/tool/x", "" },
    { "/", "" },
    { "usr", "" }, /* a component */
    { "1", "1 2 110 /usr/bin/tool /usr/lib/tool /usr/etc/conf" },
    { "2", "2 2 11000 /usr/bin/tool" }, /* one object is without a path */
    { "0", "" },
    { "3", "" },
    { "4", "" },
  };
  g_autoptr (VarveImage) image = image_with_stale ();
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    assert_found (image, CASES[i][0], CASES[i][1]);
}

static void
test_unknown (void)
{
  g_autoptr (VarveImage) image = image_with_stale ();
  g_autoptr (GError) error = NULL;
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_LEDGER, NULL);
  assert_found (image, "/usr/bin/tool", "");
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_LEDGER, "1:AAAA");
  g_assert_null (varve_stale_places_find (image, "1", &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stale-places/find", test_find);
  g_test_add_func ("/stale-places/unknown", test_unknown);
  return g_test_run ();
}
