/* SPDX-License-Identifier: Apache-2.0 */
/* Replaces registry-api.c in a build without libcurl. */
#include "base/error.h"
#include "skopeo/registry-api.h"

static void
set_absent (GError **error)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "this varve was built without libcurl");
}

GBytes *
varve_registry_referrers (const VarveReference *repository, const VarveDigest *subject, GError **error)
{
  set_absent (error);
  return NULL;
}

gboolean
varve_registry_put_index (const VarveReference *tagged, GBytes *index, GError **error)
{
  set_absent (error);
  return FALSE;
}
