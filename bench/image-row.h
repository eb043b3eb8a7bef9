/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "explain/diff.h"

/* A series of real images, oldest first: what hosts download from each to the next, to the third and to the sixth after
 * it. */

#define VARVE_IMAGE_ROW_LAGS 3

/* An update of a series. */
typedef struct {
  guint from, to; /* images */
  VarveDiff *diff;
  guint64 moved_bytes; /* of components that did not change but are downloaded; 0 when unknown */
} VarveImageStep;

/* Costs of the updates of one lag. */
typedef struct {
  guint lag;
  guint updates;
  guint64 digest_bytes, diff_id_bytes; /* means of one update; 0 without updates */
  guint64 max_bytes;                   /* the largest, by digest */
  gboolean has_bound;                  /* of all updates: the next two are known */
  guint64 bound_bytes;                 /* mean of the components that changed */
  double ratio; /* of the sums: by digest without commit layers, to the bound; 0 where nothing changed */
} VarveImageLag;

/* An image of the series, without its blobs. */
typedef struct {
  char *name;  /* as given */
  char *label; /* the end of the name, in which the names of the series differ */
  VarveImage *image;
  guint64 size_bytes;    /* the download of a new host */
  VarveStaleTotal stale; /* the part of its contents that is of no use */
} VarveImageRowEntry;

typedef struct {
  GPtrArray *images;                        /* VarveImageRowEntry, owned */
  GPtrArray *steps;                         /* VarveImageStep, owned: from each to the next */
  VarveImageLag lags[VARVE_IMAGE_ROW_LAGS]; /* 1, 3 and 6 */
  guint64 full_bytes;                       /* mean of the images: the download of a new host */
  VarveStaleTotal stale;                    /* of all images together */
} VarveImageRow;

VarveImageRow *varve_image_row_new (void);
/* Takes @image. */
void varve_image_row_add (VarveImageRow *row, const char *name, VarveImage *image);
/* Compares the images; called once, after all are added. */
gboolean varve_image_row_measure (VarveImageRow *row, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_image_row_free (VarveImageRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveImageRow, varve_image_row_free)

const VarveImageRowEntry *varve_image_row_entry (const VarveImageRow *row, guint index);
const VarveImageStep *varve_image_row_step (const VarveImageRow *row, guint index);
json_object *varve_image_row_to_json (const VarveImageRow *row);
