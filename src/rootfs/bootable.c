/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/bootable.h"

#include <string.h>

#include "base/error.h"
#include "base/whole-stream.h"
#include "rootfs/elf-machine.h"
#include "rootfs/initramfs.h"
#include "rootfs/uki-check.h"

enum { CONFIG_MAX_BYTES = 1 << 20 };

/* Every system has at least one of these programs. */
static const char *const PROGRAMS[] = {
  "usr/lib/systemd/systemd", "usr/bin/bash", "usr/bin/dash", "usr/bin/busybox", "bin/busybox", "bin/bash", "bin/dash",
  "lib/systemd/systemd",
};

static const char *const API_FOLDERS[] = { "dev", "proc", "run", "sys", "tmp", "var" };

void
varve_bootable_clear (VarveBootable *bootable)
{
  g_clear_pointer (&bootable->kernel, g_free);
}

/* What is checked. */
typedef struct {
  const VarveInventory *inventory;
  VarveSource *source;
  VarveObserver *observer;
  GCancellable *cancellable;
} BootTree;

static gboolean
is_file (const VarveInventory *inventory, const char *path)
{
  guint32 file = varve_inventory_find_file (inventory, path);
  return file != VARVE_NO_INDEX && inventory->objects[inventory->files[file].object].symlink_target == NULL;
}

/* A file, perhaps behind symlinks. */
static gboolean
leads_to_file (const VarveInventory *inventory, const char *path)
{
  g_autofree char *through = g_strconcat (path, "/.", NULL); /* so that the last component is followed, too */
  g_autofree char *resolved = varve_inventory_resolve (inventory, through);
  return resolved != NULL && is_file (inventory, resolved);
}

static const VarveDirectory *
find_folder (const VarveInventory *inventory, const char *path)
{
  guint32 directory = varve_inventory_find_directory (inventory, path);
  return directory != VARVE_NO_INDEX ? &inventory->directories[directory] : NULL;
}

static gboolean
has_children (const VarveInventory *inventory, const char *path)
{
  const VarveDirectory *folder = find_folder (inventory, path);
  return folder != NULL && (folder->n_files > 0 || folder->end_directory > folder - inventory->directories + 1);
}

static gboolean
is_usr_or_etc_file (const VarveInventory *inventory, const char *name)
{
  g_autofree char *usr = g_strconcat ("usr/lib/", name, NULL), *etc = g_strconcat ("etc/", name, NULL);
  g_autofree char *usr_etc = g_strconcat ("usr/etc/", name, NULL);
  return is_file (inventory, usr) || is_file (inventory, etc) || is_file (inventory, usr_etc);
}

/* The kernel versions with an image; owned strings. */
static GPtrArray *
find_kernels (const VarveInventory *inventory)
{
  GPtrArray *kernels = g_ptr_array_new_with_free_func (g_free);
  guint32 modules = varve_inventory_find_directory (inventory, "usr/lib/modules");
  if (modules == VARVE_NO_INDEX)
    return kernels;
  for (guint32 i = modules + 1; i < inventory->directories[modules].end_directory;
       i = inventory->directories[i].end_directory)
    {
      g_autofree char *vmlinuz = g_strconcat (inventory->directories[i].path, "/vmlinuz", NULL);
      if (leads_to_file (inventory, vmlinuz))
        g_ptr_array_add (kernels, g_path_get_basename (inventory->directories[i].path));
    }
  return kernels;
}

/* The version of a "vmlinuz-6.1.0" in /boot, where distributions put it. */
static const char *
kernel_in_boot (const VarveInventory *inventory)
{
  const VarveDirectory *boot = find_folder (inventory, "boot");
  for (guint32 i = 0; boot != NULL && i < boot->n_files; i++)
    if (g_str_has_prefix (inventory->files[boot->first_file + i].path, "boot/vmlinuz-"))
      return inventory->files[boot->first_file + i].path + strlen ("boot/vmlinuz-");
  return NULL;
}

static void
tell_missing_kernel (const VarveInventory *inventory, VarveObserver *observer)
{
  if (has_children (inventory, "usr/lib/ostree-boot")) /* where older commits have it */
    return;
  const char *version = kernel_in_boot (inventory);
  g_autofree char *escaped = version != NULL ? varve_escape (version) : NULL;
  if (escaped != NULL)
    varve_observer_warn (observer,
                         "the image will not boot: the kernel is in /boot; move '/boot/vmlinuz-%s' to "
                         "'/usr/lib/modules/%s/vmlinuz', and its initramfs to 'initramfs.img' beside it",
                         escaped, escaped);
  else
    varve_observer_warn (observer, "the image will not boot: neither '/usr/lib/modules/KERNEL/vmlinuz' nor a UKI "
                                   "'/boot/EFI/Linux/NAME.efi' in the tree");
}

/* NULL for a missing or unreadable file. */
static GBytes *
read_config (const VarveInventory *inventory, VarveSource *source, const char *path, GCancellable *cancellable)
{
  g_autofree char *usr_path = g_strconcat ("usr/", path, NULL);
  guint32 file = varve_inventory_find_file (inventory, path);
  if (file == VARVE_NO_INDEX && g_str_has_prefix (path, "etc/"))
    file = varve_inventory_find_file (inventory, usr_path);
  if (file == VARVE_NO_INDEX)
    return NULL;
  const VarveObject *object = &inventory->objects[inventory->files[file].object];
  if (object->symlink_target != NULL || object->size_bytes > CONFIG_MAX_BYTES)
    return NULL;
  g_autoptr (GInputStream) content = source->open_content (source, &object->checksum, cancellable, NULL);
  return content != NULL ? varve_whole_stream_read (content, CONFIG_MAX_BYTES, cancellable, NULL) : NULL;
}

/* As libostree's otcore-prepare-root.c reads it: "maybe" boots without. */
static gboolean
enables_composefs (GBytes *config)
{
  static const char *const OFF[] = { "no", "false", "0", "maybe", NULL };
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  if (config == NULL || !g_key_file_load_from_bytes (keys, config, G_KEY_FILE_NONE, NULL))
    return FALSE;
  g_autofree char *value = g_key_file_get_string (keys, "composefs", "enabled", NULL);
  return value != NULL && !g_strv_contains (OFF, value);
}

static gboolean
is_same_config (GBytes *a, GBytes *b)
{
  return a == b || (a != NULL && b != NULL && g_bytes_equal (a, b));
}

/* The configuration that is copied into the initramfs decides, since it is read before the deployment is mounted. */
static void
check_configs (const BootTree *tree, const VarveInitramfs *initramfs, const char *initramfs_path)
{
  static const char *const CONFIGS[] = VARVE_PREPARE_ROOT_CONFIGS;
  const char *different = NULL;
  GBytes *decides = NULL;
  g_autoptr (GPtrArray) configs = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  for (guint i = 0; i < G_N_ELEMENTS (CONFIGS); i++)
    {
      GBytes *config = read_config (tree->inventory, tree->source, CONFIGS[i], tree->cancellable);
      if (config != NULL)
        g_ptr_array_add (configs, config);
      if (!is_same_config (config, initramfs->configs[i]))
        different = CONFIGS[i];
      if (config != NULL || initramfs->configs[i] != NULL)
        decides = initramfs->configs[i] != NULL ? initramfs->configs[i] : config;
    }
  if (initramfs->refuses_composefs && enables_composefs (decides))
    varve_observer_warn (
        tree->observer,
        "the image will not boot: prepare-root.conf enables composefs, and the ostree-prepare-root in "
        "'/%s' does not support it; remove 'enabled' below '[composefs]', then create the initramfs again",
        initramfs_path);
  else if (different != NULL && initramfs->reads_config)
    varve_observer_warn (tree->observer,
                         "'/%s' is not the one in '/%s', which decides how the image boots; make the initramfs again",
                         different, initramfs_path);
}

/* Whether its program for the root is built without composefs. */
static gboolean
check_initramfs (const BootTree *tree, const char *kernel)
{
  g_autofree char *path = g_strconcat ("usr/lib/modules/", kernel, "/initramfs.img", NULL),
                  *escaped = varve_escape (path);
  if (!is_file (tree->inventory, path))
    {
      varve_observer_warn (tree->observer,
                           "the image will not boot: no '/%s'; create it, for example with 'dracut --add ostree'",
                           escaped);
      return FALSE;
    }
  VarveInitramfs initramfs;
  guint32 file = varve_inventory_find_file (tree->inventory, path);
  varve_initramfs_read (tree->source, &tree->inventory->objects[tree->inventory->files[file].object], &initramfs,
                        tree->cancellable);
  if (initramfs.is_whole && !initramfs.has_root_setup)
    varve_observer_warn (tree->observer,
                         "the image will not boot: '/%s' has no ostree-prepare-root, which mounts the root; make it "
                         "again with 'dracut --add ostree' or the like",
                         escaped);
  else if (initramfs.is_whole)
    check_configs (tree, &initramfs, escaped);
  varve_initramfs_clear (&initramfs);
  return initramfs.refuses_composefs;
}

static void
check_api_folders (const VarveInventory *inventory, VarveObserver *observer)
{
  g_autoptr (GString) missing = g_string_new (NULL);
  guint n = 0;
  for (guint i = 0; i < G_N_ELEMENTS (API_FOLDERS); i++)
    if (find_folder (inventory, API_FOLDERS[i]) == NULL)
      g_string_append_printf (missing, "%s'/%s'", n++ > 0 ? ", " : "", API_FOLDERS[i]);
  if (n > 0)
    varve_observer_warn (observer, "no folder%s %s, over which a running system mounts; create %s", n > 1 ? "s" : "",
                         missing->str, n > 1 ? "them" : "it");
}

/* Of the mount points, bootc's composefs backend fails without these two. */
static void
check_mount_points (const VarveInventory *inventory, VarveObserver *observer)
{
  if (find_folder (inventory, "sysroot") == NULL)
    varve_observer_warn (observer,
                         "the image will not boot: no folder '/sysroot', where hosts mount the disk; create it");
  if (find_folder (inventory, "boot") == NULL)
    varve_observer_warn (observer, "the image will not boot: no folder '/boot', which bootc demands; create it");
  check_api_folders (inventory, observer);
}

static void
check_links (const VarveInventory *inventory, VarveObserver *observer)
{
  guint32 ostree = varve_inventory_find_file (inventory, "ostree");
  if (ostree == VARVE_NO_INDEX
      || g_strcmp0 (inventory->objects[inventory->files[ostree].object].symlink_target, "sysroot/ostree") != 0)
    varve_observer_warn (observer, "the image will not boot: '/ostree' is not a symlink to 'sysroot/ostree'; create it "
                                   "with 'ln -s sysroot/ostree ostree'");
}

/* Whether /boot has anything but EFI programs, which bootc's composefs backend takes from there. */
static gboolean
has_hidden_files (const VarveInventory *inventory)
{
  guint32 boot = varve_inventory_find_directory (inventory, "boot");
  const VarveDirectory *folder = boot != VARVE_NO_INDEX ? &inventory->directories[boot] : NULL;
  if (folder == NULL || folder->n_files > 0)
    return folder != NULL;
  for (guint32 i = boot + 1; i < folder->end_directory; i = inventory->directories[i].end_directory)
    if (strcmp (inventory->directories[i].path, "boot/EFI") != 0)
      return TRUE;
  return FALSE;
}

static guint
count_files_in_var (const VarveInventory *inventory)
{
  guint n_files = 0;
  const VarveDirectory *var = find_folder (inventory, "var");
  for (guint32 i = 0; var != NULL && i < var->end_directory - (var - inventory->directories); i++)
    n_files += var[i].n_files;
  return n_files;
}

static void
check_content (const VarveInventory *inventory, VarveObserver *observer)
{
  guint n_files = count_files_in_var (inventory);
  if (has_hidden_files (inventory))
    varve_observer_warn (observer,
                         "'/boot' is not empty: hosts mount another file system there, which hides its files");
  if (n_files > 0)
    varve_observer_warn (
        observer, "'/var' has %u file%s: hosts copy them only at installation; create required files with tmpfiles.d",
        n_files, n_files == 1 ? "" : "s");
}

static const char *
find_machine (const VarveInventory *inventory, VarveSource *source)
{
  for (guint i = 0; i < G_N_ELEMENTS (PROGRAMS); i++)
    {
      if (!is_file (inventory, PROGRAMS[i]))
        continue;
      guint32 file = varve_inventory_find_file (inventory, PROGRAMS[i]);
      g_autoptr (GInputStream) content
          = source->open_content (source, &inventory->objects[inventory->files[file].object].checksum, NULL, NULL);
      const char *machine = content != NULL ? varve_elf_machine (content) : NULL;
      if (machine != NULL)
        return machine;
    }
  return NULL;
}

void
varve_bootable_read (const VarveInventory *inventory, VarveSource *source, VarveBootable *out_bootable)
{
  g_autoptr (GPtrArray) kernels = find_kernels (inventory);
  *out_bootable = (VarveBootable){
    .is_bootable = kernels->len == 1 || varve_uki_check_finds (inventory),
    .kernel = kernels->len == 1 ? g_strdup (kernels->pdata[0]) : NULL,
    .machine = find_machine (inventory, source),
  };
  if (kernels->len == 0)
    out_bootable->kernel = varve_uki_check_release (inventory, source);
}

/* What the ostree backend and rpm-ostree need. */
static void
check_kernels (const BootTree *tree, const GPtrArray *kernels)
{
  gboolean has_composefs = TRUE;
  if (kernels->len > 1)
    varve_observer_warn (tree->observer,
                         "the image will not boot: %u kernels in '/usr/lib/modules' ('%s', '%s'); keep one",
                         kernels->len, (const char *)kernels->pdata[0], (const char *)kernels->pdata[1]);
  for (guint i = 0; i < kernels->len; i++)
    if (check_initramfs (tree, kernels->pdata[i]))
      has_composefs = FALSE;
  check_links (tree->inventory, tree->observer);
  if (!is_usr_or_etc_file (tree->inventory, "ostree/prepare-root.conf"))
    varve_observer_warn (tree->observer, "no '/usr/lib/ostree/prepare-root.conf': bootc needs one with '%s'",
                         has_composefs ? "[composefs] enabled = true" : "[sysroot] readonly = true");
}

void
varve_bootable_check (const VarveInventory *inventory, VarveSource *source, VarveBootableMode mode,
                      VarveObserver *observer, GCancellable *cancellable)
{
  BootTree tree = { .inventory = inventory, .source = source, .observer = observer, .cancellable = cancellable };
  g_autoptr (GPtrArray) kernels = find_kernels (inventory);
  gboolean is_sealed = varve_uki_check_finds (inventory);
  varve_uki_check (inventory, source, observer, cancellable);
  if (kernels->len == 0 && !is_sealed)
    {
      if (mode == VARVE_BOOTABLE_EXPECTED)
        tell_missing_kernel (inventory, observer);
      return;
    }
  if (!is_sealed)
    check_kernels (&tree, kernels);
  check_mount_points (inventory, observer);
  check_content (inventory, observer);
}
