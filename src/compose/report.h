/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/json.h"
#include "compose/draft.h"
#include "oci/image.h"
#include "verify/stale.h"

/* The facts about an image that build, plan and inspect print as tables and JSON (documented in varve(1)). */

typedef enum {
  VARVE_LAYER_PLANNED, /* not written: digest, diff ID and size are unknown */
  VARVE_LAYER_NEW,
  VARVE_LAYER_REUSED,
  VARVE_LAYER_PRESENT, /* of an existing image */
} VarveLayerState;

typedef struct {
  VarveLayerState state;
  gboolean is_commit;    /* the commit layer */
  gboolean is_whiteouts; /* removes what is stale in other layers */
  VarveDigest digest, diff_id;
  guint64 size_bytes;     /* of the blob; 0 when unknown */
  guint64 raw_bytes;      /* of the tar; 0 when unknown */
  guint64 expected_bytes; /* the plan's estimate of the blob; 0 without a plan */
  char *key;              /* the content key, or NULL */
  GPtrArray *components;  /* names, owned */
  gint64 probability;     /* of changing, in units of VARVE_PROBABILITY_ONE; -1 when unknown */
  guint64 stale_objects;  /* that the image does not need */
  guint64 stale_bytes;    /* of their contents */
  gint64 stale_since;     /* of the one that has been stale for longest, or VARVE_STALE_SINCE_UNKNOWN */
  GPtrArray *stale_paths; /* of these, where they are known: as a host would show them, owned */
} VarveReportLayer;

/* Something that a build read. */
typedef struct {
  const char *role; /* "commit", "tree", "image", "previous", "base", "share" */
  char *name;       /* as the user named it */
  char *digest;     /* hexadecimal: the SHA-256 of a manifest, or the checksum of a commit; NULL where it is unknown */
} VarveReportInput;

typedef struct {
  GPtrArray *inputs;                      /* VarveReportInput, owned: of a draft or a build; else empty */
  char *image;                            /* as the user named it, or NULL */
  char *digest;                           /* of the manifest, or NULL */
  char *commit;                           /* hexadecimal, or NULL */
  char *architecture, *created, *version; /* each may be NULL */
  GPtrArray *layers;                      /* VarveReportLayer, owned, in the order of the manifest */
  gint remembered_steps;                  /* build-to-build steps in the ledger; -1 when unknown */
  guint64 live_bytes;                     /* in tars, of what the image needs; 0 when unknown */
  json_object *labels;                    /* NULL for a plan */
  json_object *dropped;                   /* attributes that hosts of a planned image drop, if any; else NULL */
  json_object *skipped;                   /* what of a tree or an image is left out; NULL for a commit */
} VarveReport;

void varve_report_free (VarveReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveReport, varve_report_free)

/* Of a planned image. */
VarveReport *varve_report_of_draft (const VarveDraft *draft);
/* Of an existing image. */
VarveReport *varve_report_of_image (const VarveImage *image, const char *name);

const VarveReportLayer *varve_report_layer (const VarveReport *report, guint index);
/* Bytes of all blobs, or only of those in @state. */
guint64 varve_report_size_bytes (const VarveReport *report);
guint64 varve_report_state_bytes (const VarveReport *report, VarveLayerState state);
guint varve_report_state_layers (const VarveReport *report, VarveLayerState state);
VarveStaleTotal varve_report_stale (const VarveReport *report);
/* Reused layers of which something is stale: without keeping them, hosts would download them again. */
guint64 varve_report_kept_bytes (const VarveReport *report);
guint varve_report_kept_layers (const VarveReport *report);
json_object *varve_report_to_json (const VarveReport *report);
