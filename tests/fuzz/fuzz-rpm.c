/* SPDX-License-Identifier: Apache-2.0 */
/* An rpm database in a tree. The first byte chooses the format. */
#include "tests/fuzz/fuzz.h"

#include "packages/database.h"
#include "tests/unit/fake-source.h"

/* librpm keeps the connection to an sqlite database that it refuses. */
const char *__lsan_default_suppressions (void);
const char *
__lsan_default_suppressions (void)
{
  return "leak:libsqlite3\n";
}

static const char *const FILES[] = { "rpmdb.sqlite", "Packages.db", "Packages" };

static void
read_database (FakeSource *fake)
{
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  g_autoptr (VarvePackageTree) tree = varve_package_tree_new (inventory, fake_source_source (fake), NULL, NULL);
  g_autoptr (VarveClaims) claims = varve_claims_new (inventory);
  g_autoptr (GError) error = NULL;
  guint32 directory = varve_inventory_find_directory (inventory, "usr/share/rpm");
  if (!varve_rpm_database.read (tree, directory, claims, &error))
    g_assert_nonnull (error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 1)
    return 0;
  g_autoptr (GBytes) bytes = g_bytes_new (data + 1, size - 1);
  g_autoptr (FakeSource) fake = fake_source_new ();
  g_autofree char *path = g_build_filename ("usr/share/rpm", FILES[data[0] % G_N_ELEMENTS (FILES)], NULL);
  fake_source_add_bytes (fake, path, bytes);
  fake_source_add_text (fake, "usr/bin/tool", "a tool");
  read_database (fake);
  return 0;
}
