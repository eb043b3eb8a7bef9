/* SPDX-License-Identifier: Apache-2.0 */
/* base/digest: the algorithm, and what is taken for a digest. */
#include "base/digest.h"

#include "base/error.h"

static void
test_empty (void)
{
  VarveDigest digest = varve_digest_of ("", 0);
  g_autofree char *string = varve_digest_to_string (&digest);
  g_assert_cmpstr (string, ==, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
test_streamed_equals_whole (void)
{
  g_autoptr (VarveHash) hash = varve_hash_new ();
  for (int round = 0; round < 2; round++) /* finishing starts it anew */
    {
      varve_hash_update (hash, "var", 3);
      varve_hash_update (hash, "ve", 2);
      VarveDigest streamed = varve_hash_finish (hash), whole = varve_digest_of ("varve", 5);
      g_assert_cmpint (varve_digest_compare (&streamed, &whole), ==, 0);
    }
}

static void
test_round_trip (void)
{
  VarveDigest digest = varve_digest_of ("varve", 5), read;
  g_autofree char *string = varve_digest_to_string (&digest);
  g_autoptr (GError) error = NULL;
  g_assert_true (varve_digest_from_string (string, &read, &error));
  g_assert_no_error (error);
  g_assert_true (varve_digest_table_equal (&digest, &read));
}

static void
test_refused (void)
{
  static const char *const WRONG[] = {
    "",
    "sha256:",
    "sha256:../../../../etc/passwd",
    "sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8555",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  };
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      VarveDigest digest;
      g_autoptr (GError) error = NULL;
      g_assert_false (varve_digest_from_string (WRONG[i], &digest, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/digest/empty", test_empty);
  g_test_add_func ("/digest/streamed-equals-whole", test_streamed_equals_whole);
  g_test_add_func ("/digest/round-trip", test_round_trip);
  g_test_add_func ("/digest/refused", test_refused);
  return g_test_run ();
}
