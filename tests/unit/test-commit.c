/* SPDX-License-Identifier: Apache-2.0 */
/* ostree/commit and ostree/dirmeta: the fields, and what is refused. */
#include "ostree/commit.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "ostree/dirmeta.h"

static GVariant *
bytes_of (guint8 fill, gsize size_bytes)
{
  guint8 bytes[64];
  memset (bytes, fill, sizeof bytes);
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, size_bytes, 1);
}

static GBytes *
commit_with (gsize parent_bytes, gsize root_bytes)
{
  g_auto (GVariantDict) metadata = G_VARIANT_DICT_INIT (NULL);
  g_variant_dict_insert (&metadata, "ostree.bootable", "b", TRUE);
  g_variant_dict_insert (&metadata, "version", "s", "12.1");
  g_variant_dict_insert (&metadata, "ostree.container-cmd", "^as", (const char *const[]){ "/sbin/init", NULL });
  g_autoptr (GVariant) related = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("(say)"), NULL, 0));
  g_autoptr (GVariant) variant = g_variant_ref_sink (
      g_variant_new ("(@a{sv}@ay@a(say)sst@ay@ay)", g_variant_dict_end (&metadata), bytes_of (7, parent_bytes), related,
                     "subject", "body", GUINT64_TO_BE (872879442), bytes_of (1, root_bytes), bytes_of (2, 32)));
  return g_variant_get_data_as_bytes (variant);
}

static void
test_commit (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) raw = commit_with (32, 32);
  g_autoptr (VarveCommit) commit = varve_commit_parse (raw, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (commit->subject, ==, "subject");
  g_assert_cmpstr (commit->body, ==, "body");
  g_assert_cmpuint (commit->timestamp, ==, 872879442);
  g_assert_cmpuint (commit->parent->bytes[0], ==, 7);
  g_assert_cmpuint (commit->root_dirtree.bytes[31], ==, 1);
  g_assert_cmpuint (commit->root_dirmeta.bytes[31], ==, 2);
  g_assert_cmpstr (varve_commit_find_string (commit, "version"), ==, "12.1");
  g_assert_null (varve_commit_find_string (commit, "ostree.bootable"));
  gboolean bootable = FALSE;
  g_assert_true (varve_commit_find_boolean (commit, "ostree.bootable", &bootable));
  g_assert_true (bootable);
  g_assert_false (varve_commit_find_boolean (commit, "version", &bootable));
  g_auto (GStrv) command = varve_commit_find_strings (commit, "ostree.container-cmd");
  g_assert_cmpstr (command[0], ==, "/sbin/init");
}

static void
test_commit_refused (void)
{
  static const gsize SIZES[][2] = { { 31, 32 }, { 0, 0 }, { 0, 33 } };
  for (guint i = 0; i < G_N_ELEMENTS (SIZES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) raw = commit_with (SIZES[i][0], SIZES[i][1]);
      g_assert_null (varve_commit_parse (raw, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
    }
  g_autoptr (GBytes) whole = commit_with (0, 32);
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (whole, 0, g_bytes_get_size (whole) - 1);
  g_assert_null (varve_commit_parse (cut, NULL));
}

static void
test_dirmeta (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) raw = g_bytes_new_static ("\0\0\0\0\0\0\0\0\0\0\x41\xed", 12);
  g_autoptr (VarveDirmeta) dirmeta = varve_dirmeta_parse (raw, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (dirmeta->mode, ==, S_IFDIR | 0755);
  g_assert_cmpuint (g_bytes_get_size (dirmeta->xattrs), ==, 0);
}

static GBytes *
dirmeta_with (guint32 mode, const char *first, const char *second)
{
  g_auto (GVariantBuilder) xattrs = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ayay)"));
  g_variant_builder_add (&xattrs, "(^ay^ay)", first, "value");
  g_variant_builder_add (&xattrs, "(^ay^ay)", second, "value");
  g_autoptr (GVariant) variant
      = g_variant_ref_sink (g_variant_new ("(uuua(ayay))", 0, 0, GUINT32_TO_BE (mode), &xattrs));
  return g_variant_get_data_as_bytes (variant);
}

static void
test_dirmeta_refused (void)
{
  const struct {
    guint32 mode;
    const char *first, *second, *message;
  } cases[] = {
    { S_IFREG | 0755, "a", "b", ": expected a directory" },
    { S_IFDIR | 0755 | 0x10000, "a", "b", ": expected a directory" },
    { S_IFDIR | 0755, "b", "a", "not sorted" },
    { S_IFDIR | 0755, "a", "a", "not sorted" },
    { S_IFDIR | 0755, "", "a", "a name is empty or does not end in its first NUL byte" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) raw = dirmeta_with (cases[i].mode, cases[i].first, cases[i].second);
      g_assert_null (varve_dirmeta_parse (raw, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
      g_assert_nonnull (strstr (error->message, cases[i].message));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/commit/fields", test_commit);
  g_test_add_func ("/commit/refused", test_commit_refused);
  g_test_add_func ("/dirmeta/fields", test_dirmeta);
  g_test_add_func ("/dirmeta/refused", test_dirmeta_refused);
  return g_test_run ();
}
