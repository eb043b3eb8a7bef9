/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "codec/anatomy.h"
#include "delta/image-files.h"

/* Finds the part of the old image that a part of the new one is made from: by equal content, then by path, then by path
 * without versions (kernel modules, libraries), then by file name without versions, then by role (kernel, initramfs);
 * among several, by size. */

/* A step from a file to a unit inside it: decode a piece of what was reached so far. */
typedef struct {
  guint8 codec;
  guint64 at, size_bytes; /* the piece, header included */
} VarveDecodeStep;

/* Bytes of the old image that ops can reach: a whole file, or a piece inside it. */
typedef struct {
  const VarveImageFile *file;
  const char *file_name; /* the file's first name */
  gboolean is_whole;     /* the file itself, not a part of it */
  VarveDecodeStep steps[VARVE_ANATOMY_DEPTH_MAX];
  guint n_steps;
  guint64 at;           /* offset in the stream: the file, or the result of the last step */
  guint64 stream_bytes; /* of all of that stream, which the spool has in one place */
  VarveExtent content;  /* in the spool of the old image */
  guint64 hash;         /* XXH3; 0 when unknown */
  const char *name;     /* of the cpio member, or of the file */
} VarveUnit;

typedef struct _VarveSources VarveSources;

/* @files must outlive the result. */
VarveSources *varve_sources_new (VarveImageFiles *files);
void varve_sources_free (VarveSources *sources);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSources, varve_sources_free)

/* The functions that add are not thread-safe; all others are. */

/* Adds the units inside an old file; @anatomy must outlive @sources. */
void varve_sources_add_inside (VarveSources *sources, const VarveImageFile *file, const VarveAnatomy *anatomy);
/* Adds a part of an old file that is found by its content only. */
void varve_sources_add_equal (VarveSources *sources, const VarveImageFile *file, VarveExtent part, guint64 hash);
/* Makes an old file the choice for a role, where names find nothing. */
void varve_sources_add_role (VarveSources *sources, const VarveImageFile *file, const char *role);

/* Whether the old image has these bytes without decoding: as a file, or as a part of one. */
gboolean varve_sources_has_equal (const VarveSources *sources, guint64 hash, guint64 size_bytes);
/* The old file that a new file with these names is made from; NULL when there is none. */
const VarveImageFile *varve_sources_find_file (const VarveSources *sources, GPtrArray *names, guint64 size_bytes);

typedef struct {
  GPtrArray *names;                /* of the file it is in */
  const char *name;                /* of the cpio member or section it is in; else NULL */
  const char *role;                /* of the file it is in; else NULL */
  const VarveImageFile *preferred; /* the old file whose units are taken where names do not decide; else NULL */
  guint64 size_bytes, hash;
} VarveWanted;

typedef enum {
  VARVE_SOURCES_PLAIN, /* only units that tar-diff can reach, without decoding */
  VARVE_SOURCES_INSIDE,
} VarveSourcesKind;

/* A unit with the same hash and size; NULL when there is none. */
const VarveUnit *varve_sources_find_equal (const VarveSources *sources, guint64 hash, guint64 size_bytes,
                                           VarveSourcesKind kind);
/* The unit to make it from, preferably with the same hash and size; NULL when there is none. */
const VarveUnit *varve_sources_find (const VarveSources *sources, const VarveWanted *wanted, VarveSourcesKind kind);
