/* SPDX-License-Identifier: Apache-2.0 */
/* emit/whiteout-tar: the entries by which a layer removes paths, and the key of these. */
#include "emit/whiteout-tar.h"

#include <string.h>

#include "emit/tar.h"

static gboolean
append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

static GPtrArray *
list_of (const char *const *paths)
{
  GPtrArray *list = g_ptr_array_new ();
  for (; *paths != NULL; paths++)
    g_ptr_array_add (list, (gpointer)*paths);
  return list;
}

static GByteArray *
tar_of (const GPtrArray *paths)
{
  g_autoptr (GError) error = NULL;
  GByteArray *out = g_byte_array_new ();
  VarveSink sink = { .write = append, .data = out };
  g_assert_true (varve_whiteout_tar_write (paths, &sink, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (out->len, ==, varve_whiteout_tar_bytes (paths));
  return out;
}

static void
test_entries (void)
{
  static const char *const PATHS[] = { "a", "etc", "etc/b", "usr/lib/c", NULL };
  static const char *const NAMES[] = { ".wh.a", ".wh.etc", "etc/.wh.b", "usr/lib/.wh.c" };
  g_autoptr (GPtrArray) paths = list_of (PATHS);
  g_autoptr (GByteArray) tar = tar_of (paths);
  g_assert_cmpuint (tar->len, ==, (G_N_ELEMENTS (NAMES) + 2) * VARVE_TAR_BLOCK_BYTES);
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      const char *header = (const char *)tar->data + i * VARVE_TAR_BLOCK_BYTES;
      g_assert_cmpstr (header, ==, NAMES[i]);
      g_assert_cmpmem (header + 100, 36,
                       "0000644\0"
                       "0000000\0"
                       "0000000\0"
                       "00000000000",
                       36);
      g_assert_cmpint (header[156], ==, '0');
    }
}

static void
test_long_name (void)
{
  g_autofree char *name = g_strnfill (200, 'n');
  g_autofree char *path = g_strconcat ("usr/", name, NULL);
  g_autoptr (GPtrArray) paths = list_of ((const char *const[]){ path, NULL });
  g_autoptr (GByteArray) tar = tar_of (paths);
  g_assert_cmpuint (tar->len, ==, (3 + 2) * VARVE_TAR_BLOCK_BYTES);
}

static void
test_none (void)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  g_autoptr (GByteArray) tar = tar_of (paths);
  g_assert_cmpuint (tar->len, ==, 2 * VARVE_TAR_BLOCK_BYTES);
}

static char *
key_of (const char *const *paths)
{
  g_autoptr (GPtrArray) list = list_of (paths);
  VarveDigest key = varve_whiteout_tar_key (list);
  return varve_digest_to_hex (&key);
}

/* The same key exactly for the same bytes. */
static void
test_key (void)
{
  static const char *const PATHS[] = { "usr/a", "etc/b", NULL };
  static const char *const OTHERS[][4]
      = { { "usr/a", NULL }, { "usr/a", "usr/b", NULL }, { "etc/b", "usr/a", NULL }, { "usr/", "aetc/b", NULL } };
  g_autofree char *key = key_of (PATHS);
  g_assert_cmpstr (key, ==, "5de7f29701d02011e9299b4311380c21be66a1068fd7b9b24b7706f4a8d7a017");
  for (guint i = 0; i < G_N_ELEMENTS (OTHERS); i++)
    {
      g_autofree char *other = key_of (OTHERS[i]);
      g_assert_cmpstr (other, !=, key);
    }
  g_autoptr (GPtrArray) names = list_of ((const char *const[]){ "usr/.wh.a", "etc/.wh.b", NULL });
  VarveDigest of_names = varve_whiteout_tar_key_of_names (names);
  g_autofree char *from_names = varve_digest_to_hex (&of_names);
  g_assert_cmpstr (from_names, ==, key);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/whiteout-tar/entries", test_entries);
  g_test_add_func ("/whiteout-tar/long-name", test_long_name);
  g_test_add_func ("/whiteout-tar/none", test_none);
  g_test_add_func ("/whiteout-tar/key", test_key);
  return g_test_run ();
}
