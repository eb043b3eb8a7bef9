/* SPDX-License-Identifier: Apache-2.0 */
/* host/composefs-origin: what deployments say of their image. */
#include "host/composefs-origin.h"

#include <string.h>

#include "base/error.h"
#include "base/temporary-folder.h"

#define DIGEST "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
deploy (const char *sysroot, const char *id, const char *text)
{
  g_autofree char *folder = g_build_filename (sysroot, "state", "deploy", id, NULL);
  g_autofree char *name = g_strconcat (id, ".origin", NULL), *path = g_build_filename (folder, name, NULL);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (text == NULL || g_file_set_contents (path, text, -1, NULL));
}

static void
test_load (void)
{
  static const struct {
    const char *texts[3], *image; /* NULL: none; "!": refused */
    guint n_manifests;
  } CASES[] = {
    { { NULL }, NULL, 0 },
    { { "[origin]\ncontainer-image-reference = ostree-unverified-registry:a/b:1\n" }, "docker://a/b:1", 0 },
    { { "[origin]\ncontainer-image-reference=ostree-unverified-registry:a/b:1\n[image]\nmanifest_digest=" DIGEST "\n",
        "[origin]\ncontainer-image-reference=ostree-unverified-registry:a/b:1\n[image]\nmanifest_digest=" DIGEST "\n" },
      "docker://a/b:1",
      2 },
    { { "[origin]\ncontainer-image-reference=ostree-unverified-registry:a/b:1\n",
        "[origin]\ncontainer-image-reference=ostree-unverified-registry:a/b:2\n" },
      NULL,
      0 },
    { { "[boot]\nboot_type=bls\n" }, NULL, 0 },
    { { "[origin]\ncontainer-image-reference=x\n" }, "!", 0 },
    { { "[image]\nmanifest_digest=sha256:1\n" }, "!", 0 },
    { { "no keys" }, "!", 0 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveTemporaryFolder) folder = varve_temporary_folder_new (NULL, &error);
      g_assert_no_error (error);
      const char *path = varve_temporary_folder_path (folder);
      g_test_message ("%u", i);
      deploy (path, "unfinished", NULL);
      for (guint j = 0; j < 3 && CASES[i].texts[j] != NULL; j++)
        {
          g_autofree char *id = g_strdup_printf ("d%u", j);
          deploy (path, id, CASES[i].texts[j]);
        }
      g_autoptr (VarveComposefsOrigins) origins = varve_composefs_origins_load (path, NULL, &error);
      if (g_strcmp0 (CASES[i].image, "!") == 0)
        {
          g_assert_null (origins);
          g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (origins->reference != NULL ? origins->reference->image : NULL, ==, CASES[i].image);
      g_assert_cmpuint (origins->manifests->len, ==, CASES[i].n_manifests);
      VarveDigest digest;
      g_assert_true (varve_digest_from_string (DIGEST, &digest, NULL));
      g_assert_cmpint (varve_composefs_origins_have (origins, &digest), ==, CASES[i].n_manifests > 0);
    }
}

static void
test_stray (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveTemporaryFolder) folder = varve_temporary_folder_new (NULL, &error);
  const char *path = varve_temporary_folder_path (folder);
  g_autofree char *stray = g_build_filename (path, "state", "deploy", "file", NULL);
  deploy (path, "d", "[image]\nmanifest_digest=" DIGEST "\n");
  g_assert_true (g_file_set_contents (stray, "x", -1, NULL));
  g_autoptr (VarveComposefsOrigins) origins = varve_composefs_origins_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (origins->manifests->len, ==, 1);
}

static void
test_warning (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveObserver) observer = varve_observer_new ();
  g_autoptr (VarveTemporaryFolder) folder = varve_temporary_folder_new (NULL, &error);
  const char *path = varve_temporary_folder_path (folder);
  deploy (path, "damaged", "no keys");
  deploy (path, "d", "[image]\nmanifest_digest=" DIGEST "\n");
  g_autoptr (VarveComposefsOrigins) origins = varve_composefs_origins_load (path, observer, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (origins->manifests->len, ==, 1);
  g_autofree char *warning = varve_observer_take_warning (observer);
  g_assert_nonnull (strstr (warning, "damaged.origin"));
}

static void
test_none (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveComposefsOrigins) origins = varve_composefs_origins_load ("/nowhere", NULL, &error);
  g_assert_no_error (error);
  g_assert_null (origins->reference);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/composefs-origin/load", test_load);
  g_test_add_func ("/composefs-origin/stray", test_stray);
  g_test_add_func ("/composefs-origin/warning", test_warning);
  g_test_add_func ("/composefs-origin/none", test_none);
  return g_test_run ();
}
