/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Helpers of the tests that ask who owns what; for one test program each. */

#include <string.h>

#include "base/error.h"
#include "packages/owners.h"
#include "tests/unit/fake-source.h"

/* The answer for one tree. */
typedef struct {
  VarveInventory *inventory;
  VarveComponents *components; /* NULL when it failed */
  VarveObserver *observer;
  GError *error;
} Ownership;

G_GNUC_UNUSED static void
ownership_free (Ownership *ownership)
{
  g_clear_pointer (&ownership->components, varve_components_free);
  varve_inventory_free (ownership->inventory);
  varve_observer_free (ownership->observer);
  g_clear_error (&ownership->error);
  g_free (ownership);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ownership, ownership_free)

G_GNUC_UNUSED static Ownership *
ownership_read_with (FakeSource *fake, const VarveOwnersOptions *options)
{
  Ownership *ownership = g_new0 (Ownership, 1);
  ownership->inventory = fake_source_inventory (fake);
  ownership->observer = varve_observer_new ();
  ownership->components = varve_owners_read (ownership->inventory, fake_source_source (fake), options,
                                             ownership->observer, NULL, &ownership->error);
  g_assert_true ((ownership->components == NULL) == (ownership->error != NULL));
  return ownership;
}

G_GNUC_UNUSED static Ownership *
ownership_read (FakeSource *fake, VarvePackagesKind kind)
{
  VarveOwnersOptions options = VARVE_OWNERS_OPTIONS_INIT;
  options.kind = kind;
  return ownership_read_with (fake, &options);
}

/* Of the file at @path. */
G_GNUC_UNUSED static const VarveComponent *
ownership_of (Ownership *ownership, const char *path)
{
  g_assert_no_error (ownership->error);
  guint32 file = varve_inventory_find_file (ownership->inventory, path);
  g_assert_cmpuint (file, !=, VARVE_NO_INDEX);
  return varve_components_get (ownership->components, ownership->components->of_file[file]);
}

#define assert_owner(ownership, path, owner) g_assert_cmpstr (ownership_of (ownership, path)->name, ==, owner)
#define assert_kind(ownership, path, owner_kind) g_assert_cmpint (ownership_of (ownership, path)->kind, ==, owner_kind)

/* The next warning contains @text. */
G_GNUC_UNUSED static void
assert_warning (Ownership *ownership, const char *text)
{
  g_autofree char *warning = varve_observer_take_warning (ownership->observer);
  g_assert_nonnull (warning);
  g_test_message ("%s", warning);
  g_assert_nonnull (strstr (warning, text));
}

G_GNUC_UNUSED static void
assert_no_warning (Ownership *ownership)
{
  g_autofree char *warning = varve_observer_take_warning (ownership->observer);
  g_assert_cmpstr (warning, ==, NULL);
}

/* It failed with this code, and the message contains @text. */
G_GNUC_UNUSED static void
assert_failure (Ownership *ownership, VarveError code, const char *text)
{
  g_assert_error (ownership->error, VARVE_ERROR, (gint)code);
  g_test_message ("%s", ownership->error->message);
  g_assert_nonnull (strstr (ownership->error->message, text));
}
