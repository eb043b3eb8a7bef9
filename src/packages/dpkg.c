/* SPDX-License-Identifier: Apache-2.0 */
/* Diversions are matched by canonical path: since the merge of /usr, lists and diversions name the same file in two
 * ways. */
#include "packages/database.h"

#include <string.h>

#include "base/error.h"
#include "base/fasthash.h"
#include "packages/dpkg-changelog.h"
#include "packages/dpkg-copyright.h"
#include "packages/dpkg-status.h"

#define STATUS_MAX_BYTES (256u << 20)
#define LIST_MAX_BYTES (64u << 20)

static const char *const PLACES[]
    = { "usr/lib/sysimage/dpkg", "var/lib/dpkg", "usr/share/dpkg", "usr/lib/dpkg-db", "usr/lib/dpkg/db", NULL };
static const char *const MARKERS[] = { "status", "status.d", NULL };

typedef struct {
  VarvePackageTree *tree;
  VarveClaims *claims;
  guint32 directory;
  GHashTable *diversions; /* canonical path -> VarveDpkgDiversion, of diversion_list */
  GPtrArray *diversion_list;
  GHashTable *changelogs;          /* component + 1 -> file + 1 */
  GHashTable *rebuilds;            /* the same, of changelogs of rebuilds */
  const VarveDpkgPackage *package; /* whose paths are being claimed */
  guint32 component;
} Reading;

static void
reading_clear (Reading *reading)
{
  g_clear_pointer (&reading->diversions, g_hash_table_unref);
  g_clear_pointer (&reading->diversion_list, g_ptr_array_unref);
  g_clear_pointer (&reading->changelogs, g_hash_table_unref);
  g_clear_pointer (&reading->rebuilds, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

static char *
escaped_path (const Reading *reading, guint32 file)
{
  return varve_escape (reading->tree->inventory->files[file].path);
}

static gboolean
read_diversions (Reading *reading, GError **error)
{
  reading->diversions = g_hash_table_new_full (varve_fasthash_string, g_str_equal, g_free, NULL);
  guint32 file = varve_package_tree_find_file_in (reading->tree, reading->directory, "diversions");
  if (file == VARVE_NO_INDEX)
    return TRUE;
  g_autoptr (GBytes) bytes = varve_package_tree_read (reading->tree, file, LIST_MAX_BYTES, error);
  if (bytes == NULL)
    return FALSE;
  reading->diversion_list = varve_dpkg_parse_diversions (bytes, error);
  if (reading->diversion_list == NULL)
    {
      g_autofree char *path = escaped_path (reading, file);
      g_prefix_error (error, "'%s': ", path);
      return FALSE;
    }
  for (guint i = 0; i < reading->diversion_list->len; i++)
    {
      VarveDpkgDiversion *diversion = g_ptr_array_index (reading->diversion_list, i);
      const char *from = varve_package_tree_canonical (reading->tree, diversion->from);
      if (from != NULL)
        g_hash_table_insert (reading->diversions, g_strdup (from), diversion);
    }
  return TRUE;
}

static void
claim_path (const char *path, gpointer data)
{
  Reading *reading = data;
  const char *canonical = varve_package_tree_canonical (reading->tree, path);
  if (canonical == NULL)
    return;
  const VarveDpkgDiversion *diversion = g_hash_table_lookup (reading->diversions, canonical);
  gboolean is_diverted = diversion != NULL && strcmp (diversion->package, reading->package->name) != 0;
  guint32 file = is_diverted ? varve_package_tree_find_listed (reading->tree, diversion->to)
                             : varve_inventory_find_file (reading->tree->inventory, canonical);
  if (file != VARVE_NO_INDEX)
    varve_claims_own (reading->claims, reading->component, file);
}

typedef guint (*ParseFunc) (GBytes *bytes, VarveDpkgPathFunc func, gpointer data);

static gboolean
claim_listed (Reading *reading, guint32 list, ParseFunc parse, GError **error)
{
  g_autoptr (GBytes) bytes = varve_package_tree_read (reading->tree, list, LIST_MAX_BYTES, error);
  if (bytes == NULL)
    return FALSE;
  guint n_wrong = parse (bytes, claim_path, reading);
  g_autofree char *path = escaped_path (reading, list);
  if (n_wrong > 0)
    varve_package_tree_warn (reading->tree, "'%s': %u lines are not paths and are skipped", path, n_wrong);
  return TRUE;
}

/* info/NAME.list, or info/NAME:ARCHITECTURE.list for packages that can be there for several. */
static guint32
find_list (Reading *reading)
{
  const VarveDpkgPackage *package = reading->package;
  if (strchr (package->name, '/') != NULL || strchr (package->architecture, '/') != NULL)
    return VARVE_NO_INDEX;
  g_autofree char *plain = g_strdup_printf ("info/%s.list", package->name);
  g_autofree char *qualified = g_strdup_printf ("info/%s:%s.list", package->name, package->architecture);
  guint32 list = varve_package_tree_find_file_in (reading->tree, reading->directory, qualified);
  return list != VARVE_NO_INDEX ? list : varve_package_tree_find_file_in (reading->tree, reading->directory, plain);
}

static guint32
find_changelog (Reading *reading, guint32 directory)
{
  static const char *const NAMES[] = { "changelog.Debian.gz", "changelog.Debian", "changelog.gz", "changelog" };
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      guint32 file = varve_package_tree_find_file_in (reading->tree, directory, NAMES[i]);
      if (file != VARVE_NO_INDEX)
        return file;
    }
  return VARVE_NO_INDEX;
}

/* All binary packages of a source have the same changelog: the first by path is read. */
static void
remember_changelog (const Reading *reading, GHashTable *changelogs, guint32 file)
{
  if (file == VARVE_NO_INDEX)
    return;
  gpointer key = GUINT_TO_POINTER (reading->component + 1);
  guint32 known = GPOINTER_TO_UINT (g_hash_table_lookup (changelogs, key));
  if (known == 0 || file + 1 < known)
    g_hash_table_insert (changelogs, key, GUINT_TO_POINTER (file + 1));
}

/* The entry of a rebuild of unchanged sources (a binNMU) is in a changelog of its own. */
static void
remember_changelogs (Reading *reading)
{
  const VarveDpkgPackage *package = reading->package;
  if (strchr (package->name, '/') != NULL)
    return;
  g_autofree char *folder = g_strconcat ("usr/share/doc/", package->name, NULL);
  guint32 directory = varve_package_tree_find_directory (reading->tree, folder);
  if (directory == VARVE_NO_INDEX)
    return;
  remember_changelog (reading, reading->changelogs, find_changelog (reading, directory));
  if (strchr (package->architecture, '/') != NULL)
    return;
  g_autofree char *rebuild = g_strdup_printf ("changelog.Debian.%s.gz", package->architecture);
  remember_changelog (reading, reading->rebuilds, varve_package_tree_find_file_in (reading->tree, directory, rebuild));
}

/* A copyright file that cannot be read is a warning: only the licence is unknown. */
static gboolean
read_licences (Reading *reading, VarvePackage *record, GError **error)
{
  g_autofree char *place = g_strdup_printf ("usr/share/doc/%s/copyright", reading->package->name);
  guint32 file = strchr (reading->package->name, '/') == NULL ? varve_package_tree_find_file (reading->tree, place)
                                                              : VARVE_NO_INDEX;
  if (file == VARVE_NO_INDEX)
    return TRUE;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) bytes
      = varve_package_tree_read (reading->tree, file, VARVE_DPKG_COPYRIGHT_MAX_BYTES, &local_error);
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (bytes == NULL)
    {
      varve_package_tree_warn (reading->tree, "no licence is read from %s", local_error->message);
      return TRUE;
    }
  g_autoptr (GPtrArray) licences = varve_dpkg_parse_copyright (bytes);
  for (guint i = 0; i < licences->len; i++)
    varve_package_add_licence (record, licences->pdata[i]);
  return TRUE;
}

static gboolean
record_package (Reading *reading, GError **error)
{
  const VarveDpkgPackage *package = reading->package;
  if (!varve_claims_records_packages (reading->claims))
    return TRUE;
  g_autoptr (VarvePackage) record = varve_package_new (VARVE_PACKAGE_DEB);
  varve_package_set (&record->name, package->name);
  varve_package_set (&record->version, package->version);
  varve_package_set (&record->architecture, package->architecture);
  varve_package_set (&record->source_name, package->source);
  varve_package_set (&record->source_version,
                     package->source_version != NULL ? package->source_version : package->version);
  varve_package_set (&record->maintainer, package->maintainer);
  varve_package_set (&record->homepage, package->homepage);
  varve_package_set (&record->summary, package->summary);
  if (!read_licences (reading, record, error))
    return FALSE;
  varve_claims_begin_package (reading->claims, g_steal_pointer (&record));
  return TRUE;
}

/* @status is the file that describes the package. FALSE when no component can have its name. */
static gboolean
begin_package (Reading *reading, guint32 status)
{
  const VarveDpkgPackage *package = reading->package;
  reading->component = varve_package_component (reading->tree, reading->claims, status, package->source);
  if (reading->component == VARVE_NO_INDEX)
    return FALSE;
  remember_changelogs (reading);
  return TRUE;
}

static GPtrArray *
parse_status (Reading *reading, guint32 status, GError **error)
{
  g_autoptr (GBytes) bytes = varve_package_tree_read (reading->tree, status, STATUS_MAX_BYTES, error);
  if (bytes == NULL)
    return NULL;
  GPtrArray *packages = varve_dpkg_parse_status (bytes, error);
  g_autofree char *path = escaped_path (reading, status);
  if (packages == NULL)
    g_prefix_error (error, "'%s': ", path);
  return packages;
}

static gboolean
read_status (Reading *reading, GError **error)
{
  guint32 status = varve_package_tree_find_file_in (reading->tree, reading->directory, "status");
  if (status == VARVE_NO_INDEX)
    return TRUE;
  g_autoptr (GPtrArray) packages = parse_status (reading, status, error);
  if (packages == NULL)
    return FALSE;
  for (guint i = 0; i < packages->len; i++)
    {
      reading->package = g_ptr_array_index (packages, i);
      if (!record_package (reading, error))
        return FALSE;
      if (!begin_package (reading, status))
        continue;
      guint32 list = find_list (reading);
      g_autofree char *name = varve_escape (reading->package->name);
      if (list == VARVE_NO_INDEX)
        varve_package_tree_warn (reading->tree, "dpkg: the list of files of the package '%s' is missing", name);
      else if (!claim_listed (reading, list, varve_dpkg_parse_list, error))
        return FALSE;
    }
  return TRUE;
}

/* One file of status.d, and beside it the checksums of its files. */
static gboolean
read_status_d_file (Reading *reading, guint32 status, GError **error)
{
  const VarveFile *file = &reading->tree->inventory->files[status];
  g_autofree char *list_path = g_strconcat (file->path, ".md5sums", NULL);
  guint32 list = varve_package_tree_find_file (reading->tree, list_path);
  g_autoptr (GPtrArray) packages = parse_status (reading, status, error);
  if (packages == NULL)
    return FALSE;
  for (guint i = 0; i < packages->len; i++)
    {
      reading->package = g_ptr_array_index (packages, i);
      if (!record_package (reading, error))
        return FALSE;
      if (!begin_package (reading, status))
        continue;
      g_autofree char *path = escaped_path (reading, status);
      if (list == VARVE_NO_INDEX)
        varve_package_tree_warn (reading->tree,
                                 "'%s': its list of files is missing: expected a '.md5sums' file beside it", path);
      else if (!claim_listed (reading, list, varve_dpkg_parse_md5sums, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_status_d (Reading *reading, GError **error)
{
  guint32 index = varve_package_tree_find_directory_in (reading->tree, reading->directory, "status.d");
  if (index == VARVE_NO_INDEX)
    return TRUE;
  const VarveInventory *inventory = reading->tree->inventory;
  const VarveDirectory *directory = &inventory->directories[index];
  for (guint32 i = directory->first_file; i < directory->first_file + directory->n_files; i++)
    {
      gboolean is_status = !g_str_has_suffix (inventory->files[i].path, ".md5sums")
                           && inventory->objects[inventory->files[i].object].symlink_target == NULL;
      if (is_status && !read_status_d_file (reading, i, error))
        return FALSE;
    }
  return TRUE;
}

typedef void (*AddTimeFunc) (VarveClaims *claims, guint32 component, gint64 time);

/* A rebuild is no change of the source, so it does not count for how often that changes. */
static void
add_change (VarveClaims *claims, guint32 component, gint64 time)
{
  varve_claims_add_change (claims, component, time);
  varve_claims_add_build (claims, component, time);
}

/* A changelog that cannot be read is a warning: only its dates are missing. */
static gboolean
read_changelog (Reading *reading, guint32 component, guint32 file, AddTimeFunc add, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) bytes
      = varve_package_tree_read (reading->tree, file, VARVE_DPKG_CHANGELOG_MAX_BYTES, &local_error);
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  g_autoptr (GArray) times = bytes != NULL ? varve_dpkg_parse_changelog (bytes, &local_error) : NULL;
  if (times == NULL)
    {
      g_autofree char *path = escaped_path (reading, file);
      varve_package_tree_warn (reading->tree, "the changelog '%s' is skipped: %s", path, local_error->message);
      return TRUE;
    }
  for (guint i = 0; i < times->len; i++)
    add (reading->claims, component, g_array_index (times, gint64, i));
  return TRUE;
}

static gboolean
read_changelogs (Reading *reading, GHashTable *changelogs, AddTimeFunc add, GError **error)
{
  GHashTableIter iterator;
  gpointer component, file;
  g_hash_table_iter_init (&iterator, changelogs);
  while (g_hash_table_iter_next (&iterator, &component, &file))
    if (!read_changelog (reading, GPOINTER_TO_UINT (component) - 1, GPOINTER_TO_UINT (file) - 1, add, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_dpkg (VarvePackageTree *tree, guint32 directory, VarveClaims *claims, GError **error)
{
  g_auto (Reading) reading = {
    .tree = tree,
    .claims = claims,
    .directory = directory,
    .changelogs = g_hash_table_new (NULL, NULL),
    .rebuilds = g_hash_table_new (NULL, NULL),
  };
  return read_diversions (&reading, error) && read_status (&reading, error) && read_status_d (&reading, error)
         && read_changelogs (&reading, reading.changelogs, add_change, error)
         && read_changelogs (&reading, reading.rebuilds, varve_claims_add_build, error);
}

const VarvePackageDatabase varve_dpkg_database
    = { .kind = VARVE_PACKAGES_DPKG, .name = "dpkg", .places = PLACES, .markers = MARKERS, .read = read_dpkg };
