/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/apply-options.h"
#include "delta/delta-referrer.h"
#include "oci/image.h"

/* Chooses the deltas with which a host gets an image. What lists and annotations say only decides what is tried first:
 * the costs that count are those in the deltas themselves, and what deltas make is checked when they are applied. */

/* Who offers deltas: a registry, or a folder. */
typedef struct {
  /* The deltas to the image with this manifest, VarveDeltaReferrer, owned. */
  GPtrArray *(*list) (gpointer data, const VarveDigest *target, GError **error);
  VarveDelta *(*open) (gpointer data, const VarveDescriptor *delta, GError **error);
  gpointer data;
} VarveDeltaOffers;

typedef struct {
  const VarveImage *image; /* that the host is to get */
  const gboolean *missing; /* for each of its layers, whether the host lacks it */
  guint max_steps;         /* deltas in a chain; up to VARVE_DELTA_PATH_MAX_STEPS */
  /* Whether the host has the files of the image that a delta starts from. */
  gboolean (*has_source) (gpointer data, const VarveDeltaReferrer *delta);
  gpointer data;
  VarveApplyOptions limits; /* only max_cpu_seconds and memory */
  VarveObserver *observer;
  GCancellable *cancellable;
} VarveDeltaSearch;

typedef struct {
  GPtrArray *deltas;  /* VarveDelta, owned, in the order in which they are applied; empty: none is of use */
  guint64 bytes;      /* that they and the layers that they lack download */
  guint64 full_bytes; /* of all missing layers */
} VarveDeltaChoice;

/* The observer is warned of what cannot be read, and why nothing is used although deltas are offered. FALSE only when
 * cancelled. */
gboolean varve_delta_search (const VarveDeltaSearch *search, const VarveDeltaOffers *offers,
                             VarveDeltaChoice *out_choice, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_delta_choice_clear (VarveDeltaChoice *choice);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveDeltaChoice, varve_delta_choice_clear)
