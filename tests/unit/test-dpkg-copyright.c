/* SPDX-License-Identifier: Apache-2.0 */
/* packages/dpkg-copyright: which licences a machine-readable file gives, in SPDX's spelling. */
#include "packages/dpkg-copyright.h"

#include <string.h>

static char *
parse (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GPtrArray) licences = varve_dpkg_parse_copyright (bytes);
  g_ptr_array_add (licences, NULL);
  return g_strjoinv ("|", (char **)licences->pdata);
}

#define FORMAT "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"

static void
test_paragraphs (void)
{
  g_autofree char *licences = parse (FORMAT "Upstream-Name: lake\n"
                                            "\n"
                                            "Files: *\n"
                                            "Copyright: 2024 A\n"
                                            "License: GPL-2+\n"
                                            " The text.\n"
                                            " License: none of this\n"
                                            "\n"
                                            "# a remark\n"
                                            "Files: doc/*\n"
                                            "Copyright: 2024 B\n"
                                            "License: Expat\n"
                                            "\n"
                                            "Files: x\n"
                                            "License: GPL-2+\n"
                                            "\n"
                                            "License: Apache-2.0\n"
                                            " Only a text, of no files.\n");
  g_assert_cmpstr (licences, ==, "GPL-2.0-or-later|MIT");
}

static void
test_header (void)
{
  g_autofree char *licences = parse (FORMAT "License: LGPL-2.1\n\nFiles: *\nLicense: LGPL-2.1\n");
  g_assert_cmpstr (licences, ==, "LGPL-2.1-only");
}

static void
test_expressions (void)
{
  static const struct {
    const char *text, *spdx;
  } CASES[] = {
    { "GPL-3", "GPL-3.0-only" },
    { "GPL-2+ or Artistic", "GPL-2.0-or-later OR Artistic-1.0" },
    { "GPL-2+ and Expat", "GPL-2.0-or-later AND MIT" },
    { "GPL-2+ or Artistic, and BSD-3-clause", "(GPL-2.0-or-later OR Artistic-1.0) AND (BSD-3-Clause)" },
    { "GPL-3,  or Expat", "(GPL-3.0-only) OR (MIT)" },
    { "GPL-3 , or Expat", "(GPL-3.0-only) OR (MIT)" },
    { "GPL-3, Expat", "GPL-3, Expat" },
    { "GPL-3, or", "GPL-3, or" },
    { "Perl", "Artistic-1.0-Perl OR GPL-1.0-or-later" },
    { "Perl and Expat", "(Artistic-1.0-Perl OR GPL-1.0-or-later) AND MIT" },
    { "GPL-2+ with OpenSSL exception", "GPL-2+ with OpenSSL exception" },
    { "public-domain", "public-domain" },
    { "GPL-2+-special", "GPL-2+-special" },
    { "GFDL-1.3+", "GFDL-1.3-or-later" },
    { "GPL-", "GPL-" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *text = g_strdup_printf (FORMAT "\nFiles: *\nLicense: %s\n", CASES[i].text);
      g_autofree char *licences = parse (text);
      g_assert_cmpstr (licences, ==, CASES[i].spdx);
    }
}

/* A comma at the end, or two, must not read past the words. */
static void
test_bad_expressions (void)
{
  static const char *const TEXTS[] = { "GPL-2,", ", and", ",,", "and", ", ,", "" };
  for (guint i = 0; i < G_N_ELEMENTS (TEXTS); i++)
    {
      g_autofree char *text = g_strdup_printf (FORMAT "\nFiles: *\nLicense: %s\n", TEXTS[i]);
      g_autofree char *licences = parse (text);
      g_assert_cmpuint (strlen (licences), <, 32);
    }
}

static void
test_prose (void)
{
  g_autofree char *prose = parse ("This package was made by A.\nLicense: GPL-2\n");
  g_assert_cmpstr (prose, ==, "");
  g_autofree char *empty = parse ("");
  g_assert_cmpstr (empty, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dpkg-copyright/paragraphs", test_paragraphs);
  g_test_add_func ("/dpkg-copyright/header", test_header);
  g_test_add_func ("/dpkg-copyright/expressions", test_expressions);
  g_test_add_func ("/dpkg-copyright/bad-expressions", test_bad_expressions);
  g_test_add_func ("/dpkg-copyright/prose", test_prose);
  return g_test_run ();
}
