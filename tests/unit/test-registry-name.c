/* SPDX-License-Identifier: Apache-2.0 */
/* skopeo/registry-name: the grammar of hosts, repository names and tags, at its limits. */
#include "skopeo/registry-name.h"

#include <string.h>

static void
test_names (void)
{
  static const char HOST[] = "has an invalid host", PORT[] = "has an invalid port", NO_HOST[] = "has no host",
                    NAME[] = "has an invalid repository name (lower-case letters, digits, single separators)",
                    NOTHING[] = "has no host or no repository";
  static const struct {
    const char *name, *problem;
  } CASES[] = {
    { "quay.io/os/os", NULL }, { "localhost/os", NULL },    { "Quay.IO/os", NULL },
    { "h:1/os", NULL },        { "h:65535/os", NULL },      { "[::1]/os", NULL },
    { "[::1]:5000/os", NULL }, { "a-b--c.d/x", NULL },      { "q.io/a.b_c__d-e---f/0", NULL },
    { "", NOTHING },           { "os", NOTHING },           { "/os", HOST },
    { "library/os", NO_HOST }, { "LOCALHOST/os", NO_HOST }, { "localhosts/os", NO_HOST },
    { "h:/os", PORT },         { "h:0/os", PORT },          { "h:65536/os", PORT },
    { "h:+1/os", PORT },       { "h:1:2/os", PORT },        { "[::1]:/os", PORT },
    { "[::1]x/os", HOST },     { "[::g]/os", HOST },        { "[]/os", HOST },
    { "[::1/os", HOST },       { "-a.b/os", HOST },         { "a-.b/os", HOST },
    { "a..b/os", HOST },       { "a.b./os", HOST },         { "a_b.c/os", HOST },
    { "q.io/", NAME },         { "q.io//os", NAME },        { "q.io/os/", NAME },
    { "q.io/OS", NAME },       { "q.io/a..b", NAME },       { "q.io/a___b", NAME },
    { "q.io/-a", NAME },       { "q.io/a-", NAME },         { "q.io/a.-b", NAME },
    { "q.io/a b", NAME },      { "q.io/../b", NAME },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("%s", CASES[i].name);
      g_assert_cmpstr (varve_registry_name_problem (CASES[i].name), ==, CASES[i].problem);
    }
}

static void
test_length (void)
{
  g_autofree char *longest = g_strnfill (255, 'a');
  memcpy (longest, "q.io/", 5);
  g_autofree char *longer = g_strconcat (longest, "a", NULL);
  g_assert_null (varve_registry_name_problem (longest));
  g_assert_cmpstr (varve_registry_name_problem (longer), ==, "is longer than 255 bytes");
}

static void
test_tags (void)
{
  static const char *const RIGHT[] = { "1", "_", "latest", "A.b-c_9", "1..--" };
  static const char *const WRONG[] = { "", ".a", "-a", "a:b", "a/b", "a b", "a@b", "\303\244" };
  g_autofree char *longest = g_strnfill (128, 'x'), *longer = g_strnfill (129, 'x');
  for (guint i = 0; i < G_N_ELEMENTS (RIGHT); i++)
    g_assert_true (varve_registry_name_is_tag (RIGHT[i]));
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    g_assert_false (varve_registry_name_is_tag (WRONG[i]));
  g_assert_true (varve_registry_name_is_tag (longest));
  g_assert_false (varve_registry_name_is_tag (longer));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/registry-name/names", test_names);
  g_test_add_func ("/registry-name/length", test_length);
  g_test_add_func ("/registry-name/tags", test_tags);
  return g_test_run ();
}
