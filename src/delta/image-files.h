/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/tar-map.h"

/* The files of an image's root file system: layers applied in order, with whiteouts. */

typedef struct {
  VarveExtent content; /* in the spool */
  guint64 hash;        /* 0 with VARVE_TAR_MAP_PLAIN */
  GPtrArray *names;    /* char *, one for each hard link, not owned; none below sysroot/ostree */
} VarveImageFile;

typedef struct {
  VarveExtentFile *spool;
  GPtrArray *maps;     /* VarveTarMap of each layer, owned; NULL where the layer was not wanted */
  GPtrArray *files;    /* VarveImageFile, owned: files that have a name and are not empty */
  GHashTable *by_name; /* char * -> VarveImageFile */
} VarveImageFiles;

typedef struct {
  VarveTarMapKind kind;
  guint jobs;
  VarveExtentFile *spool; /* must outlive the result */
  VarveObserver *observer;
  const gboolean *wanted; /* for each layer; NULL for all */
} VarveImageFilesOptions;

VarveImageFiles *varve_image_files_read (const VarveImage *image, const VarveImageFilesOptions *options,
                                         GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes the maps out of @maps, which has NULL for a layer that is not known. */
VarveImageFiles *varve_image_files_of_maps (GPtrArray *maps);
void varve_image_files_free (VarveImageFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveImageFiles, varve_image_files_free)

/* Whether a path is outside the tree that a host shows. */
gboolean varve_image_files_is_hidden (const char *name);
