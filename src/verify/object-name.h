/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/digest.h"

/* The path of an object in a layer: "sysroot/ostree/repo/objects/xx/<62 digits>.<suffix>". */

#define VARVE_LAYER_REPO "sysroot/ostree/repo"

typedef enum {
  VARVE_OBJECT_COMMIT,
  VARVE_OBJECT_COMMITMETA,
  VARVE_OBJECT_DIRTREE,
  VARVE_OBJECT_DIRMETA,
  VARVE_OBJECT_FILE,
  VARVE_OBJECT_FILE_XATTRS,      /* attributes that links of this layer may share, with the checksum of their bytes */
  VARVE_OBJECT_FILE_XATTRS_LINK, /* the attributes of the file object with this checksum */
} VarveObjectKind;

typedef struct {
  VarveDigest checksum;
  VarveObjectKind kind;
} VarveObjectName;

/* CORRUPT for any other path. */
gboolean varve_object_name_parse (const char *path, VarveObjectName *out_name, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
