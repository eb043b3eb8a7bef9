/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"
#include "explain/comparison.h"
#include "explain/known-causes.h"

/* Changes between two images that no package update explains: files that every build makes, and packages whose files
 * differ although the package is the same. */

/* Files that changed for one reason. */
typedef struct {
  const VarveKnownCause *known; /* NULL when unknown */
  guint files;
  guint64 raw_bytes;        /* of their contents */
  guint64 compressed_bytes; /* each by itself */
  GPtrArray *paths;         /* the largest, owned, with a leading slash */
} VarveNoiseCause;

typedef enum {
  VARVE_NOISE_MADE_ANEW, /* initramfs, UKI, package database, caches */
  VARVE_NOISE_UNOWNED,   /* no package owns it */
  VARVE_NOISE_SHARED,    /* small files of several packages */
  VARVE_NOISE_REBUILT,   /* a package of the same build with other contents */
} VarveNoiseKind;

typedef struct {
  char *component;
  VarveNoiseKind kind;
  guint64 size_bytes;      /* its size in the downloaded layers; 0 when unknown */
  gboolean kernel_changed; /* of an initramfs or a UKI: the kernel changed, too, so the change is expected */
  gboolean is_packed;      /* most of it is compressed already, so that deltas cannot be small */
  GPtrArray *causes;       /* VarveNoiseCause, owned, largest first */
} VarveNoise;

/* "made anew", "unowned", "shared", "same package". */
const char *varve_noise_kind_to_string (VarveNoiseKind kind);

typedef struct {
  GPtrArray *list;         /* VarveNoise, owned, largest first */
  gboolean knows_packages; /* package databases were read: there was a repository, and the tree has them */
} VarveNoiseReport;

/* Where @comparison has components, each changed file belongs to its component, and a package is the same where its
 * build time and change times are. From blobs alone, only files that every build makes and unowned files are found, by
 * the names of components and files. */
VarveNoiseReport *varve_noise_find (const VarveImage *old, const VarveImage *new, const VarveComparison *comparison,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_noise_report_free (VarveNoiseReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveNoiseReport, varve_noise_report_free)

json_object *varve_noise_to_json (const VarveNoiseReport *report);
