/* SPDX-License-Identifier: Apache-2.0 */
/* verify/composefs-tar: what composefs-rs refuses in a tar. */
#include "verify/composefs-tar.h"

#include <string.h>

enum { BLOCK_BYTES = 512 };

static void
add_padded (GByteArray *tar, const void *bytes, gsize size)
{
  static const guint8 ZEROS[BLOCK_BYTES] = { 0 };
  g_byte_array_append (tar, bytes, (guint)size);
  g_byte_array_append (tar, ZEROS, (guint)(BLOCK_BYTES - size % BLOCK_BYTES) % BLOCK_BYTES);
}

static void
add (GByteArray *tar, char type, const char *name, const char *body)
{
  guint8 header[BLOCK_BYTES] = { 0 };
  g_autofree char *size = g_strdup_printf ("%011zo", strlen (body));
  memcpy (header, name, strlen (name));
  memcpy (header + 124, size, 12);
  header[156] = (guint8)type;
  memcpy (header + 257, "ustar\00000", 8);
  add_padded (tar, header, sizeof header);
  add_padded (tar, body, strlen (body));
}

/* One entry with these PAX records: "key=value", …, NULL. */
static GByteArray *
tar_of (const char *const *records)
{
  GByteArray *tar = g_byte_array_new ();
  g_autoptr (GString) pax = g_string_new (NULL);
  for (guint i = 0; records[i] != NULL; i++)
    {
      gsize length = strlen (records[i]) + 2, digits = 1;
      while (length + digits >= 10 && digits < 2)
        digits++;
      while (length + digits >= 100 && digits < 3)
        digits++;
      g_string_append_printf (pax, "%zu %s\n", length + digits, records[i]);
    }
  add (tar, '5', "usr/", "");
  if (pax->len > 0)
    add (tar, 'x', "pax", pax->str);
  add (tar, '0', "usr/file", "content");
  return tar;
}
#define TAR(...) tar_of ((const char *const[]){ __VA_ARGS__, NULL })

/* In pieces of several sizes; @fault is a part of the message, or NULL for none. */
static void
assert_fault (GByteArray *tar, const char *fault)
{
  static const gsize STEPS[] = { 1, 7, 512, 513, 100000 };
  static const guint8 END[2 * BLOCK_BYTES] = { 0 };
  g_byte_array_append (tar, END, sizeof END);
  g_byte_array_append (tar, (const guint8 *)"rest", 4);
  for (guint i = 0; i < G_N_ELEMENTS (STEPS); i++)
    {
      g_autoptr (VarveComposefsTar) found = varve_composefs_tar_new ();
      for (gsize at = 0; at < tar->len; at += STEPS[i])
        varve_composefs_tar_feed (found, tar->data + at, MIN (STEPS[i], tar->len - at));
      g_test_message ("%s", varve_composefs_tar_fault (found));
      if (fault == NULL)
        g_assert_null (varve_composefs_tar_fault (found));
      else
        g_assert_nonnull (strstr (varve_composefs_tar_fault (found), fault));
    }
  g_byte_array_unref (tar);
}

static void
test_fine (void)
{
  assert_fault (g_byte_array_new (), NULL);
  assert_fault (TAR (NULL), NULL);
  assert_fault (TAR ("mtime=1700000000.123456789", "uid=4294967295", "path=usr/other", "uname=\xff"), NULL);
  assert_fault (TAR ("SCHILY.xattr.user.a=b=c", "LIBARCHIVE.creationtime=-1", "atime=-1", "mtime=+5"), NULL);
}

static void
test_records (void)
{
  assert_fault (TAR ("mtime=-1"), "'usr/file': the PAX record 'mtime' is '-1', expected a number");
  assert_fault (TAR ("mtime=1e9"), "'mtime' is '1e9'");
  assert_fault (TAR ("uid=99999999999999999999"), "'uid' is '99999999999999999999'");
  assert_fault (TAR ("size="), "'size' is ''");
  assert_fault (TAR ("gid= 5"), "'gid' is ' 5'");
  assert_fault (TAR ("a\xff=b"), "not UTF-8");
  assert_fault (TAR ("path="), "without a path");
  assert_fault (TAR ("GNU.sparse.major=1", "GNU.sparse.minor=0"), "a sparse file");
  assert_fault (TAR ("no equals sign"), "a malformed PAX record");
}

/* The size in a record is that of the content: what follows is a header. */
static void
test_size (void)
{
  GByteArray *tar = TAR ("size=7");
  add (tar, 'S', "usr/sparse", "");
  assert_fault (tar, "'usr/sparse': a sparse file");
}

static void
test_headers (void)
{
  GByteArray *twice = g_byte_array_new (), *large = g_byte_array_new (), *type = g_byte_array_new (),
             *named = g_byte_array_new ();
  g_autofree char *much = g_strnfill ((1 << 20) + 1, 'x');
  add (twice, 'x', "pax", "8 uid=5\n");
  add (twice, 'x', "pax", "8 uid=5\n");
  assert_fault (twice, "two extension headers of one kind");
  add (large, 'L', "././@LongLink", much);
  assert_fault (large, "extension headers of more than 1048576 bytes");
  add (type, 'D', "usr/listing", "");
  assert_fault (type, "an entry of type 0x44");
  add (named, 'g', "global", "14 mtime=-100\n");
  add (named, 'L', "././@LongLink", "usr/a-long-name");
  add (named, 'x', "pax", "12 mtime=-1\n");
  add (named, '0', "usr/a-long", "");
  assert_fault (named, "'usr/a-long-name': the PAX record");
}

/* The entry then has the name of its own header. */
static void
test_empty_extensions (void)
{
  GByteArray *sparse = g_byte_array_new (), *twice = g_byte_array_new (), *pax = g_byte_array_new ();
  add (sparse, 'L', "././@LongLink", "");
  add (sparse, 'S', "usr/sparse", "");
  assert_fault (sparse, "'usr/sparse': a sparse file");
  add (twice, 'L', "././@LongLink", "");
  add (twice, 'L', "././@LongLink", "");
  assert_fault (twice, "'././@LongLink': two extension headers of one kind");
  add (pax, 'x', "pax", "");
  add (pax, '0', "usr/file", "");
  assert_fault (pax, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/composefs-tar/fine", test_fine);
  g_test_add_func ("/composefs-tar/records", test_records);
  g_test_add_func ("/composefs-tar/size", test_size);
  g_test_add_func ("/composefs-tar/headers", test_headers);
  g_test_add_func ("/composefs-tar/empty-extensions", test_empty_extensions);
  return g_test_run ();
}
