/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/sources.h"

/* The old files that new files are made from: those with the same names, and for kernels and initramfs, which may be
 * files or sections of a unified kernel image, those with the same role. */

/* A kernel or an initramfs of the old image. */
typedef struct {
  const VarveImageFile *file; /* it itself, or the unified kernel image */
  const char *role;           /* VARVE_PIECE_LINUX or VARVE_PIECE_INITRD */
  guint64 size_bytes;
} VarveBootPart;

/* Finds the kernels and initramfs, a GArray of VarveBootPart, and makes them known to @sources, with all sections of
 * the files that they are in. */
GArray *varve_boot_parts_find (const VarveImageFiles *files, VarveExtentFile *spool, VarveSources *sources,
                               GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  VarveExtentFile *old_spool;
  const VarveSources *sources;
  GArray *boot_parts;
  const VarveImageFiles *new_files;
  VarveAnatomy *const *new_anatomies; /* for each of the new files; NULL for a file of one piece */
} VarveCounterparts;

/* The old files to look into: a GPtrArray of VarveImageFile. */
GPtrArray *varve_counterparts_find (const VarveCounterparts *counterparts, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether there may be something inside a file. */
gboolean varve_counterparts_is_promising (VarveExtentFile *spool, const VarveImageFile *file,
                                          gboolean *out_is_promising, GError **error) G_GNUC_WARN_UNUSED_RESULT;
