/* SPDX-License-Identifier: Apache-2.0 */
#include "release/sbom-format.h"

#include <string.h>

#include "base/error.h"
#include "config.h"
#include "release/uuid.h"

static const struct {
  const char *name, *media_type;
} FORMATS[] = {
  [VARVE_SBOM_SPDX] = { "spdx", "application/spdx+json" },
  [VARVE_SBOM_CYCLONEDX] = { "cyclonedx", "application/vnd.cyclonedx+json" },
};

gboolean
varve_sbom_format_from_string (const char *text, VarveSbomFormat *out_format, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (FORMATS); i++)
    if (strcmp (text, FORMATS[i].name) == 0)
      {
        *out_format = (VarveSbomFormat)i;
        return TRUE;
      }
  g_autofree char *escaped = varve_escape (text);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--format '%s': expected spdx or cyclonedx", escaped);
  return FALSE;
}

const char *
varve_sbom_media_type (VarveSbomFormat format)
{
  return FORMATS[format].media_type;
}

gboolean
varve_sbom_write (const VarveSbom *sbom, VarveSbomFormat format, const VarveSink *sink, GError **error)
{
  g_auto (VarveJsonStream) stream;
  varve_json_stream_init (&stream, sink);
  if (format == VARVE_SBOM_SPDX)
    varve_spdx_write (sbom, &stream);
  else
    varve_cyclonedx_write (sbom, &stream);
  return varve_json_stream_finish (&stream, error);
}

/* Two documents of one subject differ in their format, whether they have files, the time, the name, and the version of
 * this program. */
char *
varve_sbom_uuid (const VarveSbom *sbom, VarveSbomFormat format)
{
  g_autofree char *digest = varve_digest_to_string (&sbom->digest);
  g_autofree char *name
      = g_strdup_printf ("varve:sbom:%s:%s:%s:%d:%" G_GINT64_FORMAT ":%s:%s", VARVE_VERSION, FORMATS[format].name,
                         digest, sbom->digests != NULL, sbom->time, sbom->version, sbom->name);
  return varve_uuid_of_url (name);
}
