#pragma once

#include "bench/release.h"

/* A way of laying out releases, one after the other. It sees a release when it comes and remembers what it likes; it
 * does not see what comes later. Several run at once, each in its own thread. */
typedef struct {
  const char *name;
  /* @max_layers does not count the commit layer. */
  gpointer (*create) (guint32 max_layers);
  /* Writes the number of each package's layer, in the order of release->packages; numbers need not be contiguous, and
   * mean nothing beyond this release. They must be below @max_layers. */
  void (*step) (gpointer state, const VarveRelease *release, guint32 *out_layers);
  void (*destroy) (gpointer state);
} VarvePolicy;

extern const VarvePolicy varve_policy_bound; /* every package in its own layer, however many that takes */
extern const VarvePolicy varve_policy_varve;
extern const VarvePolicy varve_policy_ostree_ext;          /* afresh at each release */
extern const VarvePolicy varve_policy_ostree_ext_previous; /* the first layout kept, by --previous-build-manifest */
extern const VarvePolicy varve_policy_chunkah;
