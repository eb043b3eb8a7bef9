/* SPDX-License-Identifier: Apache-2.0 */
/* ostree/sign: what may be added to detached metadata, and that signing leaves no files. */
#include "ostree/sign.h"

#include <glib/gstdio.h>
#include <ostree.h>

#include "base/error.h"
#include "ostree/flat-commit.h"

static GBytes *
metadata_of (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) variant = g_variant_parse (G_VARIANT_TYPE ("a{sv}"), text, NULL, NULL, &error);
  g_assert_no_error (error);
  return g_variant_get_data_as_bytes (variant);
}

static void
test_only_adds (void)
{
  static const struct {
    const char *with, *without; /* NULL: no metadata */
    gboolean expected;
  } CASES[] = {
    { "{}", NULL, TRUE },
    { "{'ostree.gpgsigs': <[b'a']>}", NULL, TRUE },
    { "{'ostree.sign.ed25519': <[b'a']>, 'key': <1>}", "{'key': <1>}", TRUE },
    { "{'ostree.gpgsigs': <[b'a', b'b']>}", "{'ostree.gpgsigs': <[b'a']>}", TRUE },
    { "{'ostree.gpgsigs': <[b'a']>}", "{'ostree.gpgsigs': <[b'a']>}", TRUE },
    { "{'ostree.gpgsigs': <[b'b', b'a']>}", "{'ostree.gpgsigs': <[b'a']>}", FALSE },
    { "{'ostree.gpgsigs': <[b'a']>}", "{'ostree.gpgsigs': <[b'a', b'b']>}", FALSE },
    { "{'ostree.gpgsigs': <[b'a']>}", "{'ostree.gpgsigs': <'a'>}", FALSE },
    { "{'ostree.gpgsigs': <'a'>}", NULL, FALSE },
    { "{}", "{'ostree.gpgsigs': <[b'a']>}", FALSE },
    { "{'key': <1>}", NULL, FALSE },
    { "{'key': <2>}", "{'key': <1>}", FALSE },
    { "{}", "{'key': <1>}", FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("%s, %s", CASES[i].with, CASES[i].without);
      g_autoptr (GBytes) with = metadata_of (CASES[i].with),
                         without = CASES[i].without != NULL ? metadata_of (CASES[i].without) : NULL;
      g_assert_true (varve_sign_only_adds (with, without) == CASES[i].expected);
    }
}

static void
assert_no_files (void)
{
  g_autoptr (GDir) folder = g_dir_open (g_getenv ("TMPDIR"), 0, NULL);
  g_assert_null (g_dir_read_name (folder));
}

static GBytes *
sign (const char *key, GError **error)
{
  const char *keys[] = { key, NULL };
  VarveFlatCommit *flat = varve_flat_commit_new (NULL, 0, NULL);
  g_autoptr (GBytes) before = metadata_of ("{'key': <1>}");
  GBytes *after = varve_sign_commit (&flat->commit, flat->commit_raw, before, keys, NULL, error);
  if (after != NULL)
    g_assert_true (varve_sign_only_adds (after, before) && !g_bytes_equal (after, before));
  varve_flat_commit_free (flat);
  return after;
}

static void
test_bad_keys (void)
{
  static const char *const KEYS[] = { "", "gpg", "=file", "ed25519=" };
  for (guint i = 0; i < G_N_ELEMENTS (KEYS); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (sign (KEYS[i], &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_USAGE);
      g_autofree char *expected = g_strdup_printf ("'%s': expected gpg=KEY-ID or TYPE=FILE, as ed25519=FILE", KEYS[i]);
      g_assert_cmpstr (error->message, ==, expected);
      assert_no_files ();
    }
}

/* The key of RFC 8032, section 7.1, test 1: secret and public half. */
static void
test_ed25519 (void)
{
  g_autoptr (GError) error = NULL, missing = NULL;
  g_autoptr (OstreeSign) type = ostree_sign_get_by_name ("ed25519", NULL);
  if (type == NULL)
    {
      g_test_skip ("libostree has no ed25519");
      return;
    }
  g_autofree char *path = g_dir_make_tmp ("varve-test-XXXXXX", &error), *file = g_build_filename (path, "key", NULL);
  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (
      file, "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==\n", -1, NULL));
  g_autofree char *key = g_strconcat ("ed25519=", file, NULL);
  g_autoptr (GBytes) with_signature = sign (key, &error);
  g_assert_no_error (error);
  g_assert_nonnull (with_signature);
  g_assert_cmpint (g_remove (file), ==, 0);
  g_assert_null (sign (key, &missing));
  g_assert_error (missing, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  g_assert_cmpint (g_rmdir (path), ==, 0);
  assert_no_files ();
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_strdup ("/var/tmp/varve-test-XXXXXX");
  g_assert_nonnull (g_mkdtemp (folder));
  g_setenv ("TMPDIR", folder, TRUE);
  g_setenv ("PATH", "/nonexistent", TRUE); /* removing the temporary folder needs no other program */
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sign/only-adds", test_only_adds);
  g_test_add_func ("/sign/bad-keys", test_bad_keys);
  g_test_add_func ("/sign/ed25519", test_ed25519);
  int status = g_test_run ();
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  return status;
}
