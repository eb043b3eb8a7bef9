/* SPDX-License-Identifier: Apache-2.0 */
/* packages/specials, kernel and unowned: what nobody owns, or is what it is whoever owns it. */
#include "packages/specials.h"
#include "packages/unowned.h"
#include "tests/unit/ownership.h"

static void
add_empty (FakeSource *fake, const char *path)
{
  fake_source_add_text (fake, path, path); /* each its own object */
}

/* Adds a dpkg package that owns these paths. */
static void
add_package (FakeSource *fake, const char *name, const char *list)
{
  g_autofree char *status = g_strdup_printf ("var/lib/dpkg/status.d/%s", name);
  g_autofree char *sums = g_strconcat (status, ".md5sums", NULL);
  g_autofree char *text = g_strdup_printf ("Package: %s\nArchitecture: all\n", name);
  fake_source_add_text (fake, status, text);
  fake_source_add_text (fake, sums, list);
}

#define SUM "d41d8cd98f00b204e9800998ecf8427e  "

static void
test_initramfs (void)
{
  static const char *const IMAGES[]
      = { "usr/lib/modules/6.1/initramfs.img", "usr/lib/modules/6.1/initrd", "boot/initrd.img-6.1",
          "boot/initramfs-6.1.img", "usr/lib/ostree-boot/initramfs-6.1.img-abc" };
  static const char *const OTHERS[]
      = { "usr/lib/modules/6.1/kernel/initramfs.img", "usr/share/initramfs.img", "usr/bin/lsinitramfs" };
  for (guint i = 0; i < G_N_ELEMENTS (IMAGES); i++)
    g_assert_true (varve_specials_is_initramfs (IMAGES[i]));
  for (guint i = 0; i < G_N_ELEMENTS (OTHERS); i++)
    g_assert_false (varve_specials_is_initramfs (OTHERS[i]));
  g_autoptr (FakeSource) fake = fake_source_new ();
  add_empty (fake, IMAGES[0]);
  add_package (fake, "linux", SUM "usr/lib/modules/6.1/initramfs.img\n");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (ownership, IMAGES[0], "initramfs"); /* whatever a package says */
  assert_kind (ownership, IMAGES[0], VARVE_COMPONENT_INITRAMFS);
}

static void
test_generated (void)
{
  static const char *const CACHES[]
      = { "usr/etc/ld.so.cache", "usr/lib/udev/hwdb.bin", "usr/lib/python3/x/__pycache__/y.cpython-311.pyc",
          "usr/share/mime/mime.cache", "usr/share/icons/hicolor/icon-theme.cache" };
  static const char *const OTHERS[]
      = { "usr/etc/passwd", "usr/share/icons/hicolor/index.theme", "usr/lib/python3/x.py" };
  for (guint i = 0; i < G_N_ELEMENTS (CACHES); i++)
    g_assert_true (varve_specials_is_generated (CACHES[i]));
  for (guint i = 0; i < G_N_ELEMENTS (OTHERS); i++)
    g_assert_false (varve_specials_is_generated (OTHERS[i]));
  g_autoptr (FakeSource) fake = fake_source_new ();
  add_empty (fake, CACHES[0]);
  add_empty (fake, "usr/lib/python3/owned.pyc");
  add_package (fake, "python", SUM "usr/lib/python3/owned.pyc\n");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (ownership, CACHES[0], "generated");
  assert_owner (ownership, "usr/lib/python3/owned.pyc", "python"); /* what a package ships is not generated */
}

static void
test_databases (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  add_package (fake, "lake", "");
  add_empty (fake, "var/lib/dpkg/info/lake.postinst");
  add_empty (fake, "var/lib/apt/extended_states");
  add_empty (fake, "usr/lib/sysimage/rpm-ostree-base-db/rpmdb.sqlite");
  add_empty (fake, "var/lib/dpkg-other");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (ownership, "var/lib/dpkg/info/lake.postinst", "package-database");
  assert_owner (ownership, "var/lib/apt/extended_states", "package-database");
  assert_owner (ownership, "usr/lib/sysimage/rpm-ostree-base-db/rpmdb.sqlite", "package-database");
  assert_owner (ownership, "var/lib/dpkg-other", "unowned:/var/lib");
  g_autoptr (Ownership) none = ownership_read (fake, VARVE_PACKAGES_NONE);
  assert_owner (none, "var/lib/dpkg/info/lake.postinst", "package-database"); /* read or not, it is one */
}

static void
test_kernel (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  add_empty (fake, "usr/lib/modules/6.1/vmlinuz");
  add_empty (fake, "usr/lib/modules/6.1/modules.dep");
  add_empty (fake, "usr/lib/modules/6.1/kernel/fs/ext4.ko");
  add_empty (fake, "usr/lib/modules/6.1/extra/zfs.ko");
  add_empty (fake, "usr/lib/modules/5.9/extra/zfs.ko"); /* left over from a kernel that is gone */
  add_empty (fake, "boot/vmlinuz-6.1-abc");
  add_package (fake, "linux", SUM "usr/lib/modules/6.1/kernel/fs/ext4.ko\n" SUM "usr/lib/modules/6.1/vmlinuz\n");
  add_package (fake, "zfs", SUM "usr/lib/modules/6.1/extra/zfs.ko\n" SUM "usr/lib/modules/5.9/extra/zfs.ko\n");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (ownership, "usr/lib/modules/6.1/vmlinuz", "linux");
  assert_kind (ownership, "usr/lib/modules/6.1/vmlinuz", VARVE_COMPONENT_KERNEL);
  assert_owner (ownership, "usr/lib/modules/6.1/modules.dep", "linux"); /* depmod's, with what it describes */
  assert_owner (ownership, "boot/vmlinuz-6.1-abc", "linux");
  assert_owner (ownership, "usr/lib/modules/6.1/extra/zfs.ko", "zfs");
  assert_kind (ownership, "usr/lib/modules/5.9/extra/zfs.ko", VARVE_COMPONENT_PACKAGE);
}

static void
test_kernel_of_nobody (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  add_empty (fake, "usr/lib/modules/6.1/vmlinuz");
  add_empty (fake, "boot/vmlinuz-6.1");
  add_empty (fake, "boot/loader.conf");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (ownership, "usr/lib/modules/6.1/vmlinuz", "kernel");
  assert_owner (ownership, "boot/vmlinuz-6.1", "kernel");
  assert_owner (ownership, "boot/loader.conf", "unowned:/boot");
}

static void
test_unowned (void)
{
  static const struct {
    const char *path, *owner;
  } CASES[] = {
    { "top", "unowned:/" },
    { "usr/bin/x", "unowned:/usr/bin" },
    { "usr/share/app/deep/er/x", "unowned:/usr/share/app" },
    { "usr/share/x", "unowned:/usr/share" },
    { "opt/vendor/app/bin/x", "unowned:/opt/vendor" },
    { "usr/lib/a,b/x", "unowned:/usr/lib/a%2Cb" },
    { "usr/sharex/app/deep/x", "unowned:/usr/sharex" },
  };
  g_autoptr (FakeSource) fake = fake_source_new ();
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    add_empty (fake, CASES[i].path);
  add_empty (fake, "usr/share/app/large");
  fake_source_set_size (fake, "usr/share/app/large", VARVE_UNOWNED_LARGE_BYTES);
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    assert_owner (ownership, CASES[i].path, CASES[i].owner);
  assert_owner (ownership, "usr/share/app/large", "unowned:/usr/share/app/large"); /* one that is large stands alone */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/specials/initramfs", test_initramfs);
  g_test_add_func ("/specials/generated", test_generated);
  g_test_add_func ("/specials/databases", test_databases);
  g_test_add_func ("/kernel/owned", test_kernel);
  g_test_add_func ("/kernel/of-nobody", test_kernel_of_nobody);
  g_test_add_func ("/unowned/folders", test_unowned);
  return g_test_run ();
}
