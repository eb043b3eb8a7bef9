/* SPDX-License-Identifier: Apache-2.0 */
/* transport/proxy-reply: what the proxy may answer, and what it may not. */
#include "skopeo/proxy-reply.h"

#include <string.h>

#include "base/error.h"
#include "skopeo/signature-policy.h"

static VarveProxyReply *
parse (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  return varve_proxy_reply_parse (bytes, error);
}

static void
test_right (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveProxyReply) version
      = parse ("{\"success\":true,\"value\":\"0.2.3\",\"pipeid\":0,\"error\":\"\"}", &error);
  g_assert_no_error (error);
  g_assert_true (version->success);
  g_assert_cmpstr (varve_proxy_reply_string (version, NULL), ==, "0.2.3");
  gint64 number;
  g_assert_false (varve_proxy_reply_number (version, &number, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_clear_error (&error);
  g_autoptr (VarveProxyReply) pipe = parse ("{\"success\":true,\"value\":-1,\"pipeid\":9}", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (pipe->pipe_id, ==, 9);
  g_assert_true (varve_proxy_reply_number (pipe, &number, NULL));
  g_assert_cmpint (number, ==, -1);
  g_autoptr (VarveProxyReply) failure
      = parse ("{\"success\":false,\"value\":null,\"pipeid\":0,\"error\":\"no\",\"error_code\":\"other\"}", &error);
  g_assert_no_error (error);
  g_assert_false (failure->success);
  g_assert_cmpstr (failure->message, ==, "no");
  g_assert_null (varve_proxy_reply_string (failure, NULL));
}

static void
test_wrong (void)
{
  static const char *const WRONG[] = {
    "",
    "x",
    "[]",
    "null",
    "1",
    "{}",
    "{\"success\":1}",
    "{\"success\":false,\"success\":true}",
    "{\"success\":true,\"Success\":false}",
    "{\"success\":\"true\"}",
    "{\"success\":true,\"pipeid\":-1}",
    "{\"success\":true,\"pipeid\":4294967296}",
    "{\"success\":true,\"pipeid\":\"1\"}",
    "{\"success\":false,\"error\":1}",
    "{\"success\":true} x",
    "{\"success\":true",
    "{\"success\":true,\"pipeid\":1.5}",
  };
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (parse (WRONG[i], &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
    }
}

static void
test_versions (void)
{
  static const char *const RIGHT[] = { "0.2.3", "0.2.8", "0.2.10" };
  static const char *const WRONG[]
      = { "0.2.2", "0.3.0", "1.0.0", "0.2", "0.2.3.4", "", "0.2.x", "-0.2.3", "0.2.3-rc1" };
  for (guint i = 0; i < G_N_ELEMENTS (RIGHT); i++)
    g_assert_true (varve_proxy_check_version (RIGHT[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (varve_proxy_check_version (WRONG[i], &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED);
    }
}

static void
test_policy (void)
{
  g_assert_false (varve_proxy_enforces_policy ("0.2.3"));
  g_assert_true (varve_proxy_enforces_policy ("0.2.6"));
  g_assert_true (varve_signature_policy_text_accepts_all ("{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}"));
  g_assert_false (varve_signature_policy_text_accepts_all ("{\"default\":[{\"type\":\"reject\"}]}"));
  g_assert_false (
      varve_signature_policy_text_accepts_all ("{\"default\":[{\"type\":\"insecureAcceptAnything\"}],"
                                               "\"transports\":{\"docker\":{\"h/x\":[{\"type\":\"signedBy\"}]}}}"));
  g_assert_false (varve_signature_policy_text_accepts_all ("nonsense"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy-reply/right", test_right);
  g_test_add_func ("/proxy-reply/wrong", test_wrong);
  g_test_add_func ("/proxy-reply/versions", test_versions);
  g_test_add_func ("/proxy-reply/policy", test_policy);
  return g_test_run ();
}
