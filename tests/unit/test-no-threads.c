/* SPDX-License-Identifier: Apache-2.0 */
/* Where the system allows no further thread, the calling one does the work. pthread_create() here takes the place of
 * the C library's. */
#include <errno.h>
#include <pthread.h>

#include "base/parallel.h"

int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*function) (void *), void *data)
{
  return EAGAIN;
}

static gboolean
count (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  ++*(guint *)data;
  return TRUE;
}

static void
test_parallel (void)
{
  guint counted = 0;
  g_autoptr (GError) error = NULL;
  g_assert_true (varve_parallel_for (8, 100, count, &counted, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (counted, ==, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/no-threads/parallel", test_parallel);
  return g_test_run ();
}
