/* SPDX-License-Identifier: Apache-2.0 */
/* emit/tar-read: reads back what emit/tar writes, judges each rule by its name, and survives what is hostile. */
#include "emit/tar-read.h"

#include <string.h>

#include "base/error.h"
#include "emit/tar.h"

typedef struct {
  GByteArray *bytes;
  gsize at, piece;
} Archive;

static gboolean
sink_write (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

static gssize
archive_read (gpointer source, void *buffer, gsize size_bytes, GError **error)
{
  Archive *archive = source;
  gsize n = MIN (MIN (size_bytes, archive->piece), archive->bytes->len - archive->at);
  memcpy (buffer, archive->bytes->data + archive->at, n);
  archive->at += n;
  return (gssize)n;
}

static void
append_entry (GByteArray *bytes, const VarveTarEntry *entry, const char *content)
{
  VarveSink sink = { .write = sink_write, .data = bytes };
  g_assert_true (varve_tar_write_entry (&sink, entry, NULL));
  g_byte_array_append (bytes, (const guint8 *)content, (guint)strlen (content));
  g_assert_true (varve_tar_write_padding (&sink, strlen (content), NULL));
}

static void
append_end (GByteArray *bytes)
{
  VarveSink sink = { .write = sink_write, .data = bytes };
  g_assert_true (varve_tar_write_end (&sink, NULL));
}

/* A header with any type, size and name, its checksum right. */
static guint8 *
append_raw (GByteArray *bytes, char type, const char *name, const void *content, gsize size_bytes)
{
  VarveSink sink = { .write = sink_write, .data = bytes };
  VarveTarEntry entry = { .type = (VarveTarType)type, .name = name, .mode = 0644, .size_bytes = size_bytes };
  guint at = bytes->len;
  g_assert_true (varve_tar_write_entry (&sink, &entry, NULL));
  g_byte_array_append (bytes, content, (guint)size_bytes);
  g_assert_true (varve_tar_write_padding (&sink, size_bytes, NULL));
  return bytes->data + at;
}

static void
fix_checksum (guint8 *header)
{
  memset (header + 148, ' ', 8);
  guint sum = 0;
  for (guint i = 0; i < 512; i++)
    sum += header[i];
  char text[9];
  g_snprintf (text, sizeof text, "%07o", sum);
  memcpy (header + 148, text, 8);
}

/* Reads all of it; the names of entries, or NULL with @error. */
static char *
read_all (GByteArray *bytes, VarveFindings *findings, GError **error)
{
  Archive archive = { .bytes = bytes, .piece = 7777 };
  g_autoptr (VarveTarReader) reader = varve_tar_reader_new (archive_read, &archive, findings, "layer 1");
  g_autoptr (GString) names = g_string_new (NULL);
  const VarveTarReadEntry *entry;
  for (;;)
    {
      if (!varve_tar_reader_next (reader, &entry, error))
        return NULL;
      if (entry == NULL)
        return g_string_free (g_steal_pointer (&names), FALSE);
      g_string_append_printf (names, "%s ", entry->name);
    }
}

static void
assert_finding (GByteArray *bytes, VarveSeverity severity, const char *rule)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  g_autofree char *names = read_all (bytes, findings, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (varve_findings_count (findings, severity), ==, 1);
  g_assert_cmpstr (varve_findings_get (findings, severity, 0)->rule, ==, rule);
}

static void
assert_corrupt (GByteArray *bytes, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *names = read_all (bytes, NULL, &error);
  g_assert_null (names);
  g_assert_true (g_error_matches (error, VARVE_ERROR, VARVE_ERROR_CORRUPT)
                 || g_error_matches (error, VARVE_ERROR, VARVE_ERROR_LIMIT));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_round_trip (void)
{
  g_autofree char *long_name = g_strnfill (300, 'n'), *long_link = g_strnfill (5000, 'l');
  g_autoptr (GBytes) pax = g_bytes_new_static ("29 SCHILY.xattr.user.a=x\ny\0z\n", 29);
  const VarveTarEntry entries[] = {
    { .type = VARVE_TAR_DIRECTORY, .name = "./", .mode = 01777, .uid = 7, .gid = 8 },
    { .type = VARVE_TAR_FILE,
      .name = "file",
      .mode = 04755,
      .uid = 3000000000u,
      .gid = 2097151,
      .size_bytes = 5,
      .pax = pax },
    { .type = VARVE_TAR_HARD_LINK, .name = long_name, .link_name = "file" },
    { .type = VARVE_TAR_SYMLINK, .name = "link", .link_name = long_link, .mode = 0777 },
  };
  for (gsize piece = 1; piece < 2000; piece += 311)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autoptr (VarveFindings) findings = varve_findings_new ();
      for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
        append_entry (bytes, &entries[i], i == 1 ? "hello" : "");
      append_end (bytes);
      Archive archive = { .bytes = bytes, .piece = piece };
      g_autoptr (VarveTarReader) reader = varve_tar_reader_new (archive_read, &archive, findings, "layer 1");
      const VarveTarReadEntry *entry;
      for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
        {
          g_assert_true (varve_tar_reader_next (reader, &entry, &error));
          g_assert_no_error (error);
          g_assert_cmpstr (entry->name, ==, entries[i].name);
          g_assert_cmpstr (entry->link_name, ==, entries[i].link_name != NULL ? entries[i].link_name : "");
          g_assert_cmpint (entry->type, ==, entries[i].type);
          g_assert_cmpuint (entry->mode, ==, entries[i].mode);
          g_assert_cmpuint (entry->uid, ==, entries[i].uid);
          g_assert_cmpuint (entry->gid, ==, entries[i].gid);
          g_assert_cmpuint (entry->size_bytes, ==, entries[i].size_bytes);
          g_assert_cmpuint (entry->n_xattrs, ==, i == 1 ? 1 : 0);
          if (i != 1)
            continue;
          g_assert_cmpstr (entry->xattrs[0].name, ==, "user.a");
          g_assert_cmpmem (entry->xattrs[0].value, entry->xattrs[0].size_bytes, "x\ny\0z", 5);
          g_autoptr (GBytes) content = varve_tar_reader_load (reader, 5, &error);
          g_assert_no_error (error);
          g_assert_cmpmem (g_bytes_get_data (content, NULL), g_bytes_get_size (content), "hello", 5);
        }
      g_assert_true (varve_tar_reader_next (reader, &entry, &error));
      g_assert_null (entry);
      g_assert_cmpuint (varve_findings_count (findings, VARVE_SEVERITY_ERROR)
                            + varve_findings_count (findings, VARVE_SEVERITY_NOTE),
                        ==, 0);
    }
}

static void
test_every_truncation (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *long_name = g_strnfill (300, 'n');
  append_raw (bytes, '0', long_name, "abc", 3);
  append_end (bytes);
  guint whole = bytes->len;
  for (guint length = 0; length < whole - 512; length += 13)
    {
      g_byte_array_set_size (bytes, length);
      assert_corrupt (bytes, "truncated");
    }
}

/* Each changes one header of a good archive, with its checksum made right again, and is taken with one finding. */
static void
test_findings (void)
{
  const struct {
    gsize offset;
    const char *bytes;
    gsize size_bytes;
    VarveSeverity severity;
    const char *rule;
  } cases[] = {
    { 136, "00000000001", 11, VARVE_SEVERITY_ERROR, "tar.mtime" },
    { 100, "\0\0\0\0\0\0\0", 7, VARVE_SEVERITY_ERROR, "tar.number-empty" },
    { 100, "644 \0\0\0", 7, VARVE_SEVERITY_NOTE, "tar.header-form" },
    { 108, "\x80\0\0\0\0\0\0\1", 8, VARVE_SEVERITY_NOTE, "tar.header-form" },
    { 257,
      "ustar\0"
      "00",
      8, VARVE_SEVERITY_NOTE, "tar.header-form" },
    { 265, "root", 4, VARVE_SEVERITY_NOTE, "tar.header-form" },
    { 90, "hidden", 6, VARVE_SEVERITY_NOTE, "tar.header-form" },
    { 156, "\0", 1, VARVE_SEVERITY_NOTE, "tar.header-form" },
    { 1, "/\0", 2, VARVE_SEVERITY_ERROR, "tar.type-name" },
    { 515, "x", 1, VARVE_SEVERITY_NOTE, "tar.padding" },
    { 512 + 512 + 600, "x", 1, VARVE_SEVERITY_ERROR, "tar.trailing-data" },
    { 512 + 512 + 1024, "\0", 1, VARVE_SEVERITY_NOTE, "tar.padding" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      append_raw (bytes, '0', "file", "abc", 3);
      append_end (bytes);
      if (cases[i].offset >= bytes->len)
        g_byte_array_append (bytes, (const guint8 *)"\0", 1);
      memcpy (bytes->data + cases[i].offset, cases[i].bytes, cases[i].size_bytes);
      fix_checksum (bytes->data);
      g_test_message ("%u %s", i, cases[i].rule);
      assert_finding (bytes, cases[i].severity, cases[i].rule);
    }
}

static void
test_one_zero_block (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  append_raw (bytes, '0', "file", "abc", 3);
  append_end (bytes);
  g_byte_array_set_size (bytes, bytes->len - 512);
  assert_finding (bytes, VARVE_SEVERITY_ERROR, "tar.end");
}

/* The same, but no reader may guess. */
static void
test_refused_numbers (void)
{
  const struct {
    gsize offset;
    const char *bytes;
    gsize size_bytes;
    const char *message;
  } cases[] = {
    { 124, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, "size is negative" },
    { 124, "\x80\0\0\1\0\0\0\0\0\0\0\0", 12, "size is negative or too large" },
    { 124, "\x80\0\0\0\xff\0\0\0\0\0\0\0", 12, "size is negative or too large" },
    { 124, "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", 12, "truncated" },
    { 124, "77777777777", 11, "truncated" },
    { 124, "0000000000x", 11, "size is not an octal" },
    { 124, "+0000000003", 11, "size is not an octal" },
    { 124, "0x3\0\0\0\0\0\0\0\0", 11, "size is not an octal" },
    { 124, "\0\0\0\0\0\0\0\0\0\0\0", 12, "size is missing" },
    { 108, "0000009", 7, "uid is not an octal" },
    { 0, "\0\0\0\0", 4, "without a name" },
    { 156, "1", 1, "a type without content has a size" },
    { 156, "5", 1, "a type without content has a size" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      append_raw (bytes, '0', "file", "abc", 3);
      append_end (bytes);
      memcpy (bytes->data + cases[i].offset, cases[i].bytes, cases[i].size_bytes);
      fix_checksum (bytes->data);
      assert_corrupt (bytes, cases[i].message);
    }
}

static void
test_checksum (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  append_raw (bytes, '0', "file", "abc", 3);
  append_end (bytes);
  bytes->data[0] ^= 1;
  assert_corrupt (bytes, "checksum");
}

static void
test_pax (void)
{
  const struct {
    const char *records, *message, *rule;
    VarveSeverity severity;
  } cases[] = {
    { "9 size=5\n", NULL, "pax.override", VARVE_SEVERITY_ERROR },
    { "13 path=name\n", NULL, "pax.path", VARVE_SEVERITY_NOTE },
    { "11 mtime=1\n", NULL, "pax.unknown-key", VARVE_SEVERITY_NOTE },
    { "20 GNU.sparse.size=1\n", "no valid record", NULL, 0 },
    { "21 GNU.sparse.size=1\n", NULL, "pax.override", VARVE_SEVERITY_ERROR },
    { "25 SCHILY.xattr.user.a=b\n25 SCHILY.xattr.user.a=c\n", NULL, "pax.duplicate-key", VARVE_SEVERITY_ERROR },
    { "9 size=3\n", NULL, "pax.size", VARVE_SEVERITY_NOTE }, /* as the header */
    { "9 size=x\n", "expected a decimal number", NULL, 0 },
    { "11 size=-3\n", "expected a decimal number", NULL, 0 },
    { "28 size=9223372036854775808\n", "expected a decimal number", NULL, 0 },
    { "99 size=5\n", "no valid record", NULL, 0 },
    { "8 size=5\n", "no valid record", NULL, 0 },
    { "0 size=5\n", "no valid record", NULL, 0 },
    { "09 size=5\n", "no valid record", NULL, 0 },
    { "-9 size=5\n", "no valid record", NULL, 0 },
    { "99999999999999999999 a=b\n", "no valid record", NULL, 0 },
    { "9 size 5\n", "no valid record", NULL, 0 },
    { "5 =b\n", "no valid record", NULL, 0 },
    { "9 size=5", "no valid record", NULL, 0 },
    { "8 path=\n", "is empty", NULL, 0 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      memcpy (append_raw (bytes, 'x', "", cases[i].records, strlen (cases[i].records)) + 257,
              "ustar\0"
              "00",
              8);
      fix_checksum (bytes->data);
      append_raw (bytes, '0', "file", "abc", 3);
      append_end (bytes);
      g_test_message ("%u", i);
      if (cases[i].message != NULL)
        assert_corrupt (bytes, cases[i].message);
      else
        assert_finding (bytes, cases[i].severity, cases[i].rule);
    }
}

static void
test_extensions_misused (void)
{
  static const char *const TYPES[] = { "LL", "KK", "xx", "L", "K", "x" };
  for (guint i = 0; i < G_N_ELEMENTS (TYPES); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      for (const char *type = TYPES[i]; *type != '\0'; type++)
        append_raw (bytes, *type, "././@LongLink", "6 a=b\n\0", *type == 'x' ? 6 : 7);
      if (TYPES[i][1] != '\0')
        append_raw (bytes, '0', "file", "abc", 3);
      append_end (bytes);
      assert_corrupt (bytes, TYPES[i][1] != '\0' ? "for one entry" : "where an entry should follow");
    }
  g_autofree char *huge = g_strnfill (VARVE_PAX_MAX_BYTES + 1, 'n');
  g_autoptr (GByteArray) long_name = g_byte_array_new (), long_pax = g_byte_array_new ();
  append_raw (long_name, 'L', "././@LongLink", huge, VARVE_TAR_NAME_MAX_BYTES + 1);
  assert_corrupt (long_name, "the limit is 65536");
  append_raw (long_pax, 'x', "pax", huge, VARVE_PAX_MAX_BYTES + 1);
  assert_corrupt (long_pax, "the limit is 1048576");
}

static void
test_both_names (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  append_raw (bytes, 'x', "pax", "13 path=name\n", 13);
  append_raw (bytes, 'L', "././@LongLink", "file2\0", 6);
  append_raw (bytes, '0', "file2", "abc", 3);
  append_end (bytes);
  assert_finding (bytes, VARVE_SEVERITY_ERROR, "tar.name-both");
}

static void
test_random_damage (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (4711);
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  g_autofree char *long_name = g_strnfill (200, 'n');
  append_raw (whole, 'x', "pax", "25 SCHILY.xattr.user.a=b\n", 25);
  append_raw (whole, '0', long_name, "abc", 3);
  append_raw (whole, '2', "link", "", 0);
  append_end (whole);
  for (guint round = 0; round < 3000; round++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_byte_array_append (bytes, whole->data, whole->len);
      for (gint i = g_rand_int_range (random, 1, 6); i > 0; i--)
        bytes->data[g_rand_int_range (random, 0, (gint)bytes->len)] = (guint8)g_rand_int (random);
      for (guint block = 0; block + 512 <= bytes->len && round % 2 == 0; block += 512)
        fix_checksum (bytes->data + block);
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveFindings) findings = varve_findings_new ();
      g_autofree char *names = read_all (bytes, findings, &error);
      g_assert_true ((names != NULL) != (error != NULL));
    }
}

/* Blocks with more of the map are between the header and the content; the name is that of the file. */
static void
test_sparse (void)
{
  static const char PAX[] = "25 GNU.sparse.name=usr/a\n23 GNU.sparse.offset=0\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  append_raw (bytes, 'S', "old", "data", 4);
  guint8 more[2 * 512] = { [504] = 1 };
  bytes->data[482] = 1;
  fix_checksum (bytes->data);
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_byte_array_append (all, bytes->data, 512);
  g_byte_array_append (all, more, sizeof more);
  g_byte_array_append (all, bytes->data + 512, 512);
  append_raw (all, 'x', "pax", PAX, strlen (PAX));
  append_raw (all, '0', "GNUSparseFile.0/a", "more", 4);
  append_end (all);
  Archive archive = { .bytes = all, .piece = 7777 };
  g_autoptr (VarveTarReader) reader = varve_tar_reader_new (archive_read, &archive, NULL, "layer 1");
  for (guint i = 0; i < 2; i++)
    {
      const VarveTarReadEntry *entry;
      g_assert_true (varve_tar_reader_next (reader, &entry, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (entry->name, ==, i == 0 ? "old" : "usr/a");
      g_assert_true (entry->is_sparse);
      g_assert_cmpuint (varve_tar_reader_offset (reader), ==, i == 0 ? 1536 : 3584);
      g_autoptr (GBytes) content = varve_tar_reader_load (reader, 4, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (g_bytes_get_data (content, NULL), g_bytes_get_size (content), i == 0 ? "data" : "more", 4);
    }
  g_byte_array_set_size (all, 512 + 100);
  assert_corrupt (all, "truncated in the map of a sparse file");
}

/* As archives of POSIX's format have files of 8 GiB and more: the header says 0, and what follows is the content. */
static void
test_pax_size (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  append_raw (bytes, 'x', "pax", "9 size=5\n", 9);
  append_raw (bytes, '0', "large", "", 0);
  g_byte_array_append (bytes, (const guint8 *)"hello", 5);
  g_byte_array_set_size (bytes, bytes->len + 507);
  memset (bytes->data + bytes->len - 507, 0, 507);
  append_raw (bytes, '0', "next", "abc", 3);
  append_end (bytes);
  Archive archive = { .bytes = bytes, .piece = 7777 };
  g_autoptr (VarveTarReader) reader = varve_tar_reader_new (archive_read, &archive, findings, "layer 1");
  const VarveTarReadEntry *entry;
  g_assert_true (varve_tar_reader_next (reader, &entry, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (entry->size_bytes, ==, 5);
  g_autoptr (GBytes) content = varve_tar_reader_load (reader, 5, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (content, NULL), g_bytes_get_size (content), "hello", 5);
  g_assert_true (varve_tar_reader_next (reader, &entry, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (entry->name, ==, "next");
  g_assert_cmpuint (entry->size_bytes, ==, 3);
  g_assert_true (varve_tar_reader_next (reader, &entry, &error));
  g_assert_null (entry);
  g_assert_cmpuint (varve_findings_count (findings, VARVE_SEVERITY_ERROR), ==, 0);

  /* A link has no content. */
  g_autoptr (GByteArray) link = g_byte_array_new ();
  append_raw (link, 'x', "pax", "9 size=5\n", 9);
  append_raw (link, '2', "link", "", 0);
  append_end (link);
  assert_corrupt (link, "a type without content has a size");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tar-read/round-trip", test_round_trip);
  g_test_add_func ("/tar-read/every-truncation", test_every_truncation);
  g_test_add_func ("/tar-read/findings", test_findings);
  g_test_add_func ("/tar-read/one-zero-block", test_one_zero_block);
  g_test_add_func ("/tar-read/refused-numbers", test_refused_numbers);
  g_test_add_func ("/tar-read/checksum", test_checksum);
  g_test_add_func ("/tar-read/pax", test_pax);
  g_test_add_func ("/tar-read/extensions-misused", test_extensions_misused);
  g_test_add_func ("/tar-read/both-names", test_both_names);
  g_test_add_func ("/tar-read/random-damage", test_random_damage);
  g_test_add_func ("/tar-read/sparse", test_sparse);
  g_test_add_func ("/tar-read/pax-size", test_pax_size);
  return g_test_run ();
}
