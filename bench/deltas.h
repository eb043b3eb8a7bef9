/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"
#include "delta/endpoints.h"

/* Encodings of the same files: each changed file of the new image is encoded separately against its old version. */

typedef enum {
  VARVE_ENCODING_TARDIFF, /* varve's, for every applier */
  VARVE_ENCODING_VARVE,   /* varve's, looking through compression */
  VARVE_ENCODING_ZSTD,    /* zstd --patch-from */
  VARVE_ENCODING_BSDIFF,
  VARVE_ENCODINGS,
} VarveEncoding;

/* "tar-diff", "varve", "zstd-patch-from", "bsdiff". */
const char *varve_encoding_to_string (VarveEncoding encoding);

typedef struct {
  guint64 bytes;
  double cpu_seconds;
  guint64 peak_memory_bytes; /* of one file's encoder; for varve's own encodings of the whole process; 0: unknown */
  guint files;               /* encoded files; 0: the program is not installed */
} VarveEncodingResult;

typedef struct {
  guint files;
  guint64 new_bytes;
  guint left_out; /* changed files above the limit */
  guint64 left_out_bytes;
  double trial_seconds; /* of the search for recipes, which comes first */
  VarveEncodingResult encodings[VARVE_ENCODINGS];
} VarveDeltasResult;

typedef struct {
  const VarveImage *old, *new;
  guint jobs;
  int level;              /* zstd, of varve's encodings and of --patch-from */
  guint64 max_file_bytes; /* larger files, old or new, are skipped: bsdiff is slow and takes 17 times their size of
                             memory */
  const char *work_path;  /* NULL: TMPDIR, else /var/tmp */
} VarveDeltasOptions;

gboolean varve_deltas_measure (const VarveDeltasOptions *options, VarveDeltasResult *out_result,
                               VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
json_object *varve_deltas_to_json (const VarveDeltasResult *result);
