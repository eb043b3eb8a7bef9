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

static G_GNUC_UNUSED void
set_name (FixtureEntry *entry, const char *name)
{
  g_free (entry->name);
  entry->name = g_strdup (name);
}

/* Layer 1 is of an older build: it has another etc/conf, and two files that went; layer 2 has the new one. */
static G_GNUC_UNUSED Fixture *
stale_fixture (void)
{
  Fixture *fixture = fixture_new ();
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  fixture->n_layers = 3;
  while (fixture->layers[1]->len > fixture_find (fixture, 1, "usr/empty") + 1)
    g_ptr_array_remove_index (fixture->layers[1], fixture->layers[1]->len - 1);
  fixture_add_file (fixture, 1, "former", NULL, none, (const char *const[]){ "etc/conf", NULL });
  fixture_add_file (fixture, 1, "gone", NULL, none, (const char *const[]){ "usr/gone", NULL });
  fixture_add_file (fixture, 1, "more", NULL, none, (const char *const[]){ "usr/dir/a", "usr/dir/b", NULL });
  fixture_add_skeleton (fixture, 2);
  fixture_add_file (fixture, 2, "conf", NULL, none, (const char *const[]){ "etc/conf", NULL });
  fixture_add (fixture, 2, '0', "usr/.wh.gone", NULL, 0644, NULL);
  fixture_add (fixture, 2, '0', "usr/.wh.dir", NULL, 0644, NULL);
  return fixture;
}
