/* SPDX-License-Identifier: Apache-2.0 */
/* oci/predecessors: the annotation as text and back, its bounds, and texts that are refused. */
#include "oci/predecessors.h"

#include "base/error.h"
#include "model/image-keys.h"

static VarveDigest
digest_of (guint number)
{
  return varve_digest_of (&number, sizeof number);
}

static GPtrArray *
read_text (const char *text, GError **error)
{
  g_autoptr (VarveManifest) manifest = varve_manifest_new ();
  varve_manifest_annotate (manifest, VARVE_ANNOTATION_PREDECESSORS, text);
  return varve_predecessors_read (manifest, error);
}

static void
test_round_trip (void)
{
  VarveDigest one = digest_of (1), two = digest_of (2);
  g_autoptr (GPtrArray) list = varve_predecessors_new ();
  g_ptr_array_add (list, varve_predecessor_new (&two, "13.2", "2026-11-30T00:00:00Z"));
  g_ptr_array_add (list, varve_predecessor_new (&one, NULL, NULL));
  g_autofree char *text = varve_predecessors_to_text (list);
  g_autofree char *first = varve_digest_to_string (&two), *second = varve_digest_to_string (&one);
  g_autofree char *expected
      = g_strdup_printf ("[{\"digest\":\"%s\",\"time\":\"2026-11-30T00:00:00Z\",\"version\":\"13.2\"},"
                         "{\"digest\":\"%s\"}]",
                         first, second);
  g_assert_cmpstr (text, ==, expected);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) again = read_text (text, &error);
  g_assert_no_error (error);
  g_autofree char *text_again = varve_predecessors_to_text (again);
  g_assert_cmpstr (text_again, ==, text);
}

static void
test_absent (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveManifest) manifest = varve_manifest_new ();
  g_autoptr (GPtrArray) list = varve_predecessors_read (manifest, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 0);
}

static void
test_append (void)
{
  g_autoptr (GPtrArray) list = varve_predecessors_new (), more = varve_predecessors_new ();
  for (guint i = 0; i < VARVE_PREDECESSORS_MAX + 3; i++)
    {
      VarveDigest digest = digest_of (i / 2); /* each twice */
      g_ptr_array_add (more, varve_predecessor_new (&digest, NULL, NULL));
    }
  varve_predecessors_append (list, more);
  g_assert_cmpuint (list->len, ==, (VARVE_PREDECESSORS_MAX + 4) / 2);
  g_ptr_array_set_size (more, 0);
  for (guint i = 0; i < VARVE_PREDECESSORS_MAX; i++)
    {
      VarveDigest digest = digest_of (100 + i);
      g_ptr_array_add (more, varve_predecessor_new (&digest, NULL, NULL));
    }
  varve_predecessors_append (list, more);
  g_assert_cmpuint (list->len, ==, VARVE_PREDECESSORS_MAX);
  VarveDigest first = digest_of (0), last = digest_of (100 + VARVE_PREDECESSORS_MAX - 1);
  g_assert_true (varve_predecessors_have (list, &first));
  g_assert_false (varve_predecessors_have (list, &last));
}

static void
test_refused (void)
{
  static const char *const TEXTS[] = { "", "{}", "[1]", "[{}]", "[{\"digest\":\"sha256:00\"}]", "[]x" };
  for (guint i = 0; i < G_N_ELEMENTS (TEXTS); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) list = read_text (TEXTS[i], &error);
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
      g_assert_null (list);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/predecessors/round-trip", test_round_trip);
  g_test_add_func ("/predecessors/absent", test_absent);
  g_test_add_func ("/predecessors/append", test_append);
  g_test_add_func ("/predecessors/refused", test_refused);
  return g_test_run ();
}
