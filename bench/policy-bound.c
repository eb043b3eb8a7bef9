/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/policy.h"

static gpointer
bound_create (const VarvePolicyOptions *options)
{
  return NULL;
}

static void
bound_step (gpointer state, const VarveRelease *release, const VarvePolicyLayout *out_layout)
{
  for (guint32 i = 0; i < release->n_packages; i++)
    out_layout->layers[i] = i;
}

static void
bound_destroy (gpointer state)
{
}

const VarvePolicy varve_policy_bound = { "bound", bound_create, bound_step, bound_destroy };
