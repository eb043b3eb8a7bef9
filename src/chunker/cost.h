/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "chunker/recency.h"

/* The expected cost of a layer at each update, from sums over its atoms. */

/* Sums over atoms. The cost of a layer depends on nothing else. */
typedef struct {
  guint64 risk;        /* that any of them changes, independently: chunker/fixed.h */
  guint64 unseen_risk; /* the part of it that `changed` does not show */
  VarveEvents changed; /* the steps in which any of them changed */
  guint64 size_bytes;  /* the sum over all layers must not exceed VARVE_COST_SIZE_MAX */
  guint64 expected;    /* of these bytes, those that change at the next step in the mean: of VARVE_COST_BYTE */
} VarveLoad;

static inline VarveLoad
varve_load_add (const VarveLoad *a, const VarveLoad *b)
{
  return (VarveLoad){ a->risk + b->risk, a->unseen_risk + b->unseen_risk, varve_events_union (a->changed, b->changed),
                      a->size_bytes + b->size_bytes, a->expected + b->expected };
}

typedef struct {
  const VarveRecency *recency; /* NULL without remembered builds: all changes are independent */
  guint32 changed_bytes;       /* the cost of a changed layer beyond its content: a request, the start of a tar */
  guint32 always_bytes;        /* the cost of any layer at every update: its entries in manifest and config */
  gboolean may_keep_stale;     /* a layer of which little changed is kept, and opened only some updates later */
} VarveCostModel;

/* 128 TiB: sums of costs stay within 64 bits. */
#define VARVE_COST_SIZE_MAX (G_GUINT64_CONSTANT (1) << 47)
/* Costs are in units of 1/65536 byte. */
#define VARVE_COST_BYTE (G_GUINT64_CONSTANT (1) << 16)

/* The chance of a change at the next step, of VARVE_FIXED_ONE. Atoms that changed together are assumed to change
 * together again: this chance is the share of steps with a change of any of them, combined with the unseen risk. It is
 * averaged with the chance from independent risks, so that coincidences in a short history do not count for too much.
 */
guint64 varve_cost_chance (const VarveCostModel *model, const VarveLoad *load);
/* chance * (size + changed) + always. Where stale layers may be kept, the first term is at most three times the bytes
 * that are expected to change. */
guint64 varve_cost (const VarveCostModel *model, const VarveLoad *load);
