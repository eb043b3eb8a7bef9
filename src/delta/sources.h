/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "codec/anatomy.h"
#include "delta/image-files.h"

/* Finds the part of the old image that a part of the new one is made from: by equal content, then by path, then by path
 * without versions (kernel modules, libraries), then by file name without versions; among several, by size. */

/* A step from a file to a unit inside it: decode a piece of what was reached so far. */
typedef struct {
  guint8 codec;
  guint64 at, size_bytes; /* the piece, header included */
} VarveDecodeStep;

/* Bytes of the old image that ops can reach: a whole file, or a piece inside it. */
typedef struct {
  const char *file_name;
  VarveDecodeStep steps[VARVE_ANATOMY_DEPTH_MAX];
  guint n_steps;
  guint64 at;          /* offset in the file, or in the result of the last step */
  VarveExtent content; /* in the spool of the old image */
  guint64 hash;        /* XXH3; 0 when unknown */
  const char *name;    /* of the cpio member, or of the file */
} VarveUnit;

typedef struct _VarveSources VarveSources;

/* @files must outlive the result. */
VarveSources *varve_sources_new (VarveImageFiles *files);
void varve_sources_free (VarveSources *sources);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSources, varve_sources_free)

/* Adds the units inside an old file; @anatomy must outlive @sources. Not thread-safe; all other functions are. */
void varve_sources_add_inside (VarveSources *sources, const VarveImageFile *file, const VarveAnatomy *anatomy);

/* An old file with this hash and size; NULL when there is none. */
const VarveImageFile *varve_sources_find_equal (const VarveSources *sources, guint64 hash, guint64 size_bytes);
/* The old file that a new file with these names is made from; NULL when there is none. */
const VarveImageFile *varve_sources_find_file (const VarveSources *sources, GPtrArray *names, guint64 size_bytes);

typedef struct {
  GPtrArray *names; /* of the file it is in */
  const char *name; /* of the cpio member it is in; else NULL */
  guint64 size_bytes, hash;
} VarveWanted;

typedef enum {
  VARVE_SOURCES_PLAIN, /* only units that tar-diff can reach, without decoding */
  VARVE_SOURCES_INSIDE,
} VarveSourcesKind;

/* The unit to make it from, preferably with the same hash and size; NULL when there is none. */
const VarveUnit *varve_sources_find (const VarveSources *sources, const VarveWanted *wanted, VarveSourcesKind kind);
