#pragma once

#include "codec/anatomy.h"
#include "delta/image-files.h"

/* Which part of the old image goes with which part of the new one: equal content, then path, then a path in which
 * versions are not looked at (kernel modules, libraries), then the file's name, then size. */

/* How a unit is reached: the old file, then so many times a piece of it is decoded. */
typedef struct {
  guint8 codec;
  guint64 at, size_bytes; /* the piece, header included, in what was decoded before */
} VarveDecodeStep;

/* Bytes of the old image that ops can name: a whole file, or a part of what is inside it. */
typedef struct {
  const char *file_name;
  VarveDecodeStep steps[VARVE_ANATOMY_DEPTH_MAX];
  guint n_steps;
  guint64 at;          /* in the file, or in what the last step decoded to */
  VarveExtent content; /* in the spool of the old image */
  guint64 hash;        /* XXH3; 0 when it is not known */
  const char *name;    /* by which it is looked for */
} VarveUnit;

typedef struct _VarveSources VarveSources;

/* Over the files of @files, which must outlive it. */
VarveSources *varve_sources_new (VarveImageFiles *files);
void varve_sources_free (VarveSources *sources);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSources, varve_sources_free)

/* Takes the units inside an old file; @anatomy must outlive @sources. Not thread-safe, while the others are. */
void varve_sources_add_inside (VarveSources *sources, const VarveImageFile *file, const VarveAnatomy *anatomy);

/* A file of the old image with such content, by hash; NULL when there is none. */
const VarveImageFile *varve_sources_find_equal (const VarveSources *sources, guint64 hash, guint64 size_bytes);
/* The old file that a new one with these names comes from; NULL when there is none. */
const VarveImageFile *varve_sources_find_file (const VarveSources *sources, GPtrArray *names, guint64 size_bytes);

typedef struct {
  GPtrArray *names; /* of the file it is in */
  const char *name; /* of the cpio member it is in; NULL elsewhere */
  guint64 size_bytes, hash;
} VarveWanted;

typedef enum {
  VARVE_SOURCES_PLAIN, /* whole files only: what tardf1 can name */
  VARVE_SOURCES_INSIDE,
} VarveSourcesKind;

/* The unit to build it from; NULL when there is none. One with the same hash and size first. */
const VarveUnit *varve_sources_find (const VarveSources *sources, const VarveWanted *wanted, VarveSourcesKind kind);
