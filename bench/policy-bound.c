/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/policy.h"

static gpointer
bound_create (guint32 max_layers)
{
  return NULL;
}

static void
bound_step (gpointer state, const VarveRelease *release, guint32 *out_layers)
{
  for (guint32 i = 0; i < release->n_packages; i++)
    out_layers[i] = i;
}

static void
bound_destroy (gpointer state)
{
}

const VarvePolicy varve_policy_bound = { "bound", bound_create, bound_step, bound_destroy };
