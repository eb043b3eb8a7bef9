/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/stale-since: what a ledger already had as stale keeps its time, whatever was read since. */
#include "chunker/stale-since.h"

static VarveStaleObject *
stale_new (const char *paths, guint32 mark, gint64 since)
{
  g_auto (GStrv) split = g_strsplit (paths, " ", -1);
  GPtrArray *list = g_ptr_array_new ();
  for (char **path = split; *path != NULL; path++)
    g_ptr_array_add (list, g_strdup (*path));
  VarveStaleObject *stale = varve_stale_object_new (list, 10, mark);
  stale->since = since;
  return stale;
}

static GPtrArray *
stale_array (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)varve_stale_object_free);
}

static gint64
since_of (const GPtrArray *stale, guint index)
{
  return ((VarveStaleObject *)stale->pdata[index])->since;
}

static void
test_known_objects_keep_their_time (void)
{
  VarveLedgerLayer former = { .stale = stale_array () };
  g_ptr_array_add (former.stale, stale_new ("usr/a usr/b", 1, 100));
  g_ptr_array_add (former.stale, stale_new ("usr/c", 2, 200));
  g_ptr_array_add (former.stale, stale_new ("", 3, -5));
  g_autoptr (GPtrArray) stale = stale_array ();
  g_ptr_array_add (stale, stale_new ("usr/c", 2, VARVE_STALE_SINCE_UNKNOWN));
  g_ptr_array_add (stale, stale_new ("usr/c", 4, VARVE_STALE_SINCE_UNKNOWN));
  g_ptr_array_add (stale, stale_new ("usr/b", 1, VARVE_STALE_SINCE_UNKNOWN));
  g_ptr_array_add (stale, stale_new ("usr/a usr/b", 1, 7));
  g_ptr_array_add (stale, stale_new ("", 3, VARVE_STALE_SINCE_UNKNOWN));
  varve_stale_since (stale, &former, 300);
  const gint64 expected[] = { 200, 300, 300, 100, -5 };
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpint (since_of (stale, i), ==, expected[i]);
  g_assert_cmpint (varve_stale_objects_since (stale), ==, -5);
  g_ptr_array_unref (former.stale);
}

static void
test_without_a_former_record (void)
{
  const VarveLedgerLayer unknown = { 0 };
  const VarveLedgerLayer *const FORMER[] = { NULL, &unknown };
  for (guint i = 0; i < G_N_ELEMENTS (FORMER); i++)
    {
      g_autoptr (GPtrArray) stale = stale_array ();
      varve_stale_since (stale, FORMER[i], 300);
      g_assert_cmpint (varve_stale_objects_since (stale), ==, VARVE_STALE_SINCE_UNKNOWN);
      g_ptr_array_add (stale, stale_new ("usr/a", 1, VARVE_STALE_SINCE_UNKNOWN));
      varve_stale_since (stale, FORMER[i], 300);
      g_assert_cmpint (since_of (stale, 0), ==, 300);
    }
  g_assert_cmpint (varve_stale_objects_since (NULL), ==, VARVE_STALE_SINCE_UNKNOWN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stale-since/known", test_known_objects_keep_their_time);
  g_test_add_func ("/stale-since/unknown", test_without_a_former_record);
  return g_test_run ();
}
