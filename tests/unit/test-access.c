/* SPDX-License-Identifier: Apache-2.0 */
/* transport/access: secrets, and when it is tried again. */
#include "skopeo/access.h"

#include <string.h>

#include "base/error.h"

static void
test_authfile (void)
{
  g_autoptr (VarveAccess) access = varve_access_new ();
  access->creds = g_strdup ("user:pass:word");
  g_autoptr (GBytes) bytes = varve_access_to_authfile (access, "h:1");
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_assert_cmpstr (text, ==, "{\"auths\":{\"h:1\":{\"auth\":\"dXNlcjpwYXNzOndvcmQ=\"}}}");
}

static void
test_redact (void)
{
  g_autoptr (VarveAccess) access = varve_access_new ();
  access->creds = g_strdup ("user:secret");
  access->registry_token = g_strdup ("t0ken");
  g_autofree char *text = varve_access_redact (access, "a user:secret b secret c t0ken user");
  g_assert_cmpstr (text, ==, "a *** b *** c *** user");
}

typedef struct {
  guint calls, failures;
  VarveError code;
} Attempts;

static gboolean
attempt (gpointer data, GError **error)
{
  Attempts *attempts = data;
  if (attempts->calls++ >= attempts->failures)
    return TRUE;
  g_set_error (error, VARVE_ERROR, attempts->code, "failure %u", attempts->calls);
  return FALSE;
}

static gboolean
is_io (const GError *error)
{
  return g_error_matches (error, VARVE_ERROR, VARVE_ERROR_IO);
}

static void
test_retry (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveObserver) observer = varve_observer_new ();
  g_autoptr (VarveAccess) access = varve_access_new ();
  access->retries = 1;
  access->observer = observer;
  Attempts once = { .failures = 1, .code = VARVE_ERROR_IO };
  g_assert_true (varve_access_retry (access, attempt, &once, is_io, &error));
  g_assert_no_error (error);
  g_autofree char *warning = varve_observer_take_warning (observer);
  g_assert_cmpstr (warning, ==, "failure 1; retrying in 1 s");
  Attempts twice = { .failures = 2, .code = VARVE_ERROR_IO };
  g_assert_false (varve_access_retry (access, attempt, &twice, is_io, &error));
  g_assert_cmpstr (error->message, ==, "failure 2");
  g_clear_error (&error);
  Attempts final = { .failures = 1, .code = VARVE_ERROR_NOT_FOUND };
  g_assert_false (varve_access_retry (access, attempt, &final, is_io, &error));
  g_assert_cmpuint (final.calls, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/access/authfile", test_authfile);
  g_test_add_func ("/access/redact", test_redact);
  g_test_add_func ("/access/retry", test_retry);
  return g_test_run ();
}
