/* SPDX-License-Identifier: Apache-2.0 */
/* emit/foreign-tar: bytes of names, and entries that no image may have. */
#include "emit/foreign-tar.h"

#include <locale.h>
#include <string.h>

#include "base/error.h"
#include "emit/tar.h"

typedef struct {
  GByteArray *bytes;
  gsize offset;
} Source;

static gssize
read_some (gpointer data, void *buffer, gsize size_bytes, GError **error)
{
  Source *source = data;
  gsize n = MIN (size_bytes, source->bytes->len - source->offset);
  memcpy (buffer, source->bytes->data + source->offset, n);
  source->offset += n;
  return (gssize)n;
}

static gssize
read_failing (gpointer data, void *buffer, gsize size_bytes, GError **error)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_IO, "the network is gone");
  return -1;
}

static gboolean
append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

static GByteArray *
archive (const VarveTarEntry *entry, const char *content)
{
  GByteArray *bytes = g_byte_array_new ();
  VarveSink sink = { .write = append, .data = bytes };
  g_assert_true (varve_tar_write_entry (&sink, entry, NULL));
  if (entry->size_bytes > 0)
    append (bytes, content, strlen (content), NULL);
  g_assert_true (varve_tar_write_padding (&sink, entry->size_bytes, NULL));
  g_assert_true (varve_tar_write_end (&sink, NULL));
  return bytes;
}

/* Names keep their bytes in any locale, valid UTF-8 or not. */
static void
test_names (void)
{
  static const char *const NAMES[] = { "plain", "\xc3\xa4", "\xff\xfe" };
  setlocale (LC_ALL, "C");
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      g_autoptr (GError) error = NULL;
      VarveTarEntry written
          = { .type = VARVE_TAR_FILE, .name = NAMES[i], .mode = 04755, .uid = 1, .gid = 2, .size_bytes = 5 };
      g_autoptr (GByteArray) bytes = archive (&written, "hello");
      Source source = { .bytes = bytes };
      g_autoptr (VarveForeignTar) tar = varve_foreign_tar_new (read_some, &source, &error);
      const VarveForeignEntry *entry;
      g_assert_true (varve_foreign_tar_next (tar, &entry, &error));
      g_assert_no_error (error);
      g_assert_cmpint (entry->type, ==, VARVE_FOREIGN_FILE);
      g_assert_cmpstr (entry->name, ==, NAMES[i]);
      g_assert_cmpuint (entry->mode, ==, 04755);
      g_assert_cmpuint (entry->uid, ==, 1);
      g_assert_cmpuint (entry->gid, ==, 2);
      char content[10];
      g_assert_cmpint (varve_foreign_tar_read (tar, content, sizeof content, &error), ==, 5);
      g_assert_cmpmem (content, 5, "hello", 5);
      g_assert_cmpint (varve_foreign_tar_read (tar, content, sizeof content, &error), ==, 0);
      g_assert_true (varve_foreign_tar_next (tar, &entry, &error));
      g_assert_null (entry);
    }
}

static void
test_rejected (void)
{
  static const struct {
    VarveTarEntry entry;
    VarveError code;
    const char *message;
  } CASES[] = {
    { { .type = VARVE_TAR_SYMLINK, .name = "a" }, VARVE_ERROR_CORRUPT, "'a': a symlink without a target" },
    { { .type = VARVE_TAR_FILE, .name = "a", .uid = G_MAXUINT32 },
      VARVE_ERROR_UNSUPPORTED,
      "'a': the owner is not a 32-bit number" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GByteArray) bytes = archive (&CASES[i].entry, "");
      Source source = { .bytes = bytes };
      g_autoptr (VarveForeignTar) tar = varve_foreign_tar_new (read_some, &source, &error);
      const VarveForeignEntry *entry;
      g_assert_false (varve_foreign_tar_next (tar, &entry, &error));
      g_assert_error (error, VARVE_ERROR, (int)CASES[i].code);
      g_assert_cmpstr (error->message, ==, CASES[i].message);
    }
}

static void
test_truncated (void)
{
  g_autoptr (GError) error = NULL;
  VarveTarEntry written = { .type = VARVE_TAR_FILE, .name = "a", .size_bytes = 5 };
  g_autoptr (GByteArray) bytes = archive (&written, "hello");
  g_byte_array_set_size (bytes, VARVE_TAR_BLOCK_BYTES + 3);
  Source source = { .bytes = bytes };
  g_autoptr (VarveForeignTar) tar = varve_foreign_tar_new (read_some, &source, &error);
  const VarveForeignEntry *entry;
  g_assert_true (varve_foreign_tar_next (tar, &entry, &error));
  char content[10];
  gssize n;
  while ((n = varve_foreign_tar_read (tar, content, sizeof content, &error)) > 0)
    ;
  g_assert_cmpint (n, ==, -1);
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
}

/* The source's own error is reported, not libarchive's. */
static void
test_source_error (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveForeignTar) tar = varve_foreign_tar_new (read_failing, NULL, &error);
  const VarveForeignEntry *entry;
  if (tar != NULL)
    g_assert_false (varve_foreign_tar_next (tar, &entry, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_IO);
  g_assert_cmpstr (error->message, ==, "the network is gone");
}

/* A header of a sparse file of 100 bytes in GNU's old format, with two pieces of its map, and @stored_bytes of content.
 */
static GByteArray *
sparse_archive (const guint64 map[4], guint64 real_bytes, gsize stored_bytes)
{
  VarveTarEntry written
      = { .type = (VarveTarType)VARVE_TAR_SPARSE, .name = "a", .mode = 0644, .size_bytes = stored_bytes };
  GByteArray *bytes = archive (&written, "0123456789");
  char *header = (char *)bytes->data;
  for (guint i = 0; i < 4; i++)
    g_snprintf (header + 386 + 12 * i, 12, "%011" G_GINT64_MODIFIER "o", map[i]);
  g_snprintf (header + 483, 12, "%011" G_GINT64_MODIFIER "o", real_bytes);
  guint sum = 0;
  memset (header + 148, ' ', 8);
  for (guint i = 0; i < VARVE_TAR_BLOCK_BYTES; i++)
    sum += bytes->data[i];
  g_snprintf (header + 148, 8, "%07o", sum);
  return bytes;
}

static void
test_sparse (void)
{
  static const guint64 MAP[] = { 3, 4, 50, 6 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) bytes = sparse_archive (MAP, 100, 10);
  Source source = { .bytes = bytes };
  g_autoptr (VarveForeignTar) tar = varve_foreign_tar_new (read_some, &source, &error);
  const VarveForeignEntry *entry;
  g_assert_true (varve_foreign_tar_next (tar, &entry, &error));
  g_assert_no_error (error);
  g_assert_cmpint (entry->type, ==, VARVE_FOREIGN_FILE);
  g_assert_cmpuint (entry->size_bytes, ==, 100);
  char content[200], expected[100] = { 0 };
  gsize at = 0;
  gssize n;
  while ((n = varve_foreign_tar_read (tar, content + at, 7, &error)) > 0)
    at += (gsize)n;
  g_assert_no_error (error);
  memcpy (expected + 3, "0123", 4);
  memcpy (expected + 50, "456789", 6);
  g_assert_cmpmem (content, at, expected, sizeof expected);
  g_assert_true (varve_foreign_tar_next (tar, &entry, &error));
  g_assert_null (entry);
}

/* A wrong map is found whether the content is read or not. */
static void
test_wrong_maps (void)
{
  static const struct {
    guint64 map[4], real_bytes;
    const char *message;
  } CASES[] = {
    { { 0, 5, 3, 5 }, 100, "overlap" },
    { { 50, 5, 3, 5 }, 100, "not in order" },
    { { 0, 5, 96, 5 }, 100, "ends after the file" },
    { { 0, 5, 077777777777, 5 }, 100, "ends after the file" },
    { { 95, 10, 0, 0 }, 100, "ends after the file" },
    { { 0, 5, 10, 6 }, 100, "more bytes than are stored" },
  };
  for (guint i = 0; i < 2 * G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GByteArray) bytes = sparse_archive (CASES[i / 2].map, CASES[i / 2].real_bytes, 10);
      Source source = { .bytes = bytes };
      g_autoptr (VarveForeignTar) tar = varve_foreign_tar_new (read_some, &source, &error);
      const VarveForeignEntry *entry;
      char content[200];
      g_assert_true (varve_foreign_tar_next (tar, &entry, &error));
      if (i % 2 == 0)
        while (varve_foreign_tar_read (tar, content, sizeof content, &error) > 0)
          ;
      else
        g_assert_false (varve_foreign_tar_next (tar, &entry, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
      g_assert_nonnull (strstr (error->message, CASES[i / 2].message));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foreign-tar/names", test_names);
  g_test_add_func ("/foreign-tar/rejected", test_rejected);
  g_test_add_func ("/foreign-tar/sparse", test_sparse);
  g_test_add_func ("/foreign-tar/wrong-maps", test_wrong_maps);
  g_test_add_func ("/foreign-tar/truncated", test_truncated);
  g_test_add_func ("/foreign-tar/source-error", test_source_error);
  return g_test_run ();
}
