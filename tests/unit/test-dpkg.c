/* SPDX-License-Identifier: Apache-2.0 */
/* packages/dpkg: status and lists, where they may lie, diversions, distroless images, and bad input. */
#include "packages/dpkg-status.h"
#include "tests/unit/ownership.h"

static const char STATUS[] = "Package: lake\n"
                             "Status: install ok installed\n"
                             "Architecture: amd64\n"
                             "Source: lake-src (1.0)\n"
                             "Description: water\n"
                             " with: a colon\n"
                             " .\n"
                             "\n"
                             "Package: pond\n"
                             "status: hold ok unpacked\n"
                             "Architecture: all\n"
                             "\n\n"
                             "Package: gone\n"
                             "Status: deinstall ok config-files\n";

/* A tree with two packages, whose database is at @folder. */
static FakeSource *
tree_new (const char *folder)
{
  FakeSource *fake = fake_source_new ();
  g_autofree char *status = g_strconcat (folder, "/status", NULL);
  g_autofree char *lake = g_strconcat (folder, "/info/lake:amd64.list", NULL);
  g_autofree char *pond = g_strconcat (folder, "/info/pond.list", NULL);
  g_autofree char *gone = g_strconcat (folder, "/info/gone.list", NULL);
  fake_source_add_text (fake, status, STATUS);
  fake_source_add_text (fake, lake, "/.\n/lib\n/lib/lake.so\n/etc/lake.conf\n/bin/both\n/usr/share\n");
  fake_source_add_text (fake, pond, "/usr/bin/pond\n/usr/bin/both\n/usr/share/missing\n");
  fake_source_add_text (fake, gone, "/etc/gone.conf\n");
  fake_source_add_symlink (fake, "lib", "usr/lib");
  fake_source_add_symlink (fake, "bin", "/usr/bin");
  fake_source_add_text (fake, "usr/lib/lake.so", "lake");
  fake_source_add_text (fake, "usr/bin/pond", "pond");
  fake_source_add_text (fake, "usr/bin/both", "both");
  fake_source_add_text (fake, "usr/etc/lake.conf", "conf");
  fake_source_add_text (fake, "usr/etc/gone.conf", "gone");
  fake_source_add_text (fake, "usr/share/stray/x", "stray");
  return fake;
}

static void
test_places (void)
{
  static const char *const PLACES[] = { "var/lib/dpkg", "usr/lib/sysimage/dpkg", "usr/share/dpkg", "usr/lib/dpkg-db" };
  for (guint i = 0; i < G_N_ELEMENTS (PLACES); i++)
    {
      g_autoptr (FakeSource) fake = tree_new (PLACES[i]);
      g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
      assert_owner (ownership, "usr/lib/lake.so", "lake-src");
      assert_kind (ownership, "usr/lib/lake.so", VARVE_COMPONENT_PACKAGE);
      assert_owner (ownership, "usr/etc/lake.conf", "lake-src");
      assert_owner (ownership, "usr/bin/pond", "pond");
      assert_owner (ownership, "usr/bin/both", "lake-src"); /* the smaller name */
      assert_owner (ownership, "usr/etc/gone.conf", "unowned:/usr/etc");
      assert_owner (ownership, "usr/share/stray/x", "unowned:/usr/share/stray");
      g_autofree char *status = g_strconcat (PLACES[i], "/status", NULL);
      assert_owner (ownership, status, "package-database");
      assert_kind (ownership, status, VARVE_COMPONENT_PACKAGE_DATABASE);
      assert_no_warning (ownership);
    }
}

/* Reached by a symlink, it is read once; the link belongs to it. */
static void
test_linked (void)
{
  g_autoptr (FakeSource) fake = tree_new ("usr/lib/sysimage/dpkg");
  fake_source_add_symlink (fake, "var/lib/dpkg", "../../usr/lib/sysimage/dpkg");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_DPKG);
  assert_owner (ownership, "usr/bin/pond", "pond");
  assert_owner (ownership, "var/lib/dpkg", "package-database");
  assert_no_warning (ownership);
}

static void
test_past (void)
{
  g_autoptr (FakeSource) fake = tree_new ("var/lib/dpkg");
  fake_source_add_text (fake, "usr/share/doc/pond/changelog.Debian",
                        "pond (1) x\n\n -- A <a@b.c>  Tue, 01 Oct 2024 12:00:00 +0200\n"
                        "\n -- A <a@b.c>  Mon, 02 Oct 2023 12:00:00 +0000\n");
  fake_source_add_text (fake, "usr/share/doc/lake/changelog.Debian.gz", "\x1f\x8bnonsense");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  const VarveComponent *pond = ownership_of (ownership, "usr/bin/pond");
  g_assert_cmpuint (pond->change_times->len, ==, 2);
  g_assert_cmpint (g_array_index (pond->change_times, gint64, 0), ==, 1696248000);
  g_assert_cmpint (g_array_index (pond->change_times, gint64, 1), ==, 1727776800);
  g_assert_cmpint (pond->build_time, ==, 1727776800);
  g_assert_cmpuint (ownership_of (ownership, "usr/lib/lake.so")->change_times->len, ==, 0);
  assert_warning (ownership, "usr/share/doc/lake/changelog.Debian.gz");
  assert_no_warning (ownership);
}

/* A rebuild of unchanged sources has a changelog of its own. */
static void
test_rebuild (void)
{
  g_autoptr (FakeSource) fake = tree_new ("var/lib/dpkg");
  fake_source_add_text (fake, "usr/share/doc/lake/changelog.Debian",
                        "\n -- A <a@b.c>  Mon, 02 Oct 2023 12:00:00 +0000\n");
  fake_source_add_text (fake, "usr/share/doc/lake/changelog.Debian.amd64.gz",
                        "\n -- A <a@b.c>  Tue, 01 Oct 2024 12:00:00 +0200\n");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  const VarveComponent *lake = ownership_of (ownership, "usr/lib/lake.so");
  g_assert_cmpint (lake->build_time, ==, 1727776800);
  g_assert_cmpuint (lake->change_times->len, ==, 1);
  g_assert_cmpint (g_array_index (lake->change_times, gint64, 0), ==, 1696248000);
}

/* dash has diverted lake's file, the administrator pond's. */
static void
test_diversions (void)
{
  g_autoptr (FakeSource) fake = tree_new ("var/lib/dpkg");
  fake_source_add_text (fake, "var/lib/dpkg/diversions",
                        "/lib/lake.so\n/usr/lib/lake.so.orig\ndash\n/usr/bin/pond\n/bin/pond.real\n:\n");
  fake_source_add_text (fake, "var/lib/dpkg/status",
                        "Package: lake\nArchitecture: amd64\n\nPackage: dash\n\nPackage: pond\n");
  fake_source_add_text (fake, "var/lib/dpkg/info/dash.list", "/usr/lib/lake.so\n");
  fake_source_add_text (fake, "usr/lib/lake.so.orig", "the original");
  fake_source_add_text (fake, "usr/bin/pond.real", "the real one");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (ownership, "usr/lib/lake.so", "dash");
  assert_owner (ownership, "usr/lib/lake.so.orig", "lake");
  assert_owner (ownership, "usr/bin/pond.real", "pond");
  assert_owner (ownership, "usr/bin/pond", "unowned:/usr/bin");
}

static void
test_status_d (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (fake, "var/lib/dpkg/status.d/lake", "Package: lake\nSource: water\nVersion: 1\n");
  fake_source_add_text (fake, "var/lib/dpkg/status.d/lake.md5sums",
                        "d41d8cd98f00b204e9800998ecf8427e  usr/bin/lake\nnonsense\n");
  fake_source_add_text (fake, "var/lib/dpkg/status.d/pond", "Package: pond\n");
  fake_source_add_text (fake, "usr/bin/lake", "lake");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (ownership, "usr/bin/lake", "water");
  assert_owner (ownership, "var/lib/dpkg/status.d/lake", "package-database");
  assert_warning (ownership, "lake.md5sums': 1 lines are not paths");
  assert_warning (ownership, "status.d/pond': its list of files is missing: expected a '.md5sums' file beside it");
}

static void
test_missing_list (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (fake, "var/lib/dpkg/status", "Package: lake\n\nPackage: ../../../etc/shadow\n\nPackage: a,b\n");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (ownership, "var/lib/dpkg/status", "package-database");
  assert_warning (ownership, "list of files of the package 'lake' is missing");
  assert_warning (ownership, "list of files of the package '../../../etc/shadow' is missing");
  assert_warning (ownership, "a package is skipped");
}

static void
test_hostile_list (void)
{
  g_autoptr (FakeSource) fake = tree_new ("var/lib/dpkg");
  g_autofree char *endless = g_strnfill (100000, 'x');
  g_autoptr (GString) list
      = g_string_new ("/../../usr/bin/pond\n/usr/bin/../lib/../bin/pond\n/\n//\n\nrelative\n/usr/..\n/");
  g_string_append_printf (list, "%s\n/usr/bin/", endless);
  g_string_append_len (list, "po\0nd\n", 6);
  g_autoptr (GBytes) bytes = g_bytes_new (list->str, list->len);
  fake_source_add_bytes (fake, "var/lib/dpkg/info/pond.list", bytes);
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (ownership, "usr/bin/pond", "pond");
  assert_warning (ownership, "info/pond.list': 4 lines are not paths");
}

typedef struct {
  const char *path, *text, *message;
} Damage;

static void
test_damaged (void)
{
  static const Damage CASES[] = {
    { "status", "Package: lake\nnonsense\n", "'var/lib/dpkg/status': line 2: 'nonsense'" },
    { "status", "Package: lake\n: x\n", "line 2" },
    { "diversions", "/a\n/b\n", "'var/lib/dpkg/diversions': line 3: the last record is cut off" },
    { "diversions", "/a\n\nx\n", "line 2" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (FakeSource) fake = tree_new ("var/lib/dpkg");
      g_autofree char *path = g_strconcat ("var/lib/dpkg/", CASES[i].path, NULL);
      fake_source_add_text (fake, path, CASES[i].text);
      g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
      assert_failure (ownership, VARVE_ERROR_CORRUPT, CASES[i].message);
    }
}

static void
test_size (void)
{
  g_autoptr (FakeSource) fake = tree_new ("var/lib/dpkg");
  fake_source_set_size (fake, "var/lib/dpkg/info/pond.list", G_MAXUINT64);
  g_autoptr (Ownership) large = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_failure (large, VARVE_ERROR_LIMIT, "'var/lib/dpkg/info/pond.list'");
  fake_source_set_size (fake, "var/lib/dpkg/info/pond.list", 3);
  g_autoptr (Ownership) longer = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_failure (longer, VARVE_ERROR_CORRUPT, "longer than the 3 bytes");
}

/* Each byte of a status file in turn is another one: an answer or an error, never a crash. */
static void
test_flipped (void)
{
  for (gsize i = 0; i < strlen (STATUS); i++)
    for (guint value = 0; value < 256; value += 51)
      {
        g_autofree char *text = g_strdup (STATUS);
        text[i] = (char)value;
        g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (STATUS));
        g_autoptr (GError) error = NULL;
        g_autoptr (GPtrArray) packages = varve_dpkg_parse_status (bytes, &error);
        g_assert_true ((packages == NULL) == (error != NULL));
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dpkg/rebuild", test_rebuild);
  g_test_add_func ("/dpkg/places", test_places);
  g_test_add_func ("/dpkg/linked", test_linked);
  g_test_add_func ("/dpkg/past", test_past);
  g_test_add_func ("/dpkg/diversions", test_diversions);
  g_test_add_func ("/dpkg/status-d", test_status_d);
  g_test_add_func ("/dpkg/missing-list", test_missing_list);
  g_test_add_func ("/dpkg/hostile-list", test_hostile_list);
  g_test_add_func ("/dpkg/damaged", test_damaged);
  g_test_add_func ("/dpkg/size", test_size);
  g_test_add_func ("/dpkg/flipped", test_flipped);
  return g_test_run ();
}
