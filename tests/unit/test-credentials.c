/* SPDX-License-Identifier: Apache-2.0 */
/* skopeo/credentials and skopeo/challenge: which entry of an authfile is for a repository, and what a registry asks. */
#include "skopeo/credentials.h"

#include <string.h>

#include "base/error.h"
#include "skopeo/challenge.h"

/* "a:1", "b:2", "c:3" */
#define AUTHS                                                                                                          \
  "{\"auths\":{\"h.example\":{\"auth\":\"YTox\"},\"h.example/ns\":{\"auth\":\"Yjoy\"},"                                \
  "\"https://other.example/v1/\":{\"auth\":\"Yzoz\"}}}"

static gboolean
parse (const char *text, const char *repository, VarveCredentials *credentials, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  return varve_credentials_parse (bytes, repository, credentials, error);
}

static void
test_longest (void)
{
  static const struct {
    const char *repository, *user, *password;
  } CASES[] = {
    { "h.example/x", "a", "1" },     { "h.example/ns/x", "b", "2" },    { "h.example/nsx", "a", "1" },
    { "other.example/x", "c", "3" }, { "third.example/x", NULL, NULL }, { "h.example:5000/x", NULL, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (VarveCredentials) credentials = { 0 };
      g_assert_true (parse (AUTHS, CASES[i].repository, &credentials, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (credentials.user, ==, CASES[i].user);
      g_assert_cmpstr (credentials.password, ==, CASES[i].password);
    }
}

static void
test_refused (void)
{
  static const struct {
    const char *text;
    VarveError code;
  } CASES[] = {
    { "", VARVE_ERROR_CORRUPT },
    { "[]", VARVE_ERROR_CORRUPT },
    { "{\"auths\":[]}", VARVE_ERROR_CORRUPT },
    { "{\"auths\":{\"h\":1}}", VARVE_ERROR_CORRUPT },
    { "{\"auths\":{\"h\":{\"identitytoken\":\"t\"}}}", VARVE_ERROR_UNSUPPORTED },
    { "{\"credHelpers\":{\"h\":\"pass\"}}", VARVE_ERROR_UNSUPPORTED },
    { "{\"auths\":{\"h\":{}},\"credsStore\":\"pass\"}", VARVE_ERROR_UNSUPPORTED },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (VarveCredentials) credentials = { 0 };
      g_assert_false (parse (CASES[i].text, "h/x", &credentials, &error));
      g_assert_error (error, VARVE_ERROR, (int)CASES[i].code);
      g_assert_null (credentials.user);
    }
}

static void
test_challenge (void)
{
  g_auto (VarveChallenge) bearer = { 0 }, basic = { 0 }, odd = { 0 };
  varve_challenge_parse (
      "Bearer realm=\"https://a.example/token?x=1\",service=\"s p\",scope=\"repository:n:pull,push\"", &bearer);
  g_assert_true (bearer.is_bearer);
  g_autofree char *url = varve_challenge_token_url (&bearer);
  g_assert_cmpstr (url, ==, "https://a.example/token?x=1&service=s%20p&scope=repository%3An%3Apull%2Cpush");
  varve_challenge_parse ("Basic realm=\"x\"", &basic);
  g_assert_false (basic.is_bearer);
  varve_challenge_parse ("bearer  Realm=\"a\\\"b, realm=c, =,= junk", &odd);
  g_assert_true (odd.is_bearer);
  g_assert_cmpstr (odd.realm, ==, "a\"b, realm=c, =,= junk");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/credentials/longest", test_longest);
  g_test_add_func ("/credentials/refused", test_refused);
  g_test_add_func ("/credentials/challenge", test_challenge);
  return g_test_run ();
}
