/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which the sources of ownership are asked. */
#include "packages/owners.h"

#include <string.h>

#include "base/error.h"
#include "packages/claims.h"
#include "packages/component-name.h"
#include "packages/database.h"
#include "packages/kernel.h"
#include "packages/mapping.h"
#include "packages/package-tree.h"
#include "packages/specials.h"
#include "packages/uki.h"
#include "packages/unowned.h"
#include "packages/user-component.h"

/* Also the order in which AUTO reads them. */
static const VarvePackageDatabase *const DATABASES[]
    = { &varve_rpm_database, &varve_dpkg_database, &varve_pacman_database, &varve_apk_database };

gboolean
varve_packages_kind_from_string (const char *string, VarvePackagesKind *out_kind, GError **error)
{
  static const char *const NAMES[] = { "auto", "rpm", "dpkg", "pacman", "apk", "none" };
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    if (strcmp (string, NAMES[i]) == 0)
      {
        *out_kind = (VarvePackagesKind)i;
        return TRUE;
      }
  g_autofree char *escaped = varve_escape (string);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "packages '%s': expected auto, rpm, dpkg, pacman, apk or none",
               escaped);
  return FALSE;
}

guint32
varve_package_component (VarvePackageTree *tree, VarveClaims *claims, guint32 file, const char *source)
{
  g_autoptr (GError) error = NULL;
  if (varve_component_name_check (source, &error))
    return varve_claims_component (claims, source, VARVE_COMPONENT_PACKAGE);
  g_autofree char *path = varve_escape (tree->inventory->files[file].path);
  varve_package_tree_warn (tree, "'%s': a package is skipped: %s", path, error->message);
  return VARVE_NO_INDEX;
}

static gboolean
has_marker (VarvePackageTree *tree, guint32 directory, const char *const *markers)
{
  for (; *markers != NULL; markers++)
    if (varve_package_tree_find_file_in (tree, directory, *markers) != VARVE_NO_INDEX
        || varve_package_tree_find_directory_in (tree, directory, *markers) != VARVE_NO_INDEX)
      return TRUE;
  return FALSE;
}

static gboolean
contains_directory (GArray *directories, guint32 directory)
{
  for (guint i = 0; i < directories->len; i++)
    if (g_array_index (directories, guint32, i) == directory)
      return TRUE;
  return FALSE;
}

/* The directories (guint32) in which such a database lies, each once. */
static GArray *
find_database (VarvePackageTree *tree, const VarvePackageDatabase *database)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (const char *const *place = database->places; *place != NULL; place++)
    {
      guint32 directory = varve_package_tree_find_directory (tree, *place);
      gboolean is_new = directory != VARVE_NO_INDEX && !contains_directory (found, directory);
      if (is_new && has_marker (tree, directory, database->markers))
        g_array_append_val (found, directory);
    }
  return found;
}

static gboolean
database_fail_missing (const VarvePackageDatabase *database, GError **error)
{
  g_autofree char *places = g_strjoinv (", /", (char **)database->places);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "no %s database in the tree: looked in /%s", database->name,
               places);
  return FALSE;
}

typedef struct {
  VarvePackageTree *tree;
  VarveClaims *claims;
  VarvePackagesKind asked;
  GError *empty; /* of the first database without packages */
} Asking;

static void
asking_clear (Asking *asking)
{
  g_clear_error (&asking->empty);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Asking, asking_clear)

/* With AUTO, a database that this build cannot read is only a warning. */
static gboolean
read_database (Asking *asking, const VarvePackageDatabase *database, guint32 directory, GError **error)
{
  g_autoptr (GError) failure = NULL;
  varve_claims_begin_database (asking->claims);
  if (database->read (asking->tree, directory, asking->claims, &failure))
    return TRUE;
  g_prefix_error (&failure, "reading the %s database: ", database->name);
  if (g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    {
      if (asking->empty == NULL)
        asking->empty = g_steal_pointer (&failure);
      return TRUE;
    }
  if (asking->asked != VARVE_PACKAGES_AUTO || !g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  varve_package_tree_warn (asking->tree, "%s", failure->message);
  return TRUE;
}

static gboolean
read_all_databases (Asking *asking, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (DATABASES); i++)
    {
      const VarvePackageDatabase *database = DATABASES[i];
      if (asking->asked != VARVE_PACKAGES_AUTO && asking->asked != database->kind)
        continue;
      g_autoptr (GArray) found = find_database (asking->tree, database);
      if (found->len == 0 && asking->asked == database->kind)
        return database_fail_missing (database, error);
      for (guint n = 0; n < found->len; n++)
        if (!read_database (asking, database, g_array_index (found, guint32, n), error))
          return FALSE;
    }
  return TRUE;
}

static gboolean
read_databases (VarvePackageTree *tree, VarvePackagesKind asked, VarveClaims *claims, GError **error)
{
  g_auto (Asking) asking = { .tree = tree, .claims = claims, .asked = asked };
  if (!read_all_databases (&asking, error))
    return FALSE;
  if (asking.empty == NULL || varve_claims_has_components (claims))
    return TRUE;
  g_propagate_prefixed_error (error, g_steal_pointer (&asking.empty), "no package in any database of the tree: ");
  return FALSE;
}

/* The symlinks to a database. */
static void
claim_links (VarvePackageTree *tree, const VarvePackageDatabase *database, VarveClaims *claims)
{
  for (const char *const *place = database->places; *place != NULL; place++)
    {
      guint32 link = varve_package_tree_find_listed (tree, *place);
      if (link != VARVE_NO_INDEX)
        varve_specials_claim_database_file (link, claims);
    }
}

/* Also the databases that were not read: their files are database files all the same. */
static void
claim_databases (VarvePackageTree *tree, VarveClaims *claims)
{
  for (guint i = 0; i < G_N_ELEMENTS (DATABASES); i++)
    {
      g_autoptr (GArray) found = find_database (tree, DATABASES[i]);
      for (guint n = 0; n < found->len; n++)
        varve_specials_claim_database (tree->inventory, g_array_index (found, guint32, n), claims);
      claim_links (tree, DATABASES[i], claims);
    }
  varve_specials_claim_side_databases (tree->inventory, claims);
}

static gboolean
read_all (VarvePackageTree *tree, const VarveOwnersOptions *options, VarveClaims *claims, GError **error)
{
  if (!read_databases (tree, options->kind, claims, error))
    return FALSE;
  claim_databases (tree, claims);
  varve_specials_claim_initramfs (tree->inventory, claims);
  varve_uki_claim (tree->inventory, claims);
  if (!varve_user_component_claim (tree->inventory, claims, error))
    return FALSE;
  if (options->mapping_path != NULL && !varve_mapping_claim (tree, options->mapping_path, claims, error))
    return FALSE;
  varve_specials_claim_generated (tree->inventory, claims);
  varve_claims_settle (claims);
  varve_uki_claim_others (tree->inventory, claims);
  varve_kernel_claim (tree->inventory, claims);
  varve_unowned_claim (tree->inventory, claims);
  return TRUE;
}

VarveComponents *
varve_owners_read (const VarveInventory *inventory, VarveSource *source, const VarveOwnersOptions *options,
                   VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  varve_observer_begin (observer, "reading package databases", 0);
  g_autoptr (VarvePackageTree) tree = varve_package_tree_new (inventory, source, observer, cancellable);
  g_autoptr (VarveClaims) claims = varve_claims_new (inventory);
  if (options->records_packages)
    varve_claims_record_packages (claims);
  if (!read_all (tree, options, claims, error))
    return NULL;
  VarveComponents *components = varve_claims_finish (claims);
  components->packages = varve_claims_take_packages (claims);
  return components;
}
