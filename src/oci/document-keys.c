/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/document-keys.h"

static const VarveJsonKey PLATFORM[] = {
  { "architecture", NULL }, { "os", NULL },       { "os.version", NULL }, { "os.features", NULL },
  { "variant", NULL },      { "features", NULL }, { NULL, NULL },
};

static const VarveJsonKey DESCRIPTOR[] = {
  { "mediaType", NULL }, { "digest", NULL },       { "size", NULL },         { "urls", NULL }, { "annotations", NULL },
  { "data", NULL },      { "artifactType", NULL }, { "platform", PLATFORM }, { NULL, NULL },
};

const VarveJsonKey VARVE_DOCUMENT_KEYS[] = {
  { "schemaVersion", NULL }, { "mediaType", NULL },       { "artifactType", NULL }, { "config", DESCRIPTOR },
  { "layers", DESCRIPTOR },  { "manifests", DESCRIPTOR }, { "blobs", DESCRIPTOR }, /* an artifact manifest of
                                                                                      image-spec 1.1's release
                                                                                      candidates */
  { "subject", DESCRIPTOR }, { "annotations", NULL },     { NULL, NULL },
};

const VarveJsonKey VARVE_CONFIG_RUN_KEYS[] = {
  { "User", NULL },        { "ExposedPorts", NULL }, { "Env", NULL },     { "Entrypoint", NULL },
  { "Cmd", NULL },         { "Volumes", NULL },      { "Labels", NULL },  { "WorkingDir", NULL },
  { "StopSignal", NULL },  { "Healthcheck", NULL },  { "OnBuild", NULL }, { "Shell", NULL },
  { "ArgsEscaped", NULL }, { NULL, NULL },
};

static const VarveJsonKey ROOTFS[] = { { "type", NULL }, { "diff_ids", NULL }, { NULL, NULL } };

static const VarveJsonKey HISTORY[] = {
  { "created", NULL }, { "created_by", NULL },  { "author", NULL },
  { "comment", NULL }, { "empty_layer", NULL }, { NULL, NULL },
};

const VarveJsonKey VARVE_CONFIG_KEYS[] = {
  { "created", NULL },    { "author", NULL },      { "architecture", NULL }, { "os", NULL },
  { "os.version", NULL }, { "os.features", NULL }, { "variant", NULL },      { "config", VARVE_CONFIG_RUN_KEYS },
  { "rootfs", ROOTFS },   { "history", HISTORY },  { NULL, NULL },
};

const VarveJsonKey VARVE_LAYOUT_KEYS[] = { { "imageLayoutVersion", NULL }, { NULL, NULL } };
