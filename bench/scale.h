/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/json.h"
#include "base/observer.h"

/* How time and memory of the main verbs grow with the tree: each runs as a process of this program on one, two, four, …
 * copies of a commit's files (bench/grown-tree.h). */

typedef enum {
  VARVE_SCALE_PLAN,
  VARVE_SCALE_BUILD,
  VARVE_SCALE_REBUILD, /* after a change of every 16th package, with the first image as the previous one */
  VARVE_SCALE_VERIFY,
  VARVE_SCALE_DIFF,
  VARVE_SCALE_DELTA,
  VARVE_SCALE_PREFETCH, /* into an empty repository */
} VarveScaleStep;
#define VARVE_SCALE_STEPS (VARVE_SCALE_PREFETCH + 1)
#define VARVE_SCALE_COPIES_MAX 1024
#define VARVE_SCALE_SIZES_MAX 11 /* powers of two up to that */

const char *varve_scale_step_to_string (VarveScaleStep step);
/* "plan,build": a set of bits; USAGE for an unknown name. */
gboolean varve_scale_steps_parse (const char *names, guint *out_steps, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  const char *repo_path, *ref;
  const char
      *work_path;    /* a folder on a disk with room for three times the largest tree; NULL: TMPDIR, else /var/tmp */
  guint copies;      /* the largest number, a power of two */
  guint64 cut_bytes; /* no file is larger; G_MAXUINT64: whole files */
  guint steps;       /* bits of VarveScaleStep; those that a later one needs are run too */
  guint32 max_layers;
  guint jobs;
} VarveScaleOptions;

typedef struct {
  double seconds, cpu_seconds;
  guint64 peak_memory_bytes;
} VarveScaleCost;

typedef struct {
  guint copies;
  guint64 files, bytes, packages;
  VarveScaleCost costs[VARVE_SCALE_STEPS];
} VarveScaleRow;

typedef struct {
  guint steps; /* that were measured */
  guint n_rows;
  VarveScaleRow rows[VARVE_SCALE_SIZES_MAX];
  /* Slopes of the logarithms over that of the number of files, by least squares: 1 is linear. Set with two rows. */
  double cpu_exponents[VARVE_SCALE_STEPS], memory_exponents[VARVE_SCALE_STEPS];
} VarveScaleResult;

gboolean varve_scale_measure (const VarveScaleOptions *options, VarveScaleResult *out_result, VarveObserver *observer,
                              GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_object *varve_scale_to_json (const VarveScaleResult *result);

/* The slope of log y over log x by least squares; the values are positive, @n is at least 2. */
double varve_scale_exponent (const double *x, const double *y, guint n);
