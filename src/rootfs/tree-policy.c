/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/tree-policy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/temporary-folder.h"

/* Fedora's policy is 10 MB in 100 files. */
enum { FILES_MAX = 10000 };
static const guint64 BYTES_MAX = 256 << 20;

typedef struct {
  VarveTree *tree;
  GCancellable *cancellable;
  guint n_made; /* files and folders */
  guint64 bytes;
} Copy;

static gboolean
policy_check_limits (const Copy *copy, GError **error)
{
  if (copy->n_made <= FILES_MAX && copy->bytes <= BYTES_MAX)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
               "the SELinux policy of the tree has more than %d files or %" G_GUINT64_FORMAT " bytes", FILES_MAX,
               BYTES_MAX);
  return FALSE;
}

static gboolean
policy_make_folder (Copy *copy, const char *path, GError **error)
{
  if (mkdir (path, 0700) != 0)
    return varve_set_errno (error, errno, "creating '%s'", path);
  copy->n_made++;
  return TRUE;
}

static gboolean
policy_copy_file (Copy *copy, const char *path, const VarveTreeInode *inode, GError **error)
{
  copy->bytes += inode->size_bytes;
  if (!policy_check_limits (copy, error))
    return FALSE;
  g_autoptr (GInputStream) in = copy->tree->contents->open (copy->tree->contents, inode, error);
  if (in == NULL)
    return FALSE;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileOutputStream) out = g_file_create (file, G_FILE_CREATE_PRIVATE, copy->cancellable, error);
  if (out == NULL)
    return FALSE;
  copy->n_made++;
  return g_output_stream_splice (G_OUTPUT_STREAM (out), in, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, copy->cancellable,
                                 error)
         >= 0;
}

static gboolean
policy_copy_folder (Copy *copy, const char *path, const VarveTreeNode *node, GError **error)
{
  if (!policy_make_folder (copy, path, error) || !policy_check_limits (copy, error))
    return FALSE;
  for (GTreeNode *entry = g_tree_node_first (node->children); entry != NULL; entry = g_tree_node_next (entry))
    {
      const VarveTreeNode *child = g_tree_node_value (entry);
      g_autofree char *child_path = g_build_filename (path, g_tree_node_key (entry), NULL);
      if (child->children != NULL && !policy_copy_folder (copy, child_path, child, error))
        return FALSE;
      if (S_ISREG (child->inode->mode) && !policy_copy_file (copy, child_path, child->inode, error))
        return FALSE;
    }
  return TRUE;
}

static VarveSepolicy *
policy_load (Copy *copy, const char *folder, const VarveTreeNode *selinux, GError **error)
{
  g_autofree char *etc = g_build_filename (folder, "etc", NULL), *target = g_build_filename (etc, "selinux", NULL);
  if (!policy_make_folder (copy, etc, error) || !policy_copy_folder (copy, target, selinux, error))
    return NULL;
  int rootfd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (rootfd < 0)
    {
      varve_set_errno (error, errno, "opening '%s'", folder);
      return NULL;
    }
  VarveSepolicy *policy = varve_sepolicy_load (rootfd, copy->cancellable, error);
  close (rootfd);
  return policy;
}

VarveSepolicy *
varve_tree_policy_load (VarveTree *tree, GCancellable *cancellable, GError **error)
{
  const VarveTreeNode *selinux = varve_tree_find (tree, "usr/etc/selinux");
  if (selinux == NULL)
    selinux = varve_tree_find (tree, "etc/selinux");
  const VarveTreeNode *config = selinux != NULL ? varve_tree_child (selinux, "config") : NULL;
  if (config == NULL || !S_ISREG (config->inode->mode))
    return NULL;
  g_autoptr (VarveTemporaryFolder) folder = varve_temporary_folder_new (NULL, error);
  if (folder == NULL)
    return NULL;
  Copy copy = { .tree = tree, .cancellable = cancellable };
  return policy_load (&copy, varve_temporary_folder_path (folder), selinux, error);
}
