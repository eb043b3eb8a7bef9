/* SPDX-License-Identifier: Apache-2.0 */
#include "ostree/dirmeta.h"

#include <sys/stat.h>

#include "base/error.h"
#include "model/xattrs.h"
#include "ostree/dirtree.h"

static VarveDirmeta *
parse_dirmeta (GBytes *raw, GError **error)
{
  g_autoptr (GVariant) variant = varve_metadata_to_variant (raw, "(uuua(ayay))", error);
  if (variant == NULL)
    return NULL;
  g_autoptr (VarveDirmeta) dirmeta = g_new0 (VarveDirmeta, 1);
  g_autoptr (GVariant) xattrs = NULL;
  g_variant_get (variant, "(uuu@a(ayay))", &dirmeta->uid, &dirmeta->gid, &dirmeta->mode, &xattrs);
  dirmeta->uid = GUINT32_FROM_BE (dirmeta->uid);
  dirmeta->gid = GUINT32_FROM_BE (dirmeta->gid);
  dirmeta->mode = GUINT32_FROM_BE (dirmeta->mode);
  dirmeta->xattrs = g_variant_get_data_as_bytes (xattrs);
  if (!S_ISDIR (dirmeta->mode) || (dirmeta->mode & ~(guint32)(S_IFMT | 07777)) != 0)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "mode 0%o: expected a directory", dirmeta->mode);
      return NULL;
    }
  g_autoptr (VarveXattrs) checked = varve_xattrs_parse (dirmeta->xattrs, error);
  return checked != NULL ? g_steal_pointer (&dirmeta) : NULL;
}

VarveDirmeta *
varve_dirmeta_parse (GBytes *raw, GError **error)
{
  VarveDirmeta *dirmeta = parse_dirmeta (raw, error);
  if (dirmeta == NULL)
    g_prefix_error (error, "dirmeta: ");
  return dirmeta;
}

void
varve_dirmeta_free (VarveDirmeta *dirmeta)
{
  g_clear_pointer (&dirmeta->xattrs, g_bytes_unref);
  g_free (dirmeta);
}
