#include "rootfs/bootable.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "rootfs/elf-machine.h"

/* Programs that every system has one of. */
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

static gboolean
is_file (const VarveTree *tree, const char *path)
{
  const VarveTreeNode *node = varve_tree_find (tree, path);
  return node != NULL && S_ISREG (node->inode->mode);
}

static gboolean
is_folder (const VarveTree *tree, const char *path)
{
  const VarveTreeNode *node = varve_tree_find (tree, path);
  return node != NULL && node->children != NULL;
}

static gboolean
has_children (const VarveTree *tree, const char *path)
{
  const VarveTreeNode *node = varve_tree_find (tree, path);
  return node != NULL && node->children != NULL && g_tree_nnodes (node->children) > 0;
}

static gboolean
is_usr_or_etc_file (const VarveTree *tree, const char *name)
{
  g_autofree char *usr = g_strconcat ("usr/lib/", name, NULL), *etc = g_strconcat ("etc/", name, NULL);
  g_autofree char *usr_etc = g_strconcat ("usr/etc/", name, NULL);
  return is_file (tree, usr) || is_file (tree, etc) || is_file (tree, usr_etc);
}

/* The versions that have a kernel image; owned names. */
static GPtrArray *
find_kernels (const VarveTree *tree)
{
  GPtrArray *kernels = g_ptr_array_new_with_free_func (g_free);
  const VarveTreeNode *modules = varve_tree_find (tree, "usr/lib/modules");
  if (modules == NULL || modules->children == NULL)
    return kernels;
  for (GTreeNode *at = g_tree_node_first (modules->children); at != NULL; at = g_tree_node_next (at))
    {
      const VarveTreeNode *vmlinuz = varve_tree_child (g_tree_node_value (at), "vmlinuz");
      if (vmlinuz != NULL && S_ISREG (vmlinuz->inode->mode))
        g_ptr_array_add (kernels, g_strdup (g_tree_node_key (at)));
    }
  return kernels;
}

/* "vmlinuz-6.1.0" in /boot, where distributions put it. */
static const char *
kernel_in_boot (const VarveTree *tree)
{
  const VarveTreeNode *boot = varve_tree_find (tree, "boot");
  if (boot == NULL || boot->children == NULL)
    return NULL;
  for (GTreeNode *at = g_tree_node_first (boot->children); at != NULL; at = g_tree_node_next (at))
    if (g_str_has_prefix (g_tree_node_key (at), "vmlinuz-"))
      return (const char *)g_tree_node_key (at) + strlen ("vmlinuz-");
  return NULL;
}

static void
tell_missing_kernel (const VarveTree *tree, VarveObserver *observer)
{
  const char *version = kernel_in_boot (tree);
  g_autofree char *escaped = version != NULL ? varve_escape (version) : NULL;
  if (escaped != NULL)
    varve_observer_warn (
        observer,
        "the image will not boot: the kernel is in /boot; put '/boot/vmlinuz-%s' at '/usr/lib/modules/%s/vmlinuz' "
        "and its initramfs beside it as 'initramfs.img'",
        escaped, escaped);
  else
    varve_observer_warn (observer,
                         "the image will not boot: there is no '/usr/lib/modules/KERNEL/vmlinuz' in the tree");
}

static void
check_initramfs (const VarveTree *tree, const char *kernel, VarveObserver *observer)
{
  g_autofree char *path = g_strconcat ("usr/lib/modules/", kernel, "/initramfs.img", NULL),
                  *escaped = varve_escape (path);
  if (!is_file (tree, path))
    varve_observer_warn (observer,
                         "the image will not boot: there is no '/%s'; make it with 'dracut --add ostree' or the like",
                         escaped);
}

static void
check_links (const VarveTree *tree, VarveObserver *observer)
{
  const VarveTreeNode *ostree = varve_tree_find (tree, "ostree");
  if (ostree == NULL || !S_ISLNK (ostree->inode->mode) || strcmp (ostree->inode->symlink_target, "sysroot/ostree") != 0)
    varve_observer_warn (observer, "the image will not boot: '/ostree' is not the symlink that hosts need; 'ln -s "
                                   "sysroot/ostree ostree' makes it");
  if (!is_folder (tree, "sysroot"))
    varve_observer_warn (observer,
                         "the image will not boot: there is no folder '/sysroot', where hosts mount the disk");
  for (guint i = 0; i < G_N_ELEMENTS (API_FOLDERS); i++)
    if (!is_folder (tree, API_FOLDERS[i]))
      varve_observer_warn (observer, "there is no folder '/%s', which a running system mounts over: make it",
                           API_FOLDERS[i]);
}

static gboolean
count_files (gpointer data, const char *path, VarveTreeNode *node, GError **error)
{
  if (node->children == NULL && g_str_has_prefix (path, "var/"))
    ++*(guint *)data;
  return TRUE;
}

static void
check_content (const VarveTree *tree, VarveObserver *observer)
{
  guint n_files = 0;
  if (!is_usr_or_etc_file (tree, "ostree/prepare-root.conf"))
    varve_observer_warn (
        observer, "there is no '/usr/lib/ostree/prepare-root.conf': bootc wants one with '[composefs] enabled = true'");
  if (has_children (tree, "boot"))
    varve_observer_warn (observer,
                         "'/boot' is not empty: hosts mount another file system there and will not see what is in it");
  if (varve_tree_visit (tree, count_files, &n_files, NULL) && n_files > 0)
    varve_observer_warn (
        observer,
        "'/var' has %u files: hosts take them at the first installation alone; tmpfiles.d makes what must be there",
        n_files);
}

static const char *
find_machine (VarveTree *tree)
{
  for (guint i = 0; i < G_N_ELEMENTS (PROGRAMS); i++)
    {
      const VarveTreeNode *node = varve_tree_find (tree, PROGRAMS[i]);
      const char *machine
          = node != NULL && S_ISREG (node->inode->mode) ? varve_elf_machine (tree->contents, node->inode) : NULL;
      if (machine != NULL)
        return machine;
    }
  return NULL;
}

void
varve_bootable_read (VarveTree *tree, VarveBootableMode mode, VarveObserver *observer, VarveBootable *out_bootable)
{
  g_autoptr (GPtrArray) kernels = find_kernels (tree);
  *out_bootable = (VarveBootable){ .machine = find_machine (tree) };
  if (kernels->len == 0)
    {
      if (mode == VARVE_BOOTABLE_EXPECTED)
        tell_missing_kernel (tree, observer);
      return;
    }
  if (kernels->len > 1)
    varve_observer_warn (observer,
                         "the image will not boot: there are %u kernels in '/usr/lib/modules' ('%s', '%s'); keep one",
                         kernels->len, (const char *)kernels->pdata[0], (const char *)kernels->pdata[1]);
  else
    out_bootable->kernel = g_strdup (kernels->pdata[0]);
  for (guint i = 0; i < kernels->len; i++)
    check_initramfs (tree, kernels->pdata[i], observer);
  check_links (tree, observer);
  check_content (tree, observer);
}
