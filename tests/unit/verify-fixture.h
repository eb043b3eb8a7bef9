/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changing an image of image-fixture.h, verifying it, and the rules that were found broken. */

#include "tests/unit/image-fixture.h"
#include "verify/verify.h"

static VarveFindings *
verify (const VarveImage *image, guint jobs)
{
  g_autoptr (GError) error = NULL;
  VarveVerifyOptions options = { .jobs = jobs };
  VarveFindings *findings = varve_verify_image (image, &options, NULL, NULL, &error);
  g_assert_no_error (error);
  return findings;
}

static char *
list (VarveFindings *findings, VarveSeverity severity)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < varve_findings_kept (findings, severity); i++)
    {
      const VarveFinding *finding = varve_findings_get (findings, severity, i);
      g_test_message ("%s: %s: %s", finding->rule, finding->where, finding->message);
      g_string_append_printf (text, "%s ", finding->rule);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
set_name (FixtureEntry *entry, const char *name)
{
  g_free (entry->name);
  entry->name = g_strdup (name);
}
