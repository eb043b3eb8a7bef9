/* SPDX-License-Identifier: Apache-2.0 */
/* ostree/ref-escape: as ostree-ext's refescape.rs, whose own examples these are in part. */
#include "ostree/ref-escape.h"

#include <glib.h>

static void
test_escape (void)
{
  static const char *const CASES[][2] = {
    { "", "" },
    { "foo", "foo" },
    { "-", "-" },
    { "foo_bar", "foo__bar" },
    { "_", "__" },
    { "/", "_2F_" },
    { "a/", "a_2F_" },
    { "a/b", "a/b" },
    { "a//b", "a/_2F_b" },
    { "a-/b", "a-_2F_b" },
    { "sha256:0a9f", "sha256_3A_0a9f" },
    { "docker://quay.io/os_x:1.2", "docker_3A__2F__2F_quay_2E_io/os__x_3A_1_2E_2" },
    { "registry:quay.io/coreos/fedora:latest", "registry_3A_quay_2E_io/coreos/fedora_3A_latest" },
    { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "_E4__20AC__1F600_" },
    { "\t ~", "_09__20__7E_" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *escaped = varve_ref_escape (CASES[i][0]);
      g_assert_cmpstr (escaped, ==, CASES[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ref-escape/escape", test_escape);
  return g_test_run ();
}
