/* SPDX-License-Identifier: Apache-2.0 */
/* ostree/dirtree: what is read, and what no listing may contain. */
#include "ostree/dirtree.h"

#include <string.h>

#include "base/error.h"

static GVariant *
checksum (guint8 fill, gsize size_bytes)
{
  guint8 bytes[64];
  memset (bytes, fill, sizeof bytes);
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, size_bytes, 1);
}

/* A listing of @files and @directories, each NULL-terminated. */
static GBytes *
listing (const char *const *files, const char *const *directories, gsize checksum_bytes)
{
  g_auto (GVariantBuilder) file_list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(say)"));
  g_auto (GVariantBuilder) directory_list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sayay)"));
  for (guint8 i = 0; files[i] != NULL; i++)
    g_variant_builder_add (&file_list, "(s@ay)", files[i], checksum (i, checksum_bytes));
  for (guint8 i = 0; directories[i] != NULL; i++)
    g_variant_builder_add (&directory_list, "(s@ay@ay)", directories[i], checksum (i, checksum_bytes),
                           checksum (99, checksum_bytes));
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new (
      "(@a(say)@a(sayay))", g_variant_builder_end (&file_list), g_variant_builder_end (&directory_list)));
  return g_variant_get_data_as_bytes (variant);
}

static const char *const NONE[] = { NULL };

static void
test_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) raw
      = listing ((const char *const[]){ "B", "a", "ä", NULL }, (const char *const[]){ "C", "b", NULL }, 32);
  g_autoptr (VarveDirtree) dirtree = varve_dirtree_parse (raw, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (dirtree->n_files, ==, 3);
  g_assert_cmpuint (dirtree->n_directories, ==, 2);
  g_assert_cmpstr (dirtree->files[2].name, ==, "ä");
  g_assert_cmpuint (dirtree->files[2].checksum.bytes[31], ==, 2);
  g_assert_cmpstr (dirtree->directories[1].name, ==, "b");
  g_assert_cmpuint (dirtree->directories[1].dirtree.bytes[0], ==, 1);
  g_assert_cmpuint (dirtree->directories[1].dirmeta.bytes[0], ==, 99);
}

static void
test_empty (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) raw = g_bytes_new_static ("\0", 1);
  g_autoptr (VarveDirtree) dirtree = varve_dirtree_parse (raw, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (dirtree->n_files + dirtree->n_directories, ==, 0);
  VarveDigest digest = varve_digest_of ("\0", 1);
  g_autofree char *hex = varve_digest_to_hex (&digest);
  g_assert_cmpstr (hex, ==, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

static void
assert_refused (GBytes *raw, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (varve_dirtree_parse (raw, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_names (void)
{
  g_autofree char *long_name = g_strnfill (256, 'x');
  const struct {
    const char *files[3], *directories[3], *message;
  } cases[] = {
    { { "" }, { NULL }, ": not a file name" },
    { { "." }, { NULL }, ": not a file name" },
    { { "a/b" }, { NULL }, ": not a file name" },
    { { NULL }, { ".." }, ": not a file name" },
    { { NULL }, { "/" }, ": not a file name" },
    { { "b", "a" }, { NULL }, ": out of order or duplicate" },
    { { "a", "a" }, { NULL }, ": out of order or duplicate" },
    { { NULL }, { "a", "a" }, ": out of order or duplicate" },
    { { "a", "b" }, { "b" }, ": both a file and a directory" },
    { { long_name }, { NULL }, ": longer than 255 bytes" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) raw = listing (cases[i].files, cases[i].directories, 32);
      assert_refused (raw, cases[i].message);
    }
}

static void
test_bytes (void)
{
  g_autoptr (GBytes) short_checksum = listing ((const char *const[]){ "a", NULL }, NONE, 31);
  assert_refused (short_checksum, "31 bytes");
  g_autoptr (GBytes) whole = listing ((const char *const[]){ "a", "b", NULL }, (const char *const[]){ "c", NULL }, 32);
  for (gsize length = 0; length < g_bytes_get_size (whole); length++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (whole, 0, length);
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveDirtree) dirtree = varve_dirtree_parse (cut, &error);
      g_assert_true (dirtree != NULL || error != NULL);
    }
  g_autoptr (GBytes) not_utf8 = listing ((const char *const[]){ "QQQ", NULL }, NONE, 32);
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (not_utf8, NULL), g_bytes_get_size (not_utf8));
  bytes[1] = 0xff;
  g_autoptr (GBytes) broken = g_bytes_new (bytes, g_bytes_get_size (not_utf8));
  assert_refused (broken, "normal form");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dirtree/read", test_read);
  g_test_add_func ("/dirtree/empty", test_empty);
  g_test_add_func ("/dirtree/names", test_names);
  g_test_add_func ("/dirtree/bytes", test_bytes);
  return g_test_run ();
}
