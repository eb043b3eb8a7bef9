/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/digest.h"

/* The cheapest way from an image that a host has to another image, over known deltas. Pure: no files, no network. */

/* Each step makes a whole image on the host. */
#define VARVE_DELTA_PATH_MAX_STEPS 3

/* The bytes of an edge that cannot be used. */
#define VARVE_DELTA_PATH_CLOSED G_MAXUINT64

typedef struct {
  VarveDigest source, target; /* images: the same digest for the same image in all edges */
  gboolean is_from_host;      /* the host has the source */
  guint64 bytes;              /* that it downloads, or VARVE_DELTA_PATH_CLOSED */
} VarveDeltaEdge;

/* Indexes (guint) into @edges, in the order in which the deltas are applied: the first edge is from the host, each of
 * the others starts where the one before leads, and the last leads to @target. The sum is the smallest of all ways of
 * at most VARVE_DELTA_PATH_MAX_STEPS edges, and below @max_bytes; NULL if there is none. Of equal sums, the one with
 * fewer edges, then the one whose first edge comes first. */
GArray *varve_delta_path_find (const VarveDeltaEdge *edges, guint n_edges, const VarveDigest *target,
                               guint64 max_bytes);
/* The smallest sum of a way of at most @max_steps edges from the image @source to @target, whatever the host has;
 * VARVE_DELTA_PATH_CLOSED if there is none. */
guint64 varve_delta_path_bytes (const VarveDeltaEdge *edges, guint n_edges, const VarveDigest *source,
                                const VarveDigest *target, guint max_steps);
