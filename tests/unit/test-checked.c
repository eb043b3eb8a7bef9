/* SPDX-License-Identifier: Apache-2.0 */
/* ostree/checked: metadata that parses is taken only with the right checksum, and errors name the object. */
#include "ostree/checked.h"

#include <string.h>

#include "base/error.h"

/* An empty dirtree: two arrays without members, and where the first one ends. */
static const guint8 EMPTY_DIRTREE[] = { 0 };

static GBytes *
load_empty (VarveSource *source, VarveMetadataKind kind, const VarveDigest *checksum, GError **error)
{
  return g_bytes_new_static (EMPTY_DIRTREE, sizeof EMPTY_DIRTREE);
}

static GBytes *
load_nothing (VarveSource *source, VarveMetadataKind kind, const VarveDigest *checksum, GError **error)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "not here");
  return NULL;
}

static void
test_right (void)
{
  g_autoptr (GError) error = NULL;
  VarveSource source = { .load_metadata = load_empty };
  VarveDigest checksum = varve_digest_of (EMPTY_DIRTREE, sizeof EMPTY_DIRTREE);
  g_autoptr (GBytes) raw = varve_checked_load (&source, VARVE_METADATA_DIRTREE, &checksum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (raw), ==, sizeof EMPTY_DIRTREE);
  g_autoptr (VarveDirtree) dirtree = varve_checked_dirtree (&source, &checksum, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (dirtree->n_files, ==, 0);
}

static void
test_wrong (void)
{
  g_autoptr (GError) error = NULL;
  VarveSource source = { .load_metadata = load_empty };
  VarveDigest checksum = varve_digest_of ("other", 5);
  g_autofree char *hex = varve_digest_to_hex (&checksum), *expected = g_strdup_printf ("object %s.dirtree: ", hex);
  g_assert_null (varve_checked_load (&source, VARVE_METADATA_DIRTREE, &checksum, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_assert_true (g_str_has_prefix (error->message, expected));
  g_clear_error (&error);
  g_assert_null (varve_checked_dirtree (&source, &checksum, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;
  VarveSource source = { .load_metadata = load_nothing };
  VarveDigest checksum = varve_digest_of ("other", 5);
  g_assert_null (varve_checked_commit (&source, &checksum, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/checked/right", test_right);
  g_test_add_func ("/checked/wrong", test_wrong);
  g_test_add_func ("/checked/missing", test_missing);
  return g_test_run ();
}
