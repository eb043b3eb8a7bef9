/* SPDX-License-Identifier: Apache-2.0 */
/* host/host-reference: the schemes of image references, and references that are rejected. */
#include "host/host-reference.h"

#include "base/error.h"

static void
test_parse (void)
{
  static const struct {
    const char *text;
    VarveHostSignature signature;
    const char *remote, *image;
  } CASES[] = {
    { "ostree-unverified-registry:quay.io/os/os:1", VARVE_HOST_UNVERIFIED, NULL, "docker://quay.io/os/os:1" },
    { "ostree-unverified-image:registry:quay.io/os", VARVE_HOST_UNVERIFIED, NULL, "docker://quay.io/os" },
    { "ostree-unverified-image:docker://quay.io/os", VARVE_HOST_UNVERIFIED, NULL, "docker://quay.io/os" },
    { "ostree-unverified-image:oci:/srv/os:x", VARVE_HOST_UNVERIFIED, NULL, "oci:/srv/os:x" },
    { "ostree-unverified-image:containers-storage:localhost/os", VARVE_HOST_UNVERIFIED, NULL,
      "containers-storage:localhost/os" },
    { "ostree-image-signed:docker://quay.io/os", VARVE_HOST_POLICY, NULL, "docker://quay.io/os" },
    { "ostree-remote-registry:fedora:quay.io/os:1", VARVE_HOST_REMOTE, "fedora", "docker://quay.io/os:1" },
    { "ostree-remote-image:fedora:oci-archive:/srv/os", VARVE_HOST_REMOTE, "fedora", "oci-archive:/srv/os" },
  };
  static const char *const WRONG[] = { "",
                                       "quay.io/os",
                                       "docker://quay.io/os",
                                       "ostree-unverified-registry:",
                                       "ostree-unverified-image:oci",
                                       "ostree-unverified-image:docker:quay.io/os",
                                       "ostree-unverified-image:ftp:x",
                                       "ostree-remote-registry:x",
                                       "ostree-remote-registry::x",
                                       "ostree-remote-image:r:oci",
                                       "ostree-remote-image:r:oci:" };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveHostReference) reference = varve_host_reference_parse (CASES[i].text, &error);
      g_assert_no_error (error);
      g_assert_cmpint (reference->signature, ==, CASES[i].signature);
      g_assert_cmpstr (reference->remote, ==, CASES[i].remote);
      g_assert_cmpstr (reference->image, ==, CASES[i].image);
    }
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (varve_host_reference_parse (WRONG[i], &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host-reference/parse", test_parse);
  return g_test_run ();
}
