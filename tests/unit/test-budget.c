/* SPDX-License-Identifier: Apache-2.0 */
/* base/budget: never more than the total is out, except to who is alone. */
#include "base/budget.h"

#include "base/parallel.h"

typedef struct {
  VarveBudget *budget;
  gint out, most;
} Work;

static gboolean
use (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *work = data;
  gint amount = 1 + (gint)(index % 7);
  varve_budget_take (work->budget, (guint64)amount);
  gint now = g_atomic_int_add (&work->out, amount) + amount;
  gint most = g_atomic_int_get (&work->most);
  while (now > most && !g_atomic_int_compare_and_exchange (&work->most, most, now))
    most = g_atomic_int_get (&work->most);
  g_thread_yield ();
  g_atomic_int_add (&work->out, -amount);
  varve_budget_give (work->budget, (guint64)amount);
  return TRUE;
}

static void
test_shared (void)
{
  g_autoptr (VarveBudget) budget = varve_budget_new (10);
  Work work = { .budget = budget };
  g_assert_cmpuint (varve_budget_total (budget), ==, 10);
  g_assert_true (varve_parallel_for (4, 2000, use, &work, NULL, NULL));
  g_assert_cmpint (work.out, ==, 0);
  g_assert_cmpint (work.most, <=, 10);
}

static void
test_alone (void)
{
  g_autoptr (VarveBudget) budget = varve_budget_new (10);
  varve_budget_take (budget, 11);
  varve_budget_give (budget, 11);
  varve_budget_take (budget, 0);
  varve_budget_take (budget, 10);
  varve_budget_give (budget, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/budget/shared", test_shared);
  g_test_add_func ("/budget/alone", test_alone);
  return g_test_run ();
}
