/* SPDX-License-Identifier: Apache-2.0 */
/* skopeo/signature-policy: a policy accepts all images only if each requirement does. */
#include "skopeo/signature-policy.h"

#include <string.h>

#define ACCEPT "{\"type\":\"insecureAcceptAnything\"}"
#define SIGNED "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"/k\"}"

static void
test_text (void)
{
  static const struct {
    const char *text;
    gboolean accepts_all;
  } CASES[] = {
    { "{\"default\":[" ACCEPT "]}", TRUE },
    { "{\"default\":[{\"type\":\"reject\"}]}", FALSE },
    { "{\"default\":[" SIGNED "]}", FALSE },
    { "{\"default\":[" ACCEPT "," SIGNED "]}", FALSE },
    { "{\"default\":[" ACCEPT "],\"transports\":{\"docker-daemon\":{\"\":[" ACCEPT "]}}}", TRUE },
    { "{\"default\":[" ACCEPT "],\"transports\":{\"docker\":{\"quay.io\":[" SIGNED "]}}}", FALSE },
    { "{\"default\":[" ACCEPT "],\"transports\":{\"docker\":{\"type\":[" ACCEPT "]}}}", TRUE },
    { "{\"default\":[" ACCEPT "],\"transports\":{\"docker\":{\"type\":[" SIGNED "]}}}", FALSE },
    { "", FALSE },
    { "{\"default\":[" ACCEPT "]", FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("%s", CASES[i].text);
      g_assert_cmpint (varve_signature_policy_text_accepts_all (CASES[i].text), ==, CASES[i].accepts_all);
    }
}

static void
test_default (void)
{
  static const struct {
    const char *text, *message; /* NULL: right */
  } CASES[] = {
    { "{\"default\":[{\"type\":\"reject\"}]}", NULL },
    { "{\"default\":[" SIGNED "]}", NULL },
    { "{\"default\":[" ACCEPT "," SIGNED "]}", NULL },
    { "{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"docker\":{\"quay.io\":[" ACCEPT "]}}}", NULL },
    { "{\"default\":[" ACCEPT "]}", "set the default to 'reject'" },
    { "{\"default\":[" ACCEPT "],\"transports\":{\"docker\":{\"quay.io\":[" SIGNED "]}}}",
      "set the default to 'reject'" },
    { "{\"default\":[]}", "'default' is not a list of requirements" },
    { "{\"default\":{}}", "'default' is not a list of requirements" },
    { "{}", "'default' is not a list of requirements" },
    { "[]", "'default' is not a list of requirements" },
    { "nonsense", "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", CASES[i].text);
      g_assert_cmpint (varve_signature_policy_text_check_default (CASES[i].text, &error), ==, CASES[i].message == NULL);
      if (CASES[i].message != NULL)
        g_assert_nonnull (strstr (error->message, CASES[i].message));
      else
        g_assert_no_error (error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/signature-policy/text", test_text);
  g_test_add_func ("/signature-policy/default", test_default);
  return g_test_run ();
}
