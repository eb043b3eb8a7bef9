/* SPDX-License-Identifier: Apache-2.0 */
/* base/parallel: each item once, and the error of the first item that fails. */
#include "base/parallel.h"

#include "base/error.h"

enum { N_ITEMS = 1000 };

typedef struct {
  gint counts[N_ITEMS];
  gsize fails_from;
  GCancellable *cancellable; /* cancelled by the item at fails_from */
} Work;

static gboolean
count (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *work = data;
  g_atomic_int_inc (&work->counts[index]);
  if (index < work->fails_from)
    return TRUE;
  if (work->cancellable != NULL)
    {
      g_cancellable_cancel (work->cancellable);
      return TRUE;
    }
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "item %" G_GSIZE_FORMAT, index);
  return FALSE;
}

static void
test_all (void)
{
  for (guint jobs = 0; jobs < 10; jobs += 3)
    {
      g_autoptr (GError) error = NULL;
      Work work = { .fails_from = N_ITEMS };
      g_assert_true (varve_parallel_for (jobs, N_ITEMS, count, &work, NULL, &error));
      g_assert_no_error (error);
      for (guint i = 0; i < N_ITEMS; i++)
        g_assert_cmpint (work.counts[i], ==, 1);
      g_assert_true (varve_parallel_for (jobs, 0, count, &work, NULL, &error));
    }
}

static void
test_failure (void)
{
  for (guint jobs = 1; jobs < 10; jobs += 3)
    {
      g_autoptr (GError) error = NULL;
      Work work = { .fails_from = 100 };
      g_assert_false (varve_parallel_for (jobs, N_ITEMS, count, &work, NULL, &error));
      g_assert_cmpstr (error->message, ==, "item 100");
      gint started = 0;
      for (guint i = 0; i < N_ITEMS; i++)
        started += work.counts[i];
      g_assert_cmpint (started, <=, 100 + (gint)jobs); /* each thread stops after its item */
    }
}

static void
test_cancel (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Work work = { .fails_from = 10, .cancellable = cancellable };
  g_assert_false (varve_parallel_for (1, N_ITEMS, count, &work, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (work.counts[10], ==, 1);
  g_assert_cmpint (work.counts[11], ==, 0);
}

enum { FIRST_WAITS_AT_MOST = 500 }; /* hundredths of a second, where there is no second thread */

/* The second item fails before the first one does. */
static gboolean
fail_in_reverse (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  gint *second_ends = data;
  for (guint i = 0; index == 0 && i < FIRST_WAITS_AT_MOST && g_atomic_int_get (second_ends) == 0; i++)
    g_usleep (G_USEC_PER_SEC / 100);
  if (index == 0)
    g_usleep (G_USEC_PER_SEC / 5); /* until the failure of the second is recorded */
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "item %" G_GSIZE_FORMAT, index);
  if (index == 1)
    g_atomic_int_set (second_ends, 1);
  return FALSE;
}

static void
test_first_failure (void)
{
  g_autoptr (GError) error = NULL;
  gint second_ends = 0;
  g_assert_false (varve_parallel_for (2, 2, fail_in_reverse, &second_ends, NULL, &error));
  g_assert_cmpstr (error->message, ==, "item 0");
}

static gboolean
fail_silently (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  return index != 3;
}

static void
test_silent_failure (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (varve_parallel_for (2, N_ITEMS, fail_silently, NULL, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_IO);
  g_assert_cmpstr (error->message, ==, "item 3 failed without a reason");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parallel/all", test_all);
  g_test_add_func ("/parallel/failure", test_failure);
  g_test_add_func ("/parallel/first-failure", test_first_failure);
  g_test_add_func ("/parallel/cancel", test_cancel);
  g_test_add_func ("/parallel/silent-failure", test_silent_failure);
  return g_test_run ();
}
