#pragma once

#include "base/json.h"
#include "explain/comparison.h"
#include "explain/known-causes.h"

/* What changed between two images although no package did: what builds make anew, and packages whose files differ while
 * the package itself is the same. */

/* Files that changed for one reason. */
typedef struct {
  const VarveKnownCause *culprit; /* NULL: not known */
  guint files;
  guint64 raw_bytes;        /* of their contents */
  guint64 compressed_bytes; /* each by itself */
  GPtrArray *paths;         /* the largest of them, owned, with a leading slash */
} VarveNoiseCause;

typedef enum {
  VARVE_NOISE_MADE_ANEW, /* initramfs, package database, caches */
  VARVE_NOISE_UNOWNED,   /* no package has it */
  VARVE_NOISE_SHARED,    /* small files of several packages */
  VARVE_NOISE_REBUILT,   /* a package of the same build, with other files */
} VarveNoiseKind;

typedef struct {
  char *component;
  VarveNoiseKind kind;
  guint64 size_bytes;      /* what it takes in the layers that are downloaded; 0 when it is not known */
  gboolean kernel_changed; /* of an initramfs: so did the kernel, and it had to */
  gboolean is_packed;      /* most of it is compressed already: deltas find nothing in it */
  GPtrArray *causes;       /* VarveNoiseCause, owned, the largest first */
} VarveNoise;

/* "made anew", "unowned", "shared", "same package". */
const char *varve_noise_kind_to_string (VarveNoiseKind kind);

typedef struct {
  GPtrArray *list;         /* VarveNoise, owned, the largest first */
  gboolean knows_packages; /* packages were looked at: there was a repository, and it has their databases */
} VarveNoiseReport;

/* Where @comparison has components, each changed file belongs to its component, and a package is the same where its
 * build time and change times are. From blobs alone, only files that every build makes and unowned files are found, by
 * the names of components and files. */
VarveNoiseReport *varve_noise_find (const VarveImage *old, const VarveImage *new, const VarveComparison *comparison,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_noise_report_free (VarveNoiseReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveNoiseReport, varve_noise_report_free)

json_object *varve_noise_to_json (const VarveNoiseReport *report);
