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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foreign-tar/names", test_names);
  g_test_add_func ("/foreign-tar/rejected", test_rejected);
  g_test_add_func ("/foreign-tar/truncated", test_truncated);
  g_test_add_func ("/foreign-tar/source-error", test_source_error);
  return g_test_run ();
}
