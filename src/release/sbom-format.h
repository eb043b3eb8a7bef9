/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/sink.h"
#include "release/json-stream.h"
#include "release/sbom.h"

typedef enum {
  VARVE_SBOM_SPDX,      /* SPDX 2.3, JSON: https://spdx.github.io/spdx-spec/v2.3/ */
  VARVE_SBOM_CYCLONEDX, /* CycloneDX 1.6, JSON: https://cyclonedx.org/docs/1.6/json/ */
} VarveSbomFormat;

/* "spdx", "cyclonedx"; anything else is USAGE. */
gboolean varve_sbom_format_from_string (const char *text, VarveSbomFormat *out_format, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* By which registries and scanners know a document. */
const char *varve_sbom_media_type (VarveSbomFormat format);

/* Equal facts give equal bytes. */
gboolean varve_sbom_write (const VarveSbom *sbom, VarveSbomFormat format, const VarveSink *sink, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* A UUID of this document in this format. */
char *varve_sbom_uuid (const VarveSbom *sbom, VarveSbomFormat format);

/* The two formats. Each writes the members of the document. */
void varve_spdx_write (const VarveSbom *sbom, VarveJsonStream *stream);
void varve_cyclonedx_write (const VarveSbom *sbom, VarveJsonStream *stream);
