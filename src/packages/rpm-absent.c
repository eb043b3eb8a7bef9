/* SPDX-License-Identifier: Apache-2.0 */
/* Replaces rpm.c in a build without librpm: rpm databases are found but not read. */
#include "base/error.h"
#include "packages/database.h"
#include "packages/rpm-places.h"

static gboolean
read_rpm (VarvePackageTree *tree, guint32 directory, VarveClaims *claims, GError **error)
{
  g_autofree char *path = varve_escape (tree->inventory->directories[directory].path);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "'%s': cannot be read: this varve was built without librpm",
               path);
  return FALSE;
}

const VarvePackageDatabase varve_rpm_database = {
  .kind = VARVE_PACKAGES_RPM,
  .name = "rpm",
  .places = VARVE_RPM_PLACES,
  .markers = VARVE_RPM_MARKERS,
  .read = read_rpm,
};
