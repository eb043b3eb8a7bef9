/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/digest.h"
#include "emit/decompress.h"

/* The objects and paths of a layer that was read, without file contents. */

/* A valid content object of the layer. */
typedef struct {
  VarveDigest checksum;
  guint64 size_bytes;
  guint32 uid, gid, mode; /* mode as in the tar, with S_IFREG or S_IFLNK */
  gboolean is_live; /* shown from this layer, or nothing in it is declared stale; varve_tree_paths_check() sets it */
} VarveLayerObject;

/* An entry that a host shows as a file or directory. */
typedef struct {
  const char *path;       /* as in the tar, clean: "etc/passwd"; the root is "" */
  char type;              /* VARVE_TAR_HARD_LINK, VARVE_TAR_FILE (empty, or a whiteout) or VARVE_TAR_DIRECTORY */
  guint32 uid, gid, mode; /* permission bits only */
  VarveDigest object;     /* the target of a hard link; of an empty file, the empty object before it in the layer */
} VarveLayerPath;

typedef struct {
  char *place;           /* "layer 3 (sha256:ab…)", for messages */
  gboolean is_complete;  /* the whole tar was read */
  gboolean may_be_stale; /* the manifest declares stale objects in it: verify/stale.h */
  gboolean has_sums;
  VarveDecompressed sums;
  GArray *objects;                 /* VarveLayerObject, in the order of the layer */
  GHashTable *object_indices;      /* VarveDigest -> index + 1 */
  GArray *paths;                   /* VarveLayerPath, in the order of the layer */
  GHashTable *dirtrees, *dirmetas; /* VarveDigest -> GBytes, raw */
  gboolean has_commit;
  VarveDigest commit;
  GBytes *commit_raw, *commitmeta_raw; /* NULL when absent */
  GStringChunk *strings;
} VarveLayerRecord;

VarveLayerRecord *varve_layer_record_new (const char *place);
void varve_layer_record_free (VarveLayerRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveLayerRecord, varve_layer_record_free)

/* NULL when the layer lacks it. */
const VarveLayerObject *varve_layer_record_find (const VarveLayerRecord *record, const VarveDigest *checksum);
void varve_layer_record_add_object (VarveLayerRecord *record, const VarveLayerObject *object);
/* Copies the path. */
void varve_layer_record_add_path (VarveLayerRecord *record, const VarveLayerPath *path);
