/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/descriptor.h"
#include "oci/document.h"

/* An image or artifact manifest: image-spec 1.1, manifest.md. */
typedef struct {
  VarveDescriptor *config;
  GPtrArray *layers;           /* VarveDescriptor, owned */
  VarveStringMap *annotations; /* NULL when there are none */
  VarveDescriptor *subject;    /* the manifest that it refers to; NULL when absent */
  char *artifact_type;         /* NULL when absent */
} VarveManifest;

/* Empty; the caller sets a config before writing. */
VarveManifest *varve_manifest_new (void);
void varve_manifest_free (VarveManifest *manifest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveManifest, varve_manifest_free)

const VarveDescriptor *varve_manifest_layer (const VarveManifest *manifest, guint index);
void varve_manifest_annotate (VarveManifest *manifest, const char *key, const char *value);

/* The entry of an artifact in a list of referrers: with the artifact type and the annotations of its manifest
 * (distribution-spec 1.1, "Listing Referrers"). @digest and @size_bytes are those of the manifest. */
VarveDescriptor *varve_manifest_referrer (const VarveManifest *manifest, const VarveDigest *digest, guint64 size_bytes);

/* Canonical JSON, with mediaType and schemaVersion 2. */
GBytes *varve_manifest_to_bytes (const VarveManifest *manifest);
/* At most 4 MiB and 1000 layers; also docker's schema 2, and documents without a mediaType. A document that could be
 * read as an index is an error. Unknown members are ignored. */
VarveManifest *varve_manifest_from_bytes (GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
