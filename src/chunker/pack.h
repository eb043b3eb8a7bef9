#pragma once

#include <glib.h>

#include "model/plan.h"

/* The most that a runtime mounts, less the commit layer. */
#define VARVE_PACK_LAYERS_MAX 499

typedef struct {
  guint32 max_layers;     /* 1 … VARVE_PACK_LAYERS_MAX, else the nearest; the layers that the plan has already count */
  guint32 overhead_bytes; /* what a changed layer costs a client beside its content */
} VarvePackOptions;

/* 64 KiB: some milliseconds of waiting for an answer on a fast line, and what each layer repeats. */
#define VARVE_PACK_OPTIONS_INIT { .max_layers = 64, .overhead_bytes = 64 * 1024 }

/* Puts every atom that is in no layer of the plan yet into exactly one new layer, so that the expected download is
 * small, and adds those layers after the ones there are, the least likely to change first. One layer is added even
 * when there are already max_layers of them and atoms are left. Only name, kind, digest, size_bytes, probability,
 * n_steps and changed of the atoms count, not their order.
 *
 * What the user named (VARVE_COMPONENT_EXCLUSIVE) is alone in a layer while one is left for the others. Then
 * initramfs, kernel, package databases and large generated caches, in this order: all of them while they take no more
 * than a quarter of the layers, else as many as make the whole cheapest. Those of them that changed at nearly every
 * step of eight and more go where it costs least, which may be one layer for all. */
void varve_pack (VarvePlan *plan, const VarvePackOptions *options);

/* The bytes that a client is expected to download from one build to the next: sizes as in the plan, without
 * overhead. */
guint64 varve_pack_expected_bytes (const VarvePlan *plan);
/* What varve_pack makes small: the same with overhead, and with what each layer adds to manifest and config. */
guint64 varve_pack_cost_bytes (const VarvePlan *plan, const VarvePackOptions *options);
