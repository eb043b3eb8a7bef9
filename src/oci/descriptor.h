#pragma once

#include <glib.h>

#include "base/digest.h"
#include "base/json.h"

/* Media types: image-spec 1.1, media-types.md. */
#define VARVE_MEDIA_TYPE_INDEX "application/vnd.oci.image.index.v1+json"
#define VARVE_MEDIA_TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define VARVE_MEDIA_TYPE_CONFIG "application/vnd.oci.image.config.v1+json"
#define VARVE_MEDIA_TYPE_LAYER "application/vnd.oci.image.layer.v1.tar"
#define VARVE_MEDIA_TYPE_LAYER_GZIP VARVE_MEDIA_TYPE_LAYER "+gzip"
#define VARVE_MEDIA_TYPE_LAYER_ZSTD VARVE_MEDIA_TYPE_LAYER "+zstd"
#define VARVE_MEDIA_TYPE_LAYER_DOCKER "application/vnd.docker.image.rootfs.diff.tar"
#define VARVE_MEDIA_TYPE_LAYER_DOCKER_GZIP VARVE_MEDIA_TYPE_LAYER_DOCKER ".gzip"

/* A map of strings, sorted by key. GTree of owned char * to owned char *. */
typedef GTree VarveStringMap;
VarveStringMap *varve_string_map_new (void);
void varve_string_map_set (VarveStringMap *map, const char *key, const char *value);
const char *varve_string_map_get (VarveStringMap *map, const char *key);

/* What points to a blob: image-spec 1.1, descriptor.md. */
typedef struct {
  char *media_type;
  VarveDigest digest;
  guint64 size_bytes;
  VarveStringMap *annotations; /* NULL when there are none */
  char *architecture, *os, *variant; /* the platform, in an index; each NULL when absent */
} VarveDescriptor;

VarveDescriptor *varve_descriptor_new (const char *media_type, const VarveDigest *digest, guint64 size_bytes);
void varve_descriptor_free (VarveDescriptor *descriptor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDescriptor, varve_descriptor_free)

void varve_descriptor_annotate (VarveDescriptor *descriptor, const char *key, const char *value);
/* NULL when it does not have it. */
const char *varve_descriptor_annotation (const VarveDescriptor *descriptor, const char *key);

json_object *varve_descriptor_to_json (const VarveDescriptor *descriptor);
/* Strict: digest sha256 and well-formed, size 0 … 2^53, strings where strings belong; foreign "urls" are refused. */
VarveDescriptor *varve_descriptor_from_json (json_object *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
