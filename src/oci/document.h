/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"

/* The common part of reading manifests and indexes. */

/* Registries and clients refuse larger manifests. */
#define VARVE_DOCUMENT_MAX_BYTES (4 * 1024 * 1024)
/* Layers of a manifest, entries of an index. */
#define VARVE_DOCUMENT_MAX_ENTRIES 1000

typedef struct {
  const char *name;           /* "manifest" */
  const char *media_types[2]; /* accepted; so is a document without one */
  const char *list;           /* "layers": the required member */
  const char *foreign_list;   /* "manifests": the forbidden member (CVE-2021-41190) */
} VarveDocumentKind;

/* Parses and checks size, schemaVersion 2, mediaType and the two lists. */
json_object *varve_document_parse (GBytes *bytes, const VarveDocumentKind *kind, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The canonical form as bytes, without a final newline. */
GBytes *varve_document_to_bytes (json_object *json);
