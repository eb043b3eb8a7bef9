/* SPDX-License-Identifier: Apache-2.0 */
/* codec/pe: section tables, right ones and hostile ones. */
#include "codec/pe.h"

#include "tests/unit/pe-file.h"

static VarveExtent
keep (VarveExtentFile *spool, const void *data, gsize size_bytes)
{
  g_autoptr (VarveExtentFileWriter) writer = varve_extent_file_writer_new (spool, size_bytes);
  VarveExtent extent;
  g_assert_true (varve_extent_file_writer_write (writer, data, size_bytes, NULL));
  g_assert_true (varve_extent_file_writer_finish (writer, &extent, NULL));
  return extent;
}

/* ".a 512+100 .b …": names, offsets and sizes. */
static char *
read_as_text (const guint8 *data, gsize size_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autofree char *junk = g_strnfill (1000, 'x'); /* so that the file does not begin at 0 */
  keep (spool, junk, 1000);
  g_autoptr (GArray) sections = varve_pe_read_sections (spool, keep (spool, data, size_bytes), &error);
  g_assert_no_error (error);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < sections->len; i++)
    {
      const VarvePeSection *section = &g_array_index (sections, VarvePeSection, i);
      g_string_append_printf (text, "%s%s %" G_GUINT64_FORMAT "+%" G_GUINT64_FORMAT, i > 0 ? " " : "", section->name,
                              section->at, section->size_bytes);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

enum { FILE_BYTES = 4096 };

static void
test_tables (void)
{
  static const struct {
    const char *what;
    PeFileSection sections[4];
    guint n_sections;
    const char *expected;
  } CASES[] = {
    { "in order", { { ".a", 100, 512, 512 }, { ".b", 512, 512, 1024 } }, 2, ".a 512+100 .b 1024+512" },
    { "out of order", { { ".b", 512, 512, 1024 }, { ".a", 100, 512, 512 } }, 2, ".a 512+100 .b 1024+512" },
    { "twice the same name", { { ".p", 9, 512, 512 }, { ".p", 8, 512, 1024 } }, 2, ".p 512+9 .p 1024+8" },
    { "a name of eight bytes", { { ".profile", 9, 512, 512 } }, 1, ".profile 512+9" },
    { "more in memory than in the file", { { ".bss", 9000, 512, 512 } }, 1, ".bss 512+512" },
    { "no size in memory", { { ".a", 0, 512, 512 } }, 1, ".a 512+512" },
    { "nothing in the file", { { ".bss", 9000, 0, 0 }, { ".a", 100, 512, 512 } }, 2, ".a 512+100" },
    { "the last byte", { { ".a", 1, 1, FILE_BYTES - 1 } }, 1, ".a 4095+1" },
    { "past the end", { { ".a", 512, 512, FILE_BYTES - 511 }, { ".b", 9, 9, 512 } }, 2, ".b 512+9" },
    { "far past the end", { { ".a", 9, 9, G_MAXUINT32 }, { ".b", G_MAXUINT32, G_MAXUINT32, 512 } }, 2, "" },
    { "the sum overflows 32 bits", { { ".a", G_MAXUINT32, G_MAXUINT32, G_MAXUINT32 } }, 1, "" },
    { "overlapping", { { ".a", 600, 600, 512 }, { ".b", 512, 512, 1024 } }, 2, ".a 512+600" },
    { "one in another", { { ".a", 2048, 2048, 512 }, { ".b", 10, 10, 600 } }, 2, ".a 512+2048" },
    { "the same place", { { ".b", 512, 512, 512 }, { ".a", 512, 512, 512 } }, 2, ".a 512+512" },
    { "over the headers", { { ".a", 512, 512, 0 }, { ".b", 9, 9, PE_FILE_TABLE_AT } }, 2, "" },
    { "no sections", { { NULL } }, 0, "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("%s", CASES[i].what);
      g_autoptr (GByteArray) file = pe_file_headers (CASES[i].sections, CASES[i].n_sections);
      g_byte_array_set_size (file, FILE_BYTES);
      g_assert_true (varve_pe_recognise (file->data, file->len));
      g_autofree char *found = read_as_text (file->data, file->len);
      g_assert_cmpstr (found, ==, CASES[i].expected);
    }
}

/* What is no PE file has no sections. */
static void
test_damaged (void)
{
  static const PeFileSection SECTION = { ".a", 100, 512, 512 };
  static const struct {
    const char *what;
    gsize at;
    guint32 value;
  } CASES[] = {
    { "another magic", 0, 0x4b50 },
    { "headers at the end", 0x3c, FILE_BYTES },
    { "headers past the end", 0x3c, FILE_BYTES - 23 },
    { "headers far past the end", 0x3c, G_MAXUINT32 },
    { "headers over the magic", 0x3c, 0 },
    { "another signature", PE_FILE_HEADER_AT, 0x454e },
    { "more sections than bytes", PE_FILE_HEADER_AT + 4, 0x00c80000 },
    { "more sections than allowed", PE_FILE_HEADER_AT + 4, 0xffff0000 },
    { "a table past the end", PE_FILE_HEADER_AT + 20, 0xffff },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("%s", CASES[i].what);
      g_autoptr (GByteArray) file = pe_file_headers (&SECTION, 1);
      g_byte_array_set_size (file, FILE_BYTES);
      pe_file_put_u32 (file->data + CASES[i].at, CASES[i].value);
      g_autofree char *found = read_as_text (file->data, file->len);
      g_assert_cmpstr (found, ==, "");
    }
  g_autoptr (GByteArray) file = pe_file_headers (&SECTION, 1);
  for (gsize n = 0; n < PE_FILE_TABLE_AT + PE_FILE_SECTION_BYTES; n += 4)
    {
      g_autofree char *found = read_as_text (file->data, n);
      g_assert_cmpstr (found, ==, "");
      g_assert_cmpint (varve_pe_recognise (file->data, n), ==, n >= PE_FILE_HEADER_AT + 24);
      gsize end;
      g_assert_null (varve_pe_parse_sections (file->data, n, &end));
    }
}

/* Also what is empty or not in the file, in the order of the table. */
static void
test_parse (void)
{
  static const PeFileSection SECTIONS[] = { { ".b", 0, 7, 99 }, { ".a", 9, 0, 1 }, { ".far", 5, 6, G_MAXUINT32 } };
  static const guint64 SIZES[] = { 7, 0, 5 };
  g_autoptr (GByteArray) file = pe_file_headers (SECTIONS, G_N_ELEMENTS (SECTIONS));
  gsize end;
  g_autoptr (GArray) found = varve_pe_parse_sections (file->data, file->len, &end);
  g_assert_nonnull (found);
  g_assert_cmpuint (end, ==, file->len);
  g_assert_cmpuint (found->len, ==, G_N_ELEMENTS (SECTIONS));
  for (guint i = 0; i < found->len; i++)
    {
      const VarvePeSection *section = &g_array_index (found, VarvePeSection, i);
      g_assert_cmpstr (section->name, ==, SECTIONS[i].name);
      g_assert_cmpuint (section->at, ==, SECTIONS[i].file_at);
      g_assert_cmpuint (section->size_bytes, ==, SIZES[i]);
    }
}

/* As many sections as are allowed, and one more. */
static void
test_many (void)
{
  g_autofree PeFileSection *sections = g_new0 (PeFileSection, VARVE_PE_SECTIONS_MAX + 1);
  for (guint i = 0; i <= VARVE_PE_SECTIONS_MAX; i++)
    sections[i] = (PeFileSection){ ".s", 1, 1, 60000 + i };
  for (guint more = 0; more < 2; more++)
    {
      g_autoptr (GByteArray) file = pe_file_headers (sections, VARVE_PE_SECTIONS_MAX + more);
      g_byte_array_set_size (file, 70000);
      g_autofree char *found = read_as_text (file->data, file->len);
      g_assert_cmpint (found[0] == '\0', ==, more == 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pe/tables", test_tables);
  g_test_add_func ("/pe/damaged", test_damaged);
  g_test_add_func ("/pe/parse", test_parse);
  g_test_add_func ("/pe/many", test_many);
  return g_test_run ();
}
