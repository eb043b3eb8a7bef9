/* SPDX-License-Identifier: Apache-2.0 */
/* transport/skopeo-message: which of our errors it is, and whether it is worth another attempt. */
#include "skopeo/skopeo-message.h"

#include <string.h>

#include "base/error.h"

static void
test_kinds (void)
{
  static const struct {
    const char *said, *message;
    VarveError code;
    gboolean may_retry;
  } CASES[] = {
    { "time=\"2026-01-01T00:00:00Z\" level=fatal msg=\"reading manifest x in h/a: manifest unknown: manifest "
      "unknown\"\n",
      "skopeo: reading manifest x in h/a: manifest unknown: manifest unknown", VARVE_ERROR_NOT_FOUND, FALSE },
    { "Getting image source signatures\ntime=\"t\" level=warning msg=\"w\"\ntime=\"t\" level=fatal msg=\"Get "
      "\\\"http://h/v2/\\\": dial tcp: "
      "connect: connection refused\" \n",
      "skopeo: Get \"http://h/v2/\": dial tcp: connect: connection refused", VARVE_ERROR_IO, TRUE },
    { "time=\"t\" level=fatal msg=\"unable to retrieve auth token: invalid username/password: unauthorized: EOF\"",
      "skopeo: unable to retrieve auth token: invalid username/password: unauthorized: EOF", VARVE_ERROR_IO, FALSE },
    { "x509: certificate signed by unknown authority", "skopeo: x509: certificate signed by unknown authority",
      VARVE_ERROR_IO, FALSE },
    { "http: server gave HTTP response to HTTPS client",
      "skopeo: http: server gave HTTP response to HTTPS client: the registry does not use TLS, which "
      "--tls-verify=false allows",
      VARVE_ERROR_IO, FALSE },
    { "a\x1b[31m", "skopeo: a\\x1b[31m", VARVE_ERROR_IO, FALSE },
    { "time=\"t\" level=fatal msg=plain", "skopeo: plain", VARVE_ERROR_IO, FALSE },
    { "one\ntwo\n\n", "skopeo: two", VARVE_ERROR_IO, FALSE },
    { "", "skopeo: failed without a message", VARVE_ERROR_IO, FALSE },
    { "corrupted blob, expecting sha256:00", "skopeo: corrupted blob, expecting sha256:00", VARVE_ERROR_CORRUPT,
      FALSE },
    { "received unexpected HTTP status: 503 Service Unavailable",
      "skopeo: received unexpected HTTP status: 503 Service Unavailable", VARVE_ERROR_IO, TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      varve_skopeo_set_error (&error, CASES[i].said);
      g_assert_error (error, VARVE_ERROR, (int)CASES[i].code);
      g_assert_cmpstr (error->message, ==, CASES[i].message);
      g_assert_cmpint (varve_skopeo_may_retry (error), ==, CASES[i].may_retry);
    }
}

static void
test_retries (void)
{
  static const struct {
    const char *reason;
    gboolean may_retry;
  } CASES[] = {
    { "reading manifest x in h/a: error parsing HTTP 429 response body: invalid character 'S' looking for beginning of "
      "value: \"Slow down\\n\"",
      TRUE },
    { "reading manifest x in h/a: StatusCode: 429, Slow down", TRUE },
    { "reading manifest x in h/a: StatusCode: 503, \"\"", TRUE },
    { "fetching blob: invalid status code from registry 504 (Gateway Timeout)", TRUE },
    { "copying: received unexpected HTTP status: 500", TRUE },
    { "uploading: received unexpected HTTP status: 502 Bad Gateway", TRUE },
    { "too many requests to registry", TRUE },
    { "read tcp 10.0.0.1:500->10.0.0.2:443: read: connection reset by peer", TRUE },
    { "dial tcp 10.0.0.1:443: connect: connection timed out", TRUE },
    { "Get \"https://h/v2/\": context deadline exceeded", TRUE },
    { "http2: server sent GOAWAY and closed the connection; LastStreamID=1", TRUE },
    { "StatusCode: 400, bad", FALSE },
    { "StatusCode: 501, not implemented", FALSE },
    { "pinging h:503: unsupported", FALSE },
    { "reading 'h/os:v 503.1': unsupported", FALSE },
    { "blob sha256:ab429 is unsupported, 1500 bytes", FALSE },
    { "error parsing HTTP 403 response body: denied", FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      varve_skopeo_set_error (&error, CASES[i].reason);
      g_test_message ("%s", error->message);
      g_assert_cmpint (varve_skopeo_may_retry (error), ==, CASES[i].may_retry);
    }
}

static void
test_long (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strnfill (100000, 'x');
  varve_skopeo_set_error (&error, text);
  g_assert_cmpuint (strlen (error->message), <, 2000);
}

static void
test_warnings (void)
{
  g_autoptr (GPtrArray) warnings = varve_skopeo_warnings ("time=\"t\" level=warning msg=\"one\\ntwo\"\n"
                                                          "time=\"t\" level=info msg=\"no level=warning \"\nother\n");
  g_assert_cmpuint (warnings->len, ==, 1);
  g_assert_cmpstr (warnings->pdata[0], ==, "one\\x0atwo");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/skopeo-message/kinds", test_kinds);
  g_test_add_func ("/skopeo-message/retries", test_retries);
  g_test_add_func ("/skopeo-message/long", test_long);
  g_test_add_func ("/skopeo-message/warnings", test_warnings);
  return g_test_run ();
}
