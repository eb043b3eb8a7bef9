#pragma once

#include <glib.h>

/* What a layer is expected to cost at each update, from the sums over what is in it. */

/* Sums over atoms: all that the cost of a layer depends on. */
typedef struct {
  guint64 risk;       /* chunker/fixed.h */
  guint64 size_bytes; /* the sum over all layers must not exceed VARVE_COST_SIZE_MAX */
} VarveLoad;

typedef struct {
  guint32 changed_bytes; /* what a changed layer costs beside its content: a request, what every tar begins with */
  guint32 always_bytes;  /* what any layer costs at every update: its place in manifest and config */
} VarveCostModel;

/* 128 TiB: sums of costs stay within 64 bits. */
#define VARVE_COST_SIZE_MAX (G_GUINT64_CONSTANT (1) << 47)
/* Costs are in units of 1/65536 byte. */
#define VARVE_COST_BYTE (G_GUINT64_CONSTANT (1) << 16)

/* (1 - e^-risk) * (size + changed) + always. */
guint64 varve_cost (const VarveCostModel *model, guint64 risk, guint64 size_bytes);
