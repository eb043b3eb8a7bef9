/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bench/release.h"

/* A packer: it assigns the packages of each release to layers, in order. It may remember earlier releases and does not
 * see later ones. Several policies run at the same time, each in its own thread. */
typedef struct {
  const char *name;
  /* @max_layers does not count the commit layer. */
  gpointer (*create) (guint32 max_layers);
  /* Writes the number of each package's layer, in the order of release->packages. Numbers are below @max_layers, need
   * not be contiguous, and are unrelated to those of other releases. */
  void (*step) (gpointer state, const VarveRelease *release, guint32 *out_layers);
  void (*destroy) (gpointer state);
} VarvePolicy;

extern const VarvePolicy varve_policy_bound; /* every package in its own layer, without a limit of layers */
extern const VarvePolicy varve_policy_varve;
extern const VarvePolicy varve_policy_ostree_ext; /* packs each release anew */
extern const VarvePolicy
    varve_policy_ostree_ext_previous; /* keeps the first layout, as with --previous-build-manifest */
extern const VarvePolicy varve_policy_chunkah;
