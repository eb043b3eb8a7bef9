/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/uki.h"

#include <string.h>

#include "packages/component-name.h"
#include "packages/path-glob.h"

static const char NAME[] = "uki", ADDONS[] = "uki-addons", BOOT_LOADER[] = "boot-loader";

/* Where composefs-boot's Type2Entry::load_all() looks, at any depth. */
static const char *const TAKEN[]
    = { "boot/EFI/Linux/**/*.efi", "boot/loader/addons/**/*.efi", "usr/lib/modules/*/**/*.efi", NULL };

/* Where others put the EFI system partition: kernel-install, mkosi, and commits before usr/lib/modules had the kernel.
 */
static const char *const OTHERS[]
    = { "efi/EFI/Linux/**/*.efi", "boot/efi/EFI/Linux/**/*.efi", "efi/loader/addons/**/*.efi",
        "usr/lib/ostree-boot/efi/EFI/Linux/**/*.efi", NULL };

/* bootupd's updates, Fedora's usr/lib/efi, systemd-boot, GRUB for confidential computing as bootc installs it. */
static const char *const BOOT_LOADERS[] = {
  "boot/EFI/**",
  "boot/efi/EFI/**",
  "boot/loader/**",
  "efi/**",
  "usr/lib/efi/**",
  "usr/lib/bootupd/updates/**",
  "usr/lib/systemd/boot/efi/**",
  "usr/lib/ostree-boot/efi/**",
  "usr/lib/grub-cc/**",
  NULL,
};

gboolean
varve_uki_is_taken (const char *path)
{
  return varve_path_glob_match_any (TAKEN, path);
}

static gboolean
is_in_place (const char *path)
{
  return varve_uki_is_taken (path) || varve_path_glob_match_any (OTHERS, path);
}

static gboolean
is_addon (const char *path)
{
  return g_str_has_suffix (path, ".addon.efi") && is_in_place (path);
}

gboolean
varve_uki_is_image (const char *path)
{
  return g_str_has_suffix (path, ".efi") && !g_str_has_suffix (path, ".addon.efi") && is_in_place (path);
}

gboolean
varve_uki_is_component (const char *name)
{
  return strcmp (name, NAME) == 0 || g_str_has_prefix (name, "uki:/");
}

static gboolean
is_uki (const VarveInventory *inventory, guint32 file)
{
  return varve_uki_is_image (inventory->files[file].path)
         && inventory->objects[inventory->files[file].object].symlink_target == NULL;
}

/* Objects (guint32), in the order of their first paths. */
static GArray *
find_ukis (const VarveInventory *inventory)
{
  GArray *objects = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  for (guint32 i = 0; i < inventory->n_files; i++)
    if (is_uki (inventory, i) && g_hash_table_add (known, GUINT_TO_POINTER (inventory->files[i].object)))
      g_array_append_val (objects, inventory->files[i].object);
  return objects;
}

static void
claim_uki (const VarveInventory *inventory, guint32 object, const char *name, VarveClaims *claims)
{
  guint32 component = varve_claims_component (claims, name, VARVE_COMPONENT_UKI);
  for (guint32 i = inventory->objects[object].first_file; i != VARVE_NO_INDEX; i = inventory->files[i].next_file)
    if (is_uki (inventory, i))
      varve_claims_assign (claims, component, i);
}

static char *
name_of_uki (const VarveInventory *inventory, guint32 object)
{
  guint32 file = inventory->objects[object].first_file;
  while (!is_uki (inventory, file))
    file = inventory->files[file].next_file;
  g_autofree char *path = g_strconcat ("/", inventory->files[file].path, NULL);
  return varve_component_name_from_path ("uki:", path);
}

void
varve_uki_claim (const VarveInventory *inventory, VarveClaims *claims)
{
  g_autoptr (GArray) objects = find_ukis (inventory);
  for (guint i = 0; i < objects->len; i++)
    {
      guint32 object = g_array_index (objects, guint32, i);
      g_autofree char *name = objects->len == 1 ? g_strdup (NAME) : name_of_uki (inventory, object);
      claim_uki (inventory, object, name, claims);
    }
}

void
varve_uki_claim_others (const VarveInventory *inventory, VarveClaims *claims)
{
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      const char *path = inventory->files[i].path;
      const char *name = is_addon (path) ? ADDONS : BOOT_LOADER;
      if (varve_claims_is_free (claims, i) && (name == ADDONS || varve_path_glob_match_any (BOOT_LOADERS, path)))
        varve_claims_assign (claims, varve_claims_component (claims, name, VARVE_COMPONENT_UNOWNED), i);
    }
}
