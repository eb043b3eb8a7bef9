/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "model/plan.h"

/* The largest number of layers that a runtime mounts, minus the commit layer. */
#define VARVE_PACK_LAYERS_MAX 499

typedef struct {
  guint32 max_layers;      /* clamped to 1 … VARVE_PACK_LAYERS_MAX; existing layers of the plan count */
  guint32 overhead_bytes;  /* the cost of a changed layer for a client beyond its content */
  gboolean may_keep_stale; /* later builds keep layers of which little changed */
} VarvePackOptions;

/* 64 KiB: some milliseconds of latency on a fast line, and the parts that each layer repeats. */
#define VARVE_PACK_OPTIONS_INIT { .max_layers = 64, .overhead_bytes = 64 * 1024 }

/* Puts every atom that is in no layer of the plan into exactly one new layer, so that the expected download is small,
 * and adds these layers after the existing ones, the least likely to change first. At least one layer is added if there
 * are such atoms, even beyond max_layers. The result depends on name, kind, digest, size_bytes, probability, n_steps
 * and changed of the atoms, not on their order.
 *
 * Atoms that the user named (VARVE_COMPONENT_EXCLUSIVE) are alone in a layer each, with one left for the others. If
 * they are too many for that, they are packed as packages are.
 * Then come initramfs, kernel, package databases and large generated caches, in this order: all of them if they take at
 * most a quarter of the layers, else the number with the least total cost. Those of them that changed at nearly every
 * one of at least eight steps are packed by cost instead, which may put all of them into one layer. */
void varve_pack (VarvePlan *plan, const VarvePackOptions *options);

/* The expected download of a client from one build to the next: sizes as in the plan, without overhead. */
guint64 varve_pack_expected_bytes (const VarvePlan *plan);
/* The cost that varve_pack minimises: the same with overhead and with each layer's entries in manifest and config. */
guint64 varve_pack_cost_bytes (const VarvePlan *plan, const VarvePackOptions *options);
