/* SPDX-License-Identifier: Apache-2.0 */
/* model/finding: nothing is lost without being counted, and notes do not push out errors. */
#include "model/finding.h"

static void
test_kept_and_counted (void)
{
  g_autoptr (VarveFindings) findings = varve_findings_new (), other = varve_findings_new ();
  for (guint i = 0; i < VARVE_FINDINGS_MAX_NOTES + 5; i++)
    varve_findings_add (findings, VARVE_SEVERITY_NOTE, "a.note", "place", "number %u", i);
  for (guint i = 0; i < VARVE_FINDINGS_MAX_ERRORS + 5; i++)
    varve_findings_add (other, VARVE_SEVERITY_ERROR, "an.error", "pl\nace", "number %u", i);
  varve_findings_add (findings, VARVE_SEVERITY_ERROR, "first.error", "place", "before the others");
  varve_findings_append (findings, other);
  g_assert_cmpuint (varve_findings_count (findings, VARVE_SEVERITY_NOTE), ==, VARVE_FINDINGS_MAX_NOTES + 5);
  g_assert_cmpuint (varve_findings_count (findings, VARVE_SEVERITY_ERROR), ==, VARVE_FINDINGS_MAX_ERRORS + 6);
  g_assert_cmpuint (varve_findings_kept (findings, VARVE_SEVERITY_ERROR), ==, VARVE_FINDINGS_MAX_ERRORS);
  g_assert_cmpuint (varve_findings_kept (other, VARVE_SEVERITY_ERROR), ==, 0);
  g_assert_cmpstr (varve_findings_get (findings, VARVE_SEVERITY_ERROR, 0)->rule, ==, "first.error");
  const VarveFinding *second = varve_findings_get (findings, VARVE_SEVERITY_ERROR, 1);
  g_assert_cmpstr (second->message, ==, "number 0");
  g_assert_cmpstr (second->where, ==, "pl\\x0aace");
  varve_findings_add (other, VARVE_SEVERITY_NOTE, "a.note", "place", "'%s'", "\x1b[31m\u202e");
  g_assert_cmpstr (varve_findings_get (other, VARVE_SEVERITY_NOTE, 0)->message, ==, "'\\x1b[31m\\u202e'");
}

static void
test_none (void)
{
  varve_findings_add (NULL, VARVE_SEVERITY_ERROR, "a.rule", "place", "swallowed");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finding/kept-and-counted", test_kept_and_counted);
  g_test_add_func ("/finding/none", test_none);
  return g_test_run ();
}
