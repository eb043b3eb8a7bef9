#pragma once

#include <glib.h>

#include "chunker/recency.h"

/* What a layer is expected to cost at each update, from the sums over what is in it. */

/* Sums over atoms: all that the cost of a layer depends on. */
typedef struct {
  guint64 risk;        /* that any of them changes, each for itself: chunker/fixed.h */
  guint64 unseen_risk; /* the same beyond what `changed` tells */
  VarveEvents changed; /* the steps in which any of them changed */
  guint64 size_bytes;  /* the sum over all layers must not exceed VARVE_COST_SIZE_MAX */
} VarveLoad;

static inline VarveLoad
varve_load_add (const VarveLoad *a, const VarveLoad *b)
{
  return (VarveLoad){ a->risk + b->risk, a->unseen_risk + b->unseen_risk, varve_events_union (a->changed, b->changed),
                      a->size_bytes + b->size_bytes };
}

typedef struct {
  const VarveRecency *recency; /* NULL where nothing is remembered: then every change is for itself */
  guint32 changed_bytes; /* what a changed layer costs beside its content: a request, what every tar begins with */
  guint32 always_bytes;  /* what any layer costs at every update: its place in manifest and config */
} VarveCostModel;

/* 128 TiB: sums of costs stay within 64 bits. */
#define VARVE_COST_SIZE_MAX (G_GUINT64_CONSTANT (1) << 47)
/* Costs are in units of 1/65536 byte. */
#define VARVE_COST_BYTE (G_GUINT64_CONSTANT (1) << 16)

/* The chance that it changes at the next step, of VARVE_FIXED_ONE. What changed together before is taken to change
 * together again: the share of steps in which any of it did, joined by the unseen risk. That is mixed with the risks
 * taken as independent, so that coincidences in a short history do not count for too much. */
guint64 varve_cost_chance (const VarveCostModel *model, const VarveLoad *load);
/* chance * (size + changed) + always. */
guint64 varve_cost (const VarveCostModel *model, const VarveLoad *load);
