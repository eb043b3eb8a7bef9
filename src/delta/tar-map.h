#pragma once

#include <gio/gio.h>

#include "base/extent-file.h"
#include "base/observer.h"
#include "emit/decompress.h"
#include "oci/image.h"

/* One layer of an image, unpacked into a spool, and what stands where in its tar. */

typedef struct {
  char type;             /* as VarveTarReadEntry has it */
  const char *name;      /* clean: no empty, "." or ".." component; "" for the root */
  const char *link_name; /* clean; of hard links */
  guint64 content_at;    /* in the tar */
  guint64 size_bytes;
  guint64 hash; /* XXH3 of the content of a file; 0 where it was not asked for */
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

/* Digest, size and diff ID are checked: CORRUPT where they differ. */
typedef struct {
  VarveTarMapKind kind;
  VarveExtentFile *spool;
  VarveObserver *observer; /* told of bytes of the tar; may be NULL */
} VarveTarMapOptions;

VarveTarMap *varve_tar_map_read (const VarveImage *image, guint layer, const VarveTarMapOptions *options,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_tar_map_free (VarveTarMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTarMap, varve_tar_map_free)
