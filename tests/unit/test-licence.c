/* SPDX-License-Identifier: Apache-2.0 */
/* release/licence: which text is an SPDX expression, and what becomes of other text. */
#include "release/licence.h"

#include <string.h>

#include "release/licence-ids.h"

static void
test_valid (void)
{
  static const struct {
    const char *text, *expression;
  } CASES[] = {
    { "MIT", "MIT" },
    { "mit", "MIT" },
    { "Apache-2.0+", "Apache-2.0+" },
    { "GPL-2.0+", "GPL-2.0+" },
    { " MIT  AND ( ISC OR  0BSD ) ", "MIT AND (ISC OR 0BSD)" },
    { "GPL-2.0-only WITH Linux-syscall-note", "GPL-2.0-only WITH Linux-syscall-note" },
    { "gpl-2.0-only WITH linux-syscall-note OR MIT", "GPL-2.0-only WITH Linux-syscall-note OR MIT" },
    { "LicenseRef-Fedora-Public-Domain AND MIT", "LicenseRef-Fedora-Public-Domain AND MIT" },
    { "((MIT))", "((MIT))" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *expression = varve_licence_parse (CASES[i].text);
      g_assert_cmpstr (expression, ==, CASES[i].expression);
    }
}

static void
test_invalid (void)
{
  static const char *const TEXTS[] = {
    "",
    "GPLv2+",
    "MIT and ISC",
    "MIT AND",
    "AND MIT",
    "MIT ISC",
    "(MIT",
    "MIT)",
    "()",
    "MIT,",
    "WITH",
    "MIT WITH",
    "MIT WITH MIT",
    "MIT WITH Unknown",
    "GPLv2 OR MIT",
    "LicenseRef-",
    "LicenseRef-a+",
    "DocumentRef-x:LicenseRef-y",
  };
  for (guint i = 0; i < G_N_ELEMENTS (TEXTS); i++)
    {
      g_autofree char *expression = varve_licence_parse (TEXTS[i]);
      g_assert_cmpstr (expression, ==, NULL);
    }
}

static void
test_depth (void)
{
  for (guint depth = 32; depth <= 33; depth++)
    {
      g_autofree char *open = g_strnfill (depth, '('), *close = g_strnfill (depth, ')');
      g_autofree char *text = g_strconcat (open, "MIT", close, NULL);
      g_autofree char *expression = varve_licence_parse (text);
      g_assert_true ((expression != NULL) == (depth == 32));
    }
  g_autofree char *many = g_strnfill (1 << 20, '(');
  g_assert_null (varve_licence_parse (many));
}

static void
test_join (void)
{
  g_auto (VarveLicenceRefs) refs;
  varve_licence_refs_init (&refs);
  g_autoptr (GPtrArray) licences = g_ptr_array_new ();
  g_autofree char *none = varve_licences_join (licences, &refs);
  g_assert_cmpstr (none, ==, "NOASSERTION");
  g_ptr_array_add (licences, (gpointer) "MIT OR ISC");
  g_autofree char *one = varve_licences_join (licences, &refs);
  g_assert_cmpstr (one, ==, "MIT OR ISC");
  g_ptr_array_add (licences, (gpointer) "GPLv2+");
  g_ptr_array_add (licences, (gpointer) "LicenseRef-Lake");
  g_autofree char *joined = varve_licences_join (licences, &refs);
  g_assert_true (g_str_has_prefix (joined, "(MIT OR ISC) AND LicenseRef-GPLv2--"));
  g_assert_true (g_str_has_suffix (joined, " AND LicenseRef-Lake"));
  g_autofree char *again = varve_licence_parse (joined);
  g_assert_cmpstr (again, ==, joined);
  g_autoptr (GPtrArray) list = varve_licence_refs_list (&refs);
  g_assert_cmpuint (list->len, ==, 2);
  const VarveLicenceRef *first = list->pdata[0], *second = list->pdata[1];
  g_assert_cmpstr (first->text, ==, "GPLv2+");
  g_assert_cmpstr (second->identifier, ==, "LicenseRef-Lake");
}

/* Two texts of the same letters and digits are two licences. */
static void
test_apart (void)
{
  g_auto (VarveLicenceRefs) refs;
  varve_licence_refs_init (&refs);
  g_autoptr (GPtrArray) licences = g_ptr_array_new ();
  g_ptr_array_add (licences, (gpointer) "A B");
  g_ptr_array_add (licences, (gpointer) "A/B");
  g_ptr_array_add (licences, (gpointer) "A-B");
  g_autofree char *joined = varve_licences_join (licences, &refs);
  g_autoptr (GPtrArray) list = varve_licence_refs_list (&refs);
  g_assert_cmpuint (list->len, ==, 3);
}

/* The search in halves finds every entry only in a sorted table. */
static void
test_tables (void)
{
  static const char *const KNOWN[] = { "0BSD", "AGPL-1.0-only", "BSD-3-Clause", "GPL-2.0", "LGPL-2.1-or-later",
                                       "MIT",  "Unicode-3.0",   "X11",          "Zlib",    "ZPL-2.1" };
  for (guint i = 0; i < G_N_ELEMENTS (KNOWN); i++)
    g_assert_cmpstr (varve_licence_find (KNOWN[i]), ==, KNOWN[i]);
  g_assert_null (varve_licence_find ("Expat"));
  g_assert_cmpstr (varve_licence_exception_find ("GCC-exception-3.1"), ==, "GCC-exception-3.1");
  g_assert_null (varve_licence_exception_find ("MIT"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/licence/valid", test_valid);
  g_test_add_func ("/licence/invalid", test_invalid);
  g_test_add_func ("/licence/depth", test_depth);
  g_test_add_func ("/licence/join", test_join);
  g_test_add_func ("/licence/apart", test_apart);
  g_test_add_func ("/licence/tables", test_tables);
  return g_test_run ();
}
