/* SPDX-License-Identifier: Apache-2.0 */
/* packages/bytecode-times: a module gets the time that its bytecode records; bytecode that stays stale is reported. */
#include "packages/bytecode-times.h"

#include "tests/unit/fake-source.h"
#include "tests/unit/pyc-text.h"

static void
add_pyc (FakeSource *fake, const char *path, guint32 flags, guint32 time, guint32 source_bytes)
{
  g_autoptr (GBytes) bytes = pyc_bytes (MAGIC_3_11, flags, time, source_bytes);
  fake_source_add_bytes (fake, path, bytes);
}

static const VarveFile *
file_at (const VarveInventory *inventory, const char *path)
{
  return &inventory->files[varve_inventory_find_file (inventory, path)];
}

/* The warnings, a line each. */
static char *
set_times (FakeSource *fake, VarveInventory *inventory)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveObserver) observer = varve_observer_new ();
  VarveBytecodeTimes times
      = { .inventory = inventory, .source = fake_source_source (fake), .jobs = 2, .observer = observer };
  g_assert_true (varve_bytecode_times_set (&times, NULL, &error));
  g_assert_no_error (error);
  GString *warnings = g_string_new (NULL);
  for (char *warning; (warning = varve_observer_take_warning (observer)) != NULL; g_free (warning))
    g_string_append_printf (warnings, "%s\n", warning);
  return g_string_free (warnings, FALSE);
}

static void
test_bound (void)
{
  static const struct {
    const char *path;
    gboolean is_bound;
    gint64 time;
  } EXPECTED[] = {
    { "m/a.py", TRUE, 500 },                                        /* the newer of two */
    { "m/a-hash.py", FALSE, 7 },                                    /* no time in it */
    { "m/beside.py", FALSE, 7 },                                    /* Python 3 does not compare it */
    { "m/two.py", TRUE, 62 },                                       /* Python 2 does */
    { "m/target.py", TRUE, 300 },                                   /* a symlink leads to it */
    { "m/zero.py", TRUE, 0 },     { "m/far.py", TRUE, 0xffffffff }, /* 32 bits without a sign */
    { "m/size.py", FALSE, 7 },                                      /* stale, whatever its time */
    { "m/none.py", FALSE, 7 },
  };
  g_autoptr (FakeSource) fake = fake_source_new ();
  for (guint i = 0; i < G_N_ELEMENTS (EXPECTED); i++)
    fake_source_add_text (fake, EXPECTED[i].path, EXPECTED[i].path); /* 6 to 11 bytes */
  fake_source_add_symlink (fake, "m/link.py", "/m/target.py");
  add_pyc (fake, "m/__pycache__/a.cpython-311.pyc", 0, 500, 6);
  add_pyc (fake, "m/__pycache__/a.cpython-311.opt-1.pyc", 0, 400, 6);
  add_pyc (fake, "m/__pycache__/a-hash.cpython-311.pyc", 3, 500, 11);
  add_pyc (fake, "m/beside.pyc", 0, 500, 11);
  g_autoptr (GBytes) old = pyc_bytes (62211, 62, 0, 0);
  fake_source_add_bytes (fake, "m/two.pyc", old);
  add_pyc (fake, "m/__pycache__/link.cpython-311.pyc", 0, 300, 11);
  add_pyc (fake, "m/__pycache__/zero.cpython-311.pyc", 0, 0, 9);
  add_pyc (fake, "m/__pycache__/far.cpython-311.pyc", 0, 0xffffffff, 8);
  add_pyc (fake, "m/__pycache__/size.cpython-311.pyc", 0, 500, 10);
  add_pyc (fake, "m/__pycache__/orphan.cpython-311.pyc", 0, 500, 10);
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  for (guint32 i = 0; i < inventory->n_files; i++)
    inventory->files[i].time = 7;
  g_autofree char *warnings = set_times (fake, inventory);
  for (guint i = 0; i < G_N_ELEMENTS (EXPECTED); i++)
    {
      const VarveFile *file = file_at (inventory, EXPECTED[i].path);
      g_test_message ("%s", EXPECTED[i].path);
      g_assert_cmpint (file->is_time_bound, ==, EXPECTED[i].is_bound);
      g_assert_cmpint (file->time, ==, EXPECTED[i].time);
    }
  g_assert_cmpstr (warnings, ==,
                   "1 file of Python bytecode is stale, because its source has another size than when it was compiled: "
                   "'/m/__pycache__/size.cpython-311.pyc': compile the modules again\n"
                   "1 file of Python bytecode is stale, because newer bytecode of the same source records another time "
                   "of it: '/m/__pycache__/a.cpython-311.opt-1.pyc': compile the modules again\n");
}

/* Equal files of a commit are linked where their times are equal; hard links of a tree share one. */
static void
test_links (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *path = g_strdup_printf ("usr/m/%u.py", i);
      g_autofree char *pyc = g_strdup_printf ("usr/m/__pycache__/%u.cpython-311.pyc", i);
      fake_source_add_text (fake, path, "text");
      add_pyc (fake, pyc, 0, i < 2 ? 100 : 200 + i, 4);
    }
  g_autoptr (VarveInventory) commit = fake_source_inventory (fake), tree = fake_source_inventory (fake);
  g_autofree char *none = set_times (fake, commit);
  varve_inventory_link_as_deployed (commit);
  g_assert_cmpstr (none, ==, "");
  guint32 first = varve_inventory_find_file (commit, "usr/m/0.py");
  g_assert_cmpuint (file_at (commit, "usr/m/1.py")->link_to, ==, first);
  g_assert_cmpuint (file_at (commit, "usr/m/2.py")->link_to, ==, VARVE_NO_INDEX);
  g_assert_cmpuint (file_at (commit, "usr/m/3.py")->link_to, ==, VARVE_NO_INDEX);
  g_assert_cmpint (file_at (commit, "usr/m/3.py")->time, ==, 203);

  for (guint32 i = 0; i < tree->n_files; i++)
    if (g_str_has_suffix (tree->files[i].path, ".py") && i != varve_inventory_find_file (tree, "usr/m/0.py"))
      tree->files[i].link_to = varve_inventory_find_file (tree, "usr/m/0.py");
  g_autofree char *three = set_times (fake, tree);
  for (guint32 i = 0; i < tree->n_files; i++)
    if (g_str_has_suffix (tree->files[i].path, ".py"))
      g_assert_true (tree->files[i].is_time_bound && tree->files[i].time == 203);
  g_assert_true (g_str_has_prefix (three, "3 files of Python bytecode are stale, because newer"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bytecode-times/bound", test_bound);
  g_test_add_func ("/bytecode-times/links", test_links);
  return g_test_run ();
}
