/* SPDX-License-Identifier: Apache-2.0 */
/* model/package and what the readers of databases record: the fields, and which package contains a file. */
#include "packages/rpm-source.h"
#include "tests/unit/ownership.h"

static Ownership *
read_records (FakeSource *fake)
{
  VarveOwnersOptions options = VARVE_OWNERS_OPTIONS_INIT;
  options.records_packages = TRUE;
  Ownership *ownership = ownership_read_with (fake, &options);
  g_assert_no_error (ownership->error);
  return ownership;
}

static const VarvePackage *
find_package (const Ownership *ownership, const char *name)
{
  const VarvePackageList *list = ownership->components->packages;
  for (guint i = 0; i < list->packages->len; i++)
    if (strcmp (varve_package_list_get (list, i)->name, name) == 0)
      return varve_package_list_get (list, i);
  return NULL;
}

static const char *
container_of (const Ownership *ownership, const char *path)
{
  guint32 file = varve_inventory_find_file (ownership->inventory, path);
  g_assert_cmpuint (file, !=, VARVE_NO_INDEX);
  guint32 package = ownership->components->packages->of_file[file];
  return package != VARVE_NO_INDEX ? varve_package_list_get (ownership->components->packages, package)->name : NULL;
}

static void
test_dpkg (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (
      fake, "var/lib/dpkg/status",
      "Package: liblake1\nStatus: install ok installed\nArchitecture: amd64\nSource: lake (1:2.0-1)\n"
      "Version: 1:2.0-1+b2\nMaintainer: Lake  Team <lake@example.org>\nHomepage: https://lake.example\n"
      "Description: water\n more\n\n"
      "Package: lake-bin\nArchitecture: amd64\nSource: lake (1:2.0-1)\nVersion: 1:2.0-1+b2\n\n"
      "Package: pond\nArchitecture: all\nVersion: 3\n\n"
      "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n");
  fake_source_add_text (fake, "var/lib/dpkg/info/liblake1:amd64.list", "/usr/lib/liblake.so\n/usr/share/both\n");
  fake_source_add_text (fake, "var/lib/dpkg/info/lake-bin.list", "/usr/bin/lake\n/usr/share/both\n");
  fake_source_add_text (fake, "var/lib/dpkg/info/pond.list", "/usr/bin/pond\n");
  fake_source_add_text (fake, "usr/lib/liblake.so", "l");
  fake_source_add_text (fake, "usr/bin/lake", "k");
  fake_source_add_text (fake, "usr/share/both", "b");
  fake_source_add_text (fake, "usr/bin/pond", "p");
  fake_source_add_text (fake, "usr/bin/stray", "s");
  fake_source_add_text (fake, "usr/share/doc/liblake1/copyright",
                        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
                        "Files: *\nLicense: GPL-2+\n\nFiles: x\nLicense: Expat\n");
  fake_source_add_symlink (fake, "usr/share/doc/lake-bin", "liblake1");
  g_autoptr (Ownership) ownership = read_records (fake);
  g_assert_cmpuint (ownership->components->packages->packages->len, ==, 3);
  const VarvePackage *lake = find_package (ownership, "liblake1"), *pond = find_package (ownership, "pond");
  g_assert_cmpstr (lake->version, ==, "1:2.0-1+b2");
  g_assert_cmpstr (lake->source_name, ==, "lake");
  g_assert_cmpstr (lake->source_version, ==, "1:2.0-1");
  g_assert_cmpstr (lake->maintainer, ==, "Lake Team <lake@example.org>");
  g_assert_cmpstr (lake->homepage, ==, "https://lake.example");
  g_assert_cmpstr (lake->summary, ==, "water");
  g_assert_cmpuint (lake->licences->len, ==, 2);
  g_assert_cmpstr (lake->licences->pdata[0], ==, "GPL-2.0-or-later");
  g_assert_cmpuint (find_package (ownership, "lake-bin")->licences->len, ==, 2);
  g_assert_cmpstr (pond->source_name, ==, "pond");
  g_assert_cmpstr (pond->source_version, ==, "3");
  g_assert_cmpstr (container_of (ownership, "usr/lib/liblake.so"), ==, "liblake1");
  g_assert_cmpstr (container_of (ownership, "usr/bin/lake"), ==, "lake-bin");
  g_assert_cmpstr (container_of (ownership, "usr/share/both"), ==, "lake-bin"); /* the smaller name */
  g_assert_cmpstr (container_of (ownership, "usr/bin/stray"), ==, NULL);
}

/* A name of control characters only is none, but all packages have a name. */
static void
test_unnamed (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (fake, "var/lib/dpkg/status", "Package: a\nVersion: 1\n\nPackage: \001\nVersion: 2\n");
  g_autoptr (Ownership) ownership = read_records (fake);
  const VarvePackage *unnamed = find_package (ownership, "unnamed");
  g_assert_nonnull (unnamed);
  g_assert_cmpstr (unnamed->version, ==, "2");
}

static void
test_apk (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (fake, "lib/apk/db/installed",
                        "C:Q1abc\nP:musl-utils\nV:1.2.5-r0\nA:x86_64\nT:the musl tools\nU:https://musl.libc.org/\n"
                        "L:MIT AND BSD-2-Clause\no:musl\nm:T <t@a.org>\nF:usr/bin\nR:ldd\n\n");
  fake_source_add_text (fake, "usr/bin/ldd", "l");
  g_autoptr (Ownership) ownership = read_records (fake);
  const VarvePackage *musl = find_package (ownership, "musl-utils");
  g_assert_cmpint (musl->type, ==, VARVE_PACKAGE_APK);
  g_assert_cmpstr (musl->version, ==, "1.2.5-r0");
  g_assert_cmpstr (musl->architecture, ==, "x86_64");
  g_assert_cmpstr (musl->source_name, ==, "musl");
  g_assert_cmpstr (musl->licences->pdata[0], ==, "MIT AND BSD-2-Clause");
  g_assert_cmpstr (musl->maintainer, ==, "T <t@a.org>");
  g_assert_cmpstr (musl->homepage, ==, "https://musl.libc.org/");
  g_assert_cmpstr (container_of (ownership, "usr/bin/ldd"), ==, "musl-utils");
}

static void
test_pacman (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (
      fake, "var/lib/pacman/local/lake-1:2-3/desc",
      "%NAME%\nlake\n\n%VERSION%\n1:2-3\n\n%BASE%\nlakes\n\n%DESC%\nwater\n\n%URL%\nhttps://l.example\n\n"
      "%ARCH%\nx86_64\n\n%BUILDDATE%\n1700000000\n\n%PACKAGER%\nP <p@a.org>\n\n"
      "%LICENSE%\nMIT\ncustom:lake\nMIT\n\n");
  fake_source_add_text (fake, "var/lib/pacman/local/lake-1:2-3/files", "%FILES%\nusr/\nusr/bin/\nusr/bin/lake\n");
  fake_source_add_text (fake, "usr/bin/lake", "l");
  g_autoptr (Ownership) ownership = read_records (fake);
  const VarvePackage *lake = find_package (ownership, "lake");
  g_assert_cmpint (lake->type, ==, VARVE_PACKAGE_ALPM);
  g_assert_cmpstr (lake->version, ==, "1:2-3");
  g_assert_cmpstr (lake->source_name, ==, "lakes");
  g_assert_cmpstr (lake->maintainer, ==, "P <p@a.org>");
  g_assert_cmpuint (lake->licences->len, ==, 2);
  g_assert_cmpstr (lake->licences->pdata[1], ==, "custom:lake");
  g_assert_cmpstr (container_of (ownership, "usr/bin/lake"), ==, "lake");
}

/* Packages are only recorded where somebody asks for them. */
static void
test_unasked (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (fake, "lib/apk/db/installed", "P:musl\nV:1\nF:usr/bin\nR:ldd\n\n");
  fake_source_add_text (fake, "usr/bin/ldd", "l");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  g_assert_no_error (ownership->error);
  g_assert_null (ownership->components->packages);
}

static void
test_fields (void)
{
  g_autofree char *field = NULL;
  varve_package_set (&field, " a\n\tb \x01 c ");
  g_assert_cmpstr (field, ==, "a b c");
  varve_package_set (&field, "bad \xff byte");
  g_assert_true (g_utf8_validate (field, -1, NULL));
  varve_package_set (&field, " \n ");
  g_assert_null (field);
  g_autofree char *long_text = g_strnfill (VARVE_PACKAGE_FIELD_MAX_BYTES - 1, 'x');
  g_autofree char *cut = g_strconcat (long_text, "\xc3\xa4 and more", NULL); /* in the middle of a character */
  varve_package_set (&field, cut);
  g_assert_cmpstr (field, ==, long_text);
}

static VarvePackage *
make_package (const char *name, const char *version)
{
  VarvePackage *package = varve_package_new (VARVE_PACKAGE_DEB);
  varve_package_set (&package->name, name);
  varve_package_set (&package->version, version);
  return package;
}

/* A package that two databases name is in the list once, and has the files of both. */
static void
test_list (void)
{
  GPtrArray *packages = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_package_free);
  const guint32 of_file[] = { 0, 1, VARVE_NO_INDEX, 2 };
  g_ptr_array_add (packages, make_package ("pond", "1"));
  g_ptr_array_add (packages, make_package ("lake", "1"));
  g_ptr_array_add (packages, make_package ("pond", "1"));
  g_autoptr (VarvePackageList) list = varve_package_list_new (packages, g_memdup2 (of_file, sizeof of_file), 4);
  g_assert_cmpuint (list->packages->len, ==, 2);
  g_assert_cmpstr (varve_package_list_get (list, 0)->name, ==, "lake");
  g_assert_cmpuint (list->of_file[0], ==, 1);
  g_assert_cmpuint (list->of_file[1], ==, 0);
  g_assert_cmpuint (list->of_file[2], ==, VARVE_NO_INDEX);
  g_assert_cmpuint (list->of_file[3], ==, 1);
}

static void
test_rpm_source (void)
{
  static const struct {
    const char *file, *version;
  } CASES[] = {
    { "bash-5.2.26-3.fc40.src.rpm", "5.2.26-3.fc40" },
    { "a-b-1-2.nosrc.rpm", "1-2" },
    { "a-1-2.rpm", NULL },
    { "x.src.rpm", NULL },
    { "", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *version = varve_rpm_source_version (CASES[i].file);
      g_assert_cmpstr (version, ==, CASES[i].version);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/package-records/dpkg", test_dpkg);
  g_test_add_func ("/package-records/unnamed", test_unnamed);
  g_test_add_func ("/package-records/apk", test_apk);
  g_test_add_func ("/package-records/pacman", test_pacman);
  g_test_add_func ("/package-records/unasked", test_unasked);
  g_test_add_func ("/package-records/fields", test_fields);
  g_test_add_func ("/package-records/list", test_list);
  g_test_add_func ("/package-records/rpm-source", test_rpm_source);
  return g_test_run ();
}
