/* SPDX-License-Identifier: Apache-2.0 */
/* emit/tar: header bytes against GNU tar's layout written out by hand, and sizes told in advance. */
#include "emit/tar.h"

#include <string.h>

static gboolean
append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

/* The headers of an entry; the caller owns them. */
static GByteArray *
headers_of (const VarveTarEntry *entry)
{
  GByteArray *out = g_byte_array_new ();
  VarveSink sink = { .write = append, .data = out };
  g_autoptr (GError) error = NULL;
  g_assert_true (varve_tar_write_entry (&sink, entry, &error));
  g_assert_no_error (error);
  return out;
}

static void
assert_field (const GByteArray *tar, gsize offset, const char *expected, gsize width)
{
  g_assert_cmpmem (tar->data + offset, width, expected, width);
}

static void
test_plain (void)
{
  VarveTarEntry entry
      = { .type = VARVE_TAR_FILE, .name = "usr/bin/x", .mode = 04755, .uid = 1, .gid = 1000, .size_bytes = 13 };
  g_autoptr (GByteArray) tar = headers_of (&entry);
  g_assert_cmpuint (tar->len, ==, 512);
  assert_field (tar, 0, "usr/bin/x\0", 10);
  assert_field (tar, 100,
                "0004755\0"
                "0000001\0"
                "0001750\0"
                "00000000015\0"
                "00000000000\0",
                48);
  assert_field (tar, 156, "0", 1);
  assert_field (tar, 257,
                "ustar  \0"
                "\0",
                9);
  guint32 sum = 0;
  for (guint i = 0; i < 512; i++)
    sum += i >= 148 && i < 156 ? ' ' : tar->data[i];
  g_autofree char *checksum = g_strdup_printf ("%07o", sum);
  assert_field (tar, 148, checksum, 8);
}

static void
test_long_names (void)
{
  static const struct {
    gsize name, link, headers;
  } CASES[] = {
    { 99, 0, 1 }, { 100, 100, 1 }, { 101, 0, 3 }, { 98, 101, 3 }, { 511, 512, 6 }, { 300, 300, 5 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *name = g_strnfill (CASES[i].name, 'n'), *link = g_strnfill (CASES[i].link, 'l');
      VarveTarEntry entry = { .type = VARVE_TAR_HARD_LINK, .name = name, .link_name = link, .mode = 0644 };
      g_autoptr (GByteArray) tar = headers_of (&entry);
      g_assert_cmpuint (tar->len, ==, CASES[i].headers * 512);
      g_assert_cmpuint (varve_tar_entry_bytes (&entry), ==, tar->len);
      assert_field (tar, tar->len - 512, name, MIN (100, CASES[i].name));
      assert_field (tar, tar->len - 512 + 157, link, MIN (100, CASES[i].link));
    }
}

static void
test_long_name_bytes (void)
{
  g_autofree char *name = g_strnfill (101, 'n');
  VarveTarEntry entry = { .type = VARVE_TAR_DIRECTORY, .name = name, .mode = 0755 };
  g_autoptr (GByteArray) tar = headers_of (&entry);
  assert_field (tar, 0, "././@LongLink\0", 14);
  assert_field (tar, 100,
                "0000644\0"
                "0000000\0"
                "0000000\0"
                "00000000146\0"
                "00000000000\0",
                48); /* 102: with the NUL */
  assert_field (tar, 156, "L", 1);
  assert_field (tar, 512, name, 102);
}

static void
test_large_numbers (void)
{
  VarveTarEntry entry = {
    .type = VARVE_TAR_FILE, .name = "x", .uid = 2097151, .gid = 2097152, .size_bytes = G_GUINT64_CONSTANT (8) << 30
  };
  g_autoptr (GByteArray) tar = headers_of (&entry);
  assert_field (tar, 108, "7777777\0", 8);
  assert_field (tar, 116, "\x80\0\0\0\0\x20\0\0", 8);
  assert_field (tar, 124, "\x80\0\0\0\0\0\0\x02\0\0\0\0", 12);
}

/* A record counts its own length, also where that gains a digit. */
static void
test_pax (void)
{
  for (gsize value_bytes = 0; value_bytes < 1200; value_bytes++)
    {
      g_autofree char *value = g_strnfill (value_bytes, 'v');
      VarveXattr list[]
          = { { "security.selinux", (const guint8 *)"label", 5 }, { "user.a", (const guint8 *)value, value_bytes } };
      VarveXattrs xattrs = { .list = list, .n = G_N_ELEMENTS (list) };
      g_autoptr (GBytes) pax = varve_tar_pax_from_xattrs (&xattrs);
      g_autofree char *expected
          = g_strdup_printf ("%" G_GSIZE_FORMAT " SCHILY.xattr.user.a=%s\n", g_bytes_get_size (pax), value);
      g_assert_cmpmem (g_bytes_get_data (pax, NULL), g_bytes_get_size (pax), expected, strlen (expected));
    }
}

static void
test_pax_header (void)
{
  VarveXattr list[] = { { "user.a", (const guint8 *)"b", 1 } };
  VarveXattrs xattrs = { .list = list, .n = 1 };
  g_autoptr (GBytes) pax = varve_tar_pax_from_xattrs (&xattrs);
  VarveTarEntry entry = { .type = VARVE_TAR_FILE, .name = "x", .mode = 0644, .size_bytes = 513, .pax = pax };
  g_autoptr (GByteArray) tar = headers_of (&entry);
  g_assert_cmpuint (tar->len, ==, 3 * 512);
  g_assert_cmpuint (varve_tar_entry_bytes (&entry), ==, 3 * 512 + 1024);
  assert_field (tar, 0, "\0\0\0\0", 4);
  assert_field (tar, 100,
                "\0\0\0\0\0\0\0\0"
                "\0\0\0\0\0\0\0\0"
                "\0\0\0\0\0\0\0\0"
                "00000000031\0"
                "00000000000\0",
                48);
  assert_field (tar, 156, "x", 1);
  assert_field (tar, 257,
                "ustar\0"
                "00",
                8);
  assert_field (tar, 512, "25 SCHILY.xattr.user.a=b\n", 25);
}

static void
test_only_selinux (void)
{
  VarveXattr list[] = { { "security.selinux", (const guint8 *)"label", 5 } };
  VarveXattrs xattrs = { .list = list, .n = 1 };
  g_assert_null (varve_tar_pax_from_xattrs (&xattrs));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tar/plain", test_plain);
  g_test_add_func ("/tar/long-names", test_long_names);
  g_test_add_func ("/tar/long-name-bytes", test_long_name_bytes);
  g_test_add_func ("/tar/large-numbers", test_large_numbers);
  g_test_add_func ("/tar/pax", test_pax);
  g_test_add_func ("/tar/pax-header", test_pax_header);
  g_test_add_func ("/tar/only-selinux", test_only_selinux);
  return g_test_run ();
}
