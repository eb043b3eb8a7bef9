/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/digest.h"
#include "base/json.h"

/* Media types: image-spec 1.1, media-types.md. */
#define VARVE_MEDIA_TYPE_INDEX "application/vnd.oci.image.index.v1+json"
#define VARVE_MEDIA_TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define VARVE_MEDIA_TYPE_CONFIG "application/vnd.oci.image.config.v1+json"
/* Of the content "{}": image-spec 1.1, manifest.md, "Guidance for an Empty Descriptor". */
#define VARVE_MEDIA_TYPE_EMPTY "application/vnd.oci.empty.v1+json"
#define VARVE_EMPTY_CONTENT "{}"
#define VARVE_MEDIA_TYPE_LAYER "application/vnd.oci.image.layer.v1.tar"
#define VARVE_MEDIA_TYPE_LAYER_GZIP VARVE_MEDIA_TYPE_LAYER "+gzip"
#define VARVE_MEDIA_TYPE_LAYER_ZSTD VARVE_MEDIA_TYPE_LAYER "+zstd"
/* Docker's equivalents; accepted when read, never written. */
#define VARVE_MEDIA_TYPE_INDEX_DOCKER "application/vnd.docker.distribution.manifest.list.v2+json"
#define VARVE_MEDIA_TYPE_MANIFEST_DOCKER "application/vnd.docker.distribution.manifest.v2+json"
#define VARVE_MEDIA_TYPE_CONFIG_DOCKER "application/vnd.docker.container.image.v1+json"
#define VARVE_MEDIA_TYPE_LAYER_DOCKER "application/vnd.docker.image.rootfs.diff.tar"
#define VARVE_MEDIA_TYPE_LAYER_DOCKER_GZIP VARVE_MEDIA_TYPE_LAYER_DOCKER ".gzip"
#define VARVE_MEDIA_TYPE_LAYER_DOCKER_ZSTD VARVE_MEDIA_TYPE_LAYER_DOCKER ".zstd"

/* A map of strings, sorted by key. GTree of owned char * to owned char *. */
typedef GTree VarveStringMap;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveStringMap, g_tree_unref)
VarveStringMap *varve_string_map_new (void);
/* Copies both; invalid UTF-8 becomes U+FFFD, which JSON requires. */
void varve_string_map_set (VarveStringMap *map, const char *key, const char *value);
/* NULL when absent or @map is NULL. */
const char *varve_string_map_get (VarveStringMap *map, const char *key);
json_object *varve_string_map_to_json (VarveStringMap *map);
/* The member @key of @object; TRUE with NULL where it is absent. */
gboolean varve_string_map_find (json_object *object, const char *key, VarveStringMap **out_map, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* A reference to a blob: image-spec 1.1, descriptor.md. */
typedef struct {
  char *media_type;
  VarveDigest digest;
  guint64 size_bytes;
  VarveStringMap *annotations;       /* NULL when there are none */
  char *artifact_type;               /* of a manifest in a list of referrers; NULL when absent */
  char *architecture, *os, *variant; /* the platform, in an index; each NULL when absent */
} VarveDescriptor;

VarveDescriptor *varve_descriptor_new (const char *media_type, const VarveDigest *digest, guint64 size_bytes);
VarveDescriptor *varve_descriptor_copy (const VarveDescriptor *descriptor);
void varve_descriptor_free (VarveDescriptor *descriptor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDescriptor, varve_descriptor_free)

void varve_descriptor_annotate (VarveDescriptor *descriptor, const char *key, const char *value);
/* NULL when absent. */
const char *varve_descriptor_annotation (const VarveDescriptor *descriptor, const char *key);

json_object *varve_descriptor_to_json (const VarveDescriptor *descriptor);
/* Strict: a well-formed sha256 digest, size 0 … 2^53, correct types; "urls" is UNSUPPORTED. Unknown members ("data", …)
 * are ignored. */
VarveDescriptor *varve_descriptor_from_json (json_object *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
