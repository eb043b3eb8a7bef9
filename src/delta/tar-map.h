/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/extent-file.h"
#include "base/observer.h"
#include "emit/decompress.h"
#include "emit/tar-read.h"
#include "oci/image.h"

/* One layer of an image, decompressed into a spool, and the entries of its tar. */

typedef struct {
  char type;        /* as VarveTarReadEntry has it; VARVE_TAR_SPARSE for sparse files in any format: a host has them
                     * with their holes, so the content in the tar is no source */
  const char *name; /* clean: no empty, "." or ".." component; "" for the root */
  const char *link_name; /* clean; of hard links */
  guint64 content_at;    /* offset in the tar */
  guint64 size_bytes;
  guint64 hash; /* XXH3 of the content of a file; 0 with VARVE_TAR_MAP_PLAIN */
  guint64 mode;
} VarveTarMapEntry;

typedef struct {
  VarveExtent tar; /* in the spool */
  GArray *entries; /* VarveTarMapEntry, in order */
  VarveDecompressed sums;

  /* private */
  GStringChunk *strings;
} VarveTarMap;

typedef enum {
  VARVE_TAR_MAP_PLAIN,
  VARVE_TAR_MAP_HASHED, /* with the hash of each file */
} VarveTarMapKind;

typedef struct {
  VarveTarMapKind kind;
  VarveExtentFile *spool;
  VarveObserver *observer; /* advanced by bytes of the tar; may be NULL */
} VarveTarMapOptions;

/* CORRUPT where digest, size or diff ID differ. */
VarveTarMap *varve_tar_map_read (const VarveImage *image, guint layer, const VarveTarMapOptions *options,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of a tar whose files' content is not there: @read gives any bytes for it. @tar is where the caller says it is. */
VarveTarMap *varve_tar_map_of_headers (VarveTarReadFunc read, gpointer source, VarveExtent tar, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Without entries. */
VarveTarMap *varve_tar_map_new (VarveExtent tar);
void varve_tar_map_free (VarveTarMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTarMap, varve_tar_map_free)
