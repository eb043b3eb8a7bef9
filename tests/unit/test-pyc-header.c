/* SPDX-License-Identifier: Apache-2.0 */
/* model/pyc-header: which time and size of its source bytecode records, in each version of Python, and where the source
 * is. */
#include "model/pyc-header.h"

#include "tests/unit/pyc-text.h"

static VarvePycHeader
parse (GBytes *bytes, gsize size_bytes)
{
  g_autoptr (GBytes) owned = bytes;
  return varve_pyc_header_parse (g_bytes_get_data (owned, NULL), size_bytes);
}

static void
test_pep_552 (void)
{
  VarvePycHeader header = parse (pyc_bytes (MAGIC_3_11, 0, 0xfedcba98, 77), 16);
  g_assert_cmpint (header.kind, ==, VARVE_PYC_TIMED);
  g_assert_cmpuint (header.time, ==, 0xfedcba98);
  g_assert_true (header.has_size && !header.is_python2);
  g_assert_cmpuint (header.source_bytes, ==, 77);
  g_assert_cmpint (parse (pyc_bytes (MAGIC_3_11, 1, 5, 6), 16).kind, ==, VARVE_PYC_HASHED);
  g_assert_cmpint (parse (pyc_bytes (MAGIC_3_11, 3, 5, 6), 16).kind, ==, VARVE_PYC_HASHED);
  g_assert_cmpint (parse (pyc_bytes (MAGIC_3_11, 4, 5, 6), 16).kind, ==, VARVE_PYC_UNKNOWN);
  g_assert_cmpint (parse (pyc_bytes (MAGIC_3_11, 0, 5, 6), 15).kind, ==, VARVE_PYC_UNKNOWN);
  g_assert_cmpint (parse (pyc_bytes (MAGIC_3_11, 0, 5, 6), 0).kind, ==, VARVE_PYC_UNKNOWN);
  g_assert_cmpint (parse (pyc_bytes (384, 0, 5, 6), 16).kind, ==, VARVE_PYC_TIMED); /* PyPy 3.9 */
  g_assert_cmpint (varve_pyc_header_parse ((const guint8 *)"#!/usr/bin/python", 16).kind, ==, VARVE_PYC_UNKNOWN);
}

/* Their second field is the time. */
static void
test_older (void)
{
  VarvePycHeader header = parse (pyc_bytes (3379, 1000, 77, 0), 12); /* Python 3.6 */
  g_assert_cmpint (header.kind, ==, VARVE_PYC_TIMED);
  g_assert_cmpuint (header.time, ==, 1000);
  g_assert_true (header.has_size);
  g_assert_cmpuint (header.source_bytes, ==, 77);
  g_assert_cmpint (parse (pyc_bytes (3379, 1000, 77, 0), 11).kind, ==, VARVE_PYC_UNKNOWN);
  header = parse (pyc_bytes (3180, 1000, 77, 0), 8); /* Python 3.2 */
  g_assert_true (header.kind == VARVE_PYC_TIMED && header.time == 1000 && !header.has_size && !header.is_python2);
  header = parse (pyc_bytes (62211, 1000, 77, 0), 8); /* Python 2.7 */
  g_assert_true (header.kind == VARVE_PYC_TIMED && header.time == 1000 && !header.has_size && header.is_python2);
  g_assert_cmpint (parse (pyc_bytes (62211, 1000, 77, 0), 7).kind, ==, VARVE_PYC_UNKNOWN);
}

static void
test_source (void)
{
  static const struct {
    const char *path, *source;
    gboolean is_beside;
  } CASES[] = {
    { "usr/lib/m/__pycache__/a.cpython-313.pyc", "usr/lib/m/a.py", FALSE },
    { "usr/lib/m/__pycache__/a.cpython-313.opt-2.pyc", "usr/lib/m/a.py", FALSE },
    { "usr/lib/m/__pycache__/a.b.pypy39.pyc", "usr/lib/m/a.b.py", FALSE },
    { "usr/lib/m/__pycache__/opt-1.cpython-313.pyc", "usr/lib/m/opt-1.py", FALSE },
    { "__pycache__/a.cpython-313.pyc", "a.py", FALSE },
    { "usr/lib/m/__pycache__/a.pyc", NULL, FALSE },
    { "usr/lib/m/__pycache__/.opt-1.pyc", NULL, FALSE },
    { "usr/lib/m/__pycache__/a.opt-1.pyc", NULL, FALSE },
    { "usr/lib/m/__pycache__/.cpython-313.pyc", NULL, FALSE },
    { "usr/lib/m/not__pycache__/a.b.pyc", "usr/lib/m/not__pycache__/a.b.py", TRUE },
    { "usr/lib/m/a.pyc", "usr/lib/m/a.py", TRUE },
    { "a.pyo", "a.py", TRUE },
    { "usr/lib/m/.pyc", NULL, FALSE },
    { "usr/lib/m/a.py", NULL, FALSE },
    { "", NULL, FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      gboolean is_beside = FALSE;
      g_autofree char *source = varve_pyc_source (CASES[i].path, &is_beside);
      g_test_message ("%s", CASES[i].path);
      g_assert_cmpstr (source, ==, CASES[i].source);
      g_assert_cmpint (is_beside, ==, CASES[i].is_beside);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pyc-header/pep-552", test_pep_552);
  g_test_add_func ("/pyc-header/older", test_older);
  g_test_add_func ("/pyc-header/source", test_source);
  return g_test_run ();
}
