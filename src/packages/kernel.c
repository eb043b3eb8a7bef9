/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of usr/lib/modules counts only if it has the kernel's own list of modules, or its image: others hold a
 * module from elsewhere, or are left over from a removed kernel. */
#include "packages/kernel.h"

#include <string.h>

static const char MODULES[] = "usr/lib/modules";

static gboolean
has_file (const VarveInventory *inventory, const VarveDirectory *directory, const char *name)
{
  g_autofree char *path = g_strconcat (directory->path, "/", name, NULL);
  return varve_inventory_find_file (inventory, path) != VARVE_NO_INDEX;
}

static gboolean
is_kernel (const VarveInventory *inventory, const VarveDirectory *directory)
{
  return has_file (inventory, directory, "vmlinuz") || has_file (inventory, directory, "modules.builtin")
         || has_file (inventory, directory, "modules.order");
}

static gboolean
is_better (VarveClaims *claims, guint32 component, guint n, guint32 best, guint n_best)
{
  if (best == VARVE_NO_INDEX || n != n_best)
    return best == VARVE_NO_INDEX || n > n_best;
  return strcmp (varve_claims_name (claims, component), varve_claims_name (claims, best)) < 0;
}

static void
count_owner (VarveClaims *claims, guint32 file, GHashTable *counts)
{
  guint32 owner = varve_claims_owner (claims, file);
  VarveComponentKind kind = owner != VARVE_NO_INDEX ? varve_claims_kind (claims, owner) : VARVE_COMPONENT_UNOWNED;
  if (kind != VARVE_COMPONENT_PACKAGE && kind != VARVE_COMPONENT_KERNEL)
    return;
  gpointer key = GUINT_TO_POINTER (owner);
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, key));
  g_hash_table_insert (counts, key, GUINT_TO_POINTER (count + 1));
}

/* The package that owns most files below the directory, or VARVE_NO_INDEX. */
static guint32
main_owner (const VarveInventory *inventory, guint32 directory, VarveClaims *claims)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (NULL, NULL);
  guint32 best = VARVE_NO_INDEX;
  guint n_best = 0;
  for (guint32 i = directory; i < inventory->directories[directory].end_directory; i++)
    for (guint32 n = 0; n < inventory->directories[i].n_files; n++)
      count_owner (claims, inventory->directories[i].first_file + n, counts);
  GHashTableIter iterator;
  gpointer key, value;
  g_hash_table_iter_init (&iterator, counts);
  while (g_hash_table_iter_next (&iterator, &key, &value))
    if (is_better (claims, GPOINTER_TO_UINT (key), GPOINTER_TO_UINT (value), best, n_best))
      {
        best = GPOINTER_TO_UINT (key);
        n_best = GPOINTER_TO_UINT (value);
      }
  return best;
}

static guint32
kernel_component (VarveClaims *claims, guint32 owner)
{
  const char *name = owner != VARVE_NO_INDEX ? varve_claims_name (claims, owner) : "kernel";
  return varve_claims_component (claims, name, VARVE_COMPONENT_KERNEL);
}

static void
claim_free (VarveClaims *claims, guint32 component, guint32 file)
{
  if (varve_claims_is_free (claims, file))
    varve_claims_assign (claims, component, file);
}

static void
claim_modules (const VarveInventory *inventory, guint32 index, VarveClaims *claims)
{
  const VarveDirectory *directory = &inventory->directories[index];
  if (!is_kernel (inventory, directory))
    return;
  guint32 component = kernel_component (claims, main_owner (inventory, index, claims));
  for (guint32 n = 0; n < directory->n_files; n++)
    claim_free (claims, component, directory->first_file + n);
}

static gboolean
is_boot_file (const char *name)
{
  static const char *const PREFIXES[] = { "vmlinuz", "vmlinux", "System.map", "config-", ".vmlinuz", "symvers-" };
  for (guint i = 0; i < G_N_ELEMENTS (PREFIXES); i++)
    if (g_str_has_prefix (name, PREFIXES[i]))
      return TRUE;
  return FALSE;
}

/* "vmlinuz-6.1.0-1-amd64-<checksum>" belongs to usr/lib/modules/6.1.0-1-amd64; a name without a known version, to the
 * last version. */
static guint32
boot_owner (const VarveInventory *inventory, const char *name, VarveClaims *claims)
{
  guint32 modules = varve_inventory_find_directory (inventory, MODULES);
  guint32 end = modules != VARVE_NO_INDEX ? inventory->directories[modules].end_directory : 0;
  guint32 found = VARVE_NO_INDEX;
  gsize found_length = 0;
  for (guint32 i = modules + 1; i < end; i = inventory->directories[i].end_directory)
    {
      const char *version = inventory->directories[i].path + strlen (MODULES) + 1;
      gsize length = strstr (name, version) != NULL ? strlen (version) : 0;
      if (length < found_length || !is_kernel (inventory, &inventory->directories[i]))
        continue;
      found = i;
      found_length = length;
    }
  return found != VARVE_NO_INDEX ? main_owner (inventory, found, claims) : VARVE_NO_INDEX;
}

static void
claim_boot (const VarveInventory *inventory, const char *folder, VarveClaims *claims)
{
  guint32 index = varve_inventory_find_directory (inventory, folder);
  if (index == VARVE_NO_INDEX)
    return;
  const VarveDirectory *directory = &inventory->directories[index];
  for (guint32 file = directory->first_file; file < directory->first_file + directory->n_files; file++)
    {
      const char *name = inventory->files[file].path + strlen (folder) + 1;
      if (is_boot_file (name) && varve_claims_is_free (claims, file))
        varve_claims_assign (claims, kernel_component (claims, boot_owner (inventory, name, claims)), file);
    }
}

void
varve_kernel_claim (const VarveInventory *inventory, VarveClaims *claims)
{
  guint32 modules = varve_inventory_find_directory (inventory, MODULES);
  guint32 end = modules != VARVE_NO_INDEX ? inventory->directories[modules].end_directory : 0;
  for (guint32 i = modules + 1; i < end; i = inventory->directories[i].end_directory)
    claim_modules (inventory, i, claims);
  claim_boot (inventory, "boot", claims);
  claim_boot (inventory, "usr/lib/ostree-boot", claims);
}
