/* SPDX-License-Identifier: Apache-2.0 */
#include "release/sbom.h"

#include <string.h>

#include "base/error.h"
#include "base/source-date.h"
#include "explain/contents.h"
#include "model/image-keys.h"
#include "packages/package-tree.h"
#include "rootfs/input-image.h"

void
varve_sbom_free (VarveSbom *sbom)
{
  g_free (sbom->name);
  g_free (sbom->version);
  varve_os_release_clear (&sbom->os);
  g_clear_pointer (&sbom->tree, varve_packaged_tree_free);
  g_clear_pointer (&sbom->layers, g_ptr_array_unref);
  g_free (sbom->digests);
  g_free (sbom->layer_of_file);
  g_free (sbom);
}

/* A tree without os-release is no error: package URLs then lack the name of the distribution. */
static gboolean
read_os_release (VarveSbom *sbom, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  VarvePackagedTree *tree = sbom->tree;
  g_autoptr (VarvePackageTree) packages = varve_package_tree_new (tree->inventory, tree->source, observer, cancellable);
  guint32 file = varve_package_tree_find_file (packages, "etc/os-release");
  if (file == VARVE_NO_INDEX)
    file = varve_package_tree_find_file (packages, "usr/lib/os-release");
  if (file == VARVE_NO_INDEX)
    {
      varve_observer_warn (observer,
                           "the tree has neither /etc/os-release nor /usr/lib/os-release: package URLs do not "
                           "say of which distribution the packages are");
      return TRUE;
    }
  g_autoptr (GBytes) bytes = varve_package_tree_read (packages, file, VARVE_OS_RELEASE_MAX_BYTES, error);
  if (bytes == NULL)
    return FALSE;
  varve_os_release_parse (bytes, &sbom->os);
  return TRUE;
}

static gboolean
choose_time (VarveSbom *sbom, const VarveImage *image, GError **error)
{
  if (!varve_source_date_read (&sbom->time, error))
    return FALSE;
  if (sbom->time < 0 && image != NULL)
    sbom->time = varve_input_image_time (image);
  if (sbom->time < 0)
    sbom->time = sbom->tree->time;
  sbom->time = CLAMP (sbom->time, 0, VARVE_TIMESTAMP_MAX);
  return TRUE;
}

static void
describe (VarveSbom *sbom, const VarveSbomOptions *options)
{
  const VarveImage *image = options->tree.image;
  const char *version = image != NULL ? varve_config_label (image->config, VARVE_LABEL_IMAGE_VERSION) : NULL;
  const char *name = options->name != NULL ? options->name : sbom->os.id;
  sbom->subject = image != NULL                     ? VARVE_SBOM_IMAGE
                  : options->tree.repo_path != NULL ? VARVE_SBOM_COMMIT
                                                    : VARVE_SBOM_TREE;
  sbom->digest = image != NULL ? image->descriptor->digest : sbom->tree->commit;
  varve_package_set (&sbom->name, name != NULL ? name : "linux");
  varve_package_set (&sbom->version, version != NULL ? version : sbom->os.version_id);
}

static void
list_layers (VarveSbom *sbom, const VarveImage *image)
{
  if (image == NULL)
    return;
  sbom->layers = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < image->manifest->layers->len; i++)
    g_ptr_array_add (sbom->layers, varve_digest_to_string (&varve_manifest_layer (image->manifest, i)->digest));
}

/* An image of a commit has objects, and links to them in the same layer; the tree of any other image knows from which
 * layer each file is. */
static gboolean
find_layers (VarveSbom *sbom, const VarveSbomOptions *options, VarveObserver *observer, GCancellable *cancellable,
             GError **error)
{
  const VarveInventory *inventory = sbom->tree->inventory;
  if (options->tree.image == NULL)
    return TRUE;
  sbom->layer_of_file = g_new (guint32, MAX (inventory->n_files, 1));
  VarveReadContents read = { .image = options->tree.image, .jobs = options->tree.jobs, .observer = observer };
  gboolean has_objects = varve_packaged_tree_is_of_commit (sbom->tree);
  g_autoptr (VarveContents) contents = has_objects ? varve_contents_of_image (&read, cancellable, error) : NULL;
  if (has_objects && contents == NULL)
    return FALSE;
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      const VarveContentPath *path
          = contents != NULL ? varve_contents_find_path (contents, inventory->files[i].path) : NULL;
      sbom->layer_of_file[i] = path != NULL       ? path->layer
                               : contents == NULL ? varve_packaged_tree_layer_of (sbom->tree, i)
                                                  : VARVE_NO_INDEX;
    }
  return TRUE;
}

static gboolean
read_files (VarveSbom *sbom, const VarveSbomOptions *options, VarveObserver *observer, GCancellable *cancellable,
            GError **error)
{
  sbom->digests = varve_file_digests_read (sbom->tree->inventory, sbom->tree->source, options->tree.jobs, observer,
                                           cancellable, error);
  return sbom->digests != NULL && find_layers (sbom, options, observer, cancellable, error);
}

VarveSbom *
varve_sbom_read (const VarveSbomOptions *options, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveSbom) sbom = g_new0 (VarveSbom, 1);
  sbom->tree = varve_packaged_tree_read (&options->tree, observer, cancellable, error);
  if (sbom->tree == NULL || !read_os_release (sbom, observer, cancellable, error)
      || !choose_time (sbom, options->tree.image, error))
    return NULL;
  describe (sbom, options);
  list_layers (sbom, options->tree.image);
  if (varve_packaged_tree_packages (sbom->tree)->packages->len == 0)
    varve_observer_warn (observer, "no package database names a package: the bill of materials lists none");
  if (options->has_files && !read_files (sbom, options, observer, cancellable, error))
    return NULL;
  return g_steal_pointer (&sbom);
}

static int
compare_files (gconstpointer a, gconstpointer b, gpointer data)
{
  guint32 first = *(const guint32 *)a, second = *(const guint32 *)b;
  guint32 first_package = varve_sbom_package_of (data, first), second_package = varve_sbom_package_of (data, second);
  if (first_package != second_package)
    return first_package < second_package ? -1 : 1; /* VARVE_NO_INDEX is the greatest */
  return (first > second) - (first < second);
}

GArray *
varve_sbom_list_files (const VarveSbom *sbom)
{
  const VarveInventory *inventory = sbom->tree->inventory;
  GArray *files = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 i = 0; sbom->digests != NULL && i < inventory->n_files; i++)
    if (inventory->objects[inventory->files[i].object].symlink_target == NULL)
      g_array_append_val (files, i);
  g_array_sort_with_data (files, compare_files, (gpointer)sbom);
  return files;
}

guint32
varve_sbom_package_of (const VarveSbom *sbom, guint32 file)
{
  return varve_packaged_tree_packages (sbom->tree)->of_file[file];
}

const char *
varve_sbom_layer_of (const VarveSbom *sbom, guint32 file)
{
  guint32 layer = sbom->layer_of_file != NULL ? sbom->layer_of_file[file] : VARVE_NO_INDEX;
  return layer != VARVE_NO_INDEX && layer < sbom->layers->len ? sbom->layers->pdata[layer] : NULL;
}

const VarveFileDigests *
varve_sbom_digests_of (const VarveSbom *sbom, guint32 file)
{
  return &sbom->digests[sbom->tree->inventory->files[file].object];
}

char *
varve_sbom_format_time (const VarveSbom *sbom)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (sbom->time);
  return g_date_time_format (date, "%Y-%m-%dT%H:%M:%SZ");
}

const char *
varve_sbom_homepage (const VarvePackage *package)
{
  static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#@!$&'()*+,;=%";
  const char *url = package->homepage;
  if (url == NULL || url[strspn (url, ALLOWED)] != '\0')
    return NULL;
  return g_uri_is_valid (url, G_URI_FLAGS_NONE, NULL)
                 && (g_str_has_prefix (url, "https://") || g_str_has_prefix (url, "http://"))
             ? url
             : NULL;
}
