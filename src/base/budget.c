/* SPDX-License-Identifier: Apache-2.0 */
#include "base/budget.h"

struct _VarveBudget {
  GMutex mutex;
  GCond freed;
  guint64 total, taken;
};

VarveBudget *
varve_budget_new (guint64 total)
{
  VarveBudget *budget = g_new0 (VarveBudget, 1);
  g_mutex_init (&budget->mutex);
  g_cond_init (&budget->freed);
  budget->total = total;
  return budget;
}

void
varve_budget_free (VarveBudget *budget)
{
  g_mutex_clear (&budget->mutex);
  g_cond_clear (&budget->freed);
  g_free (budget);
}

guint64
varve_budget_total (const VarveBudget *budget)
{
  return budget->total;
}

static gboolean
fits (const VarveBudget *budget, guint64 amount)
{
  return budget->taken == 0 || (budget->taken <= budget->total && amount <= budget->total - budget->taken);
}

void
varve_budget_take (VarveBudget *budget, guint64 amount)
{
  g_mutex_lock (&budget->mutex);
  while (!fits (budget, amount))
    g_cond_wait (&budget->freed, &budget->mutex);
  budget->taken += amount;
  g_mutex_unlock (&budget->mutex);
}

void
varve_budget_give (VarveBudget *budget, guint64 amount)
{
  g_mutex_lock (&budget->mutex);
  g_warn_if_fail (amount <= budget->taken);
  budget->taken -= MIN (amount, budget->taken);
  g_cond_broadcast (&budget->freed);
  g_mutex_unlock (&budget->mutex);
}
