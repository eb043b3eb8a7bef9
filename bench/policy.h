/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bench/release.h"

/* How a policy packed a release. All arrays are zero before each step, and as long as there are packages, or layers if
 * these may be more. */
typedef struct {
  guint32 *layers; /* number of each package's layer, in the order of release->packages */
  /* By the number of a layer: */
  guint64 *blobs;       /* what a host that has it need not download again, over all releases; 0: the layer's builds */
  guint64 *stale_bytes; /* of what is in its blob besides these packages */
} VarvePolicyLayout;

typedef struct {
  guint32 max_layers;     /* the commit layer not counted */
  guint32 stale_permille; /* the bound of VarveKeepOptions */
} VarvePolicyOptions;

/* A packer: it assigns the packages of each release to layers, in order. It may remember earlier releases and does not
 * see later ones. Several policies run at the same time, each in its own thread. */
typedef struct {
  const char *name;
  gpointer (*create) (const VarvePolicyOptions *options);
  /* Numbers of layers are below max_layers, need not be contiguous, and are unrelated to those of other releases. */
  void (*step) (gpointer state, const VarveRelease *release, const VarvePolicyLayout *out_layout);
  void (*destroy) (gpointer state);
} VarvePolicy;

extern const VarvePolicy varve_policy_bound; /* every package in its own layer, without a limit of layers */
extern const VarvePolicy varve_policy_varve;
extern const VarvePolicy varve_policy_ostree_ext; /* packs each release anew */
extern const VarvePolicy
    varve_policy_ostree_ext_previous; /* keeps the first layout, as with --previous-build-manifest */
extern const VarvePolicy varve_policy_chunkah;
