#pragma once

#include "base/json.h"
#include "delta/endpoints.h"

/* Encodings of the same files: each file of the new image that changed, from the file of the old one that it comes
 * from, by itself. */

typedef enum {
  VARVE_ENCODING_TARDIFF, /* ours, as every applier reads it */
  VARVE_ENCODING_VARVE,   /* ours, looking through compression */
  VARVE_ENCODING_ZSTD,    /* zstd --patch-from */
  VARVE_ENCODING_BSDIFF,
  VARVE_ENCODINGS,
} VarveEncoding;

/* "tar-diff", "varve", "zstd-patch-from", "bsdiff". */
const char *varve_encoding_to_string (VarveEncoding encoding);

typedef struct {
  guint64 bytes;
  double cpu_seconds;
  guint64 peak_memory_bytes; /* of one file's; of ours of the whole process; 0 when it is not known */
  guint files;               /* that it was tried on; 0: the program is not installed */
} VarveEncodingResult;

typedef struct {
  guint files;
  guint64 new_bytes;
  guint left_out; /* files that changed too, but are larger than the limit */
  guint64 left_out_bytes;
  double trial_seconds; /* that finding recipes took before */
  VarveEncodingResult encodings[VARVE_ENCODINGS];
} VarveDeltasResult;

typedef struct {
  guint jobs;
  int level; /* zstd, of ours and of --patch-from */
  guint64
      max_file_bytes; /* larger files, old or new, are left out: bsdiff takes 17 times their size of memory, and long */
  const char *work_path; /* NULL: where temporary files belong */
} VarveDeltasOptions;

gboolean varve_deltas_measure (const VarveImage *old, const VarveImage *new, const VarveDeltasOptions *options,
                               VarveDeltasResult *out_result, VarveObserver *observer, GCancellable *cancellable,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_object *varve_deltas_to_json (const VarveDeltasResult *result);
