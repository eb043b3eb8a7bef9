/* SPDX-License-Identifier: Apache-2.0 */
/* rootfs/bootable and rootfs/initramfs: what a tree says of itself, and what would keep it from booting. */
#include "rootfs/bootable.h"

#include <string.h>

#include "rootfs/initramfs.h"
#include "tests/unit/fake-source.h"

#define KERNEL "usr/lib/modules/6"
#define INITRAMFS KERNEL "/initramfs.img"
#define CONFIG "usr/lib/ostree/prepare-root.conf"
#define PROGRAM "usr/lib/ostree/ostree-prepare-root"
#define REFUSES "prepare-root.conf composefs: enabled at runtime, but support is not compiled in"
#define WITH_COMPOSEFS "[composefs]\nenabled = true\n"
#define WITHOUT_COMPOSEFS "[sysroot]\nreadonly = true\n"

/* One member of a "newc" archive. */
static void
add_member (GByteArray *archive, const char *name, guint32 mode, const char *content)
{
  static const guint8 PADDING[4] = { 0 };
  gsize name_bytes = strlen (name) + 1, size_bytes = strlen (content);
  g_autofree char *header = g_strdup_printf ("070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1, mode, 0,
                                             0, 1, 0, size_bytes, 0, 0, 0, 0, name_bytes, 0);
  g_byte_array_append (archive, (const guint8 *)header, (guint)strlen (header));
  g_byte_array_append (archive, (const guint8 *)name, (guint)name_bytes);
  g_byte_array_append (archive, PADDING, (4 - archive->len % 4) % 4);
  g_byte_array_append (archive, (const guint8 *)content, (guint)size_bytes);
  g_byte_array_append (archive, PADDING, (4 - archive->len % 4) % 4);
}

/* An archive of regular files: name, content, …, NULL. */
static GBytes *
archive_of (const char *const *members)
{
  GByteArray *archive = g_byte_array_new ();
  add_member (archive, "usr", 040755, "");
  for (; *members != NULL; members += 2)
    add_member (archive, members[0], 0100755, members[1]);
  add_member (archive, "TRAILER!!!", 0, "");
  return g_byte_array_free_to_bytes (archive);
}
#define ARCHIVE(...) archive_of ((const char *const[]){ __VA_ARGS__, NULL })

static GBytes *
gzip (GBytes *plain)
{
  g_autoptr (GBytes) owned = plain;
  g_autoptr (GConverter) compressor = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6));
  g_autoptr (GInputStream) input = g_memory_input_stream_new_from_bytes (plain);
  g_autoptr (GInputStream) converted = g_converter_input_stream_new (input, compressor);
  gsize max_bytes = 1 << 20, size_bytes;
  g_autofree guint8 *packed = g_malloc (max_bytes);
  g_assert_true (g_input_stream_read_all (converted, packed, max_bytes, &size_bytes, NULL, NULL));
  return g_bytes_new (packed, size_bytes);
}

/* @gap_bytes zero bytes between the two. */
static GBytes *
join (GBytes *first, guint gap_bytes, GBytes *second)
{
  g_autoptr (GBytes) owned_first = first, owned_second = second;
  GByteArray *all = g_byte_array_new ();
  g_byte_array_append (all, g_bytes_get_data (first, NULL), (guint)g_bytes_get_size (first));
  for (guint i = 0; i < gap_bytes; i++)
    g_byte_array_append (all, (const guint8 *)"", 1);
  g_byte_array_append (all, g_bytes_get_data (second, NULL), (guint)g_bytes_get_size (second));
  return g_byte_array_free_to_bytes (all);
}

static void
add_empty (FakeSource *fake, const char *path)
{
  fake_source_add_text (fake, path, path); /* each its own object */
}

/* Nothing keeps it from booting, as far as its initramfs does not. */
static FakeSource *
good_tree (GBytes *initramfs)
{
  static const char *const FOLDERS[] = { "sysroot", "dev", "proc", "run", "sys", "tmp", "var", "boot" };
  FakeSource *fake = fake_source_new ();
  g_autoptr (GBytes) owned = initramfs;
  for (guint i = 0; i < G_N_ELEMENTS (FOLDERS); i++)
    fake_source_add_directory (fake, FOLDERS[i]);
  fake_source_add_symlink (fake, "ostree", "sysroot/ostree");
  add_empty (fake, KERNEL "/vmlinuz");
  fake_source_add_bytes (fake, INITRAMFS, initramfs);
  return fake;
}

static char *
warnings_of (FakeSource *fake, VarveBootableMode mode)
{
  g_autoptr (VarveObserver) observer = varve_observer_new ();
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  g_autoptr (GString) all = g_string_new (NULL);
  varve_bootable_check (inventory, fake_source_source (fake), mode, observer, NULL);
  for (char *warning; (warning = varve_observer_take_warning (observer)) != NULL; g_free (warning))
    g_string_append_printf (all, "%s\n", warning);
  return g_string_free (g_steal_pointer (&all), FALSE);
}

/* Exactly one warning, which contains @text; none where it is NULL. */
static void
assert_warning (FakeSource *fake, const char *text)
{
  g_autofree char *warnings = warnings_of (fake, VARVE_BOOTABLE_EXPECTED);
  g_test_message ("%s", warnings);
  if (text == NULL)
    g_assert_cmpstr (warnings, ==, "");
  else
    {
      g_assert_nonnull (strstr (warnings, text));
      g_assert_true (strchr (warnings, '\n')[1] == '\0');
    }
}

static void
test_facts (void)
{
  g_autoptr (FakeSource) fake = good_tree (g_bytes_new_static ("x", 1));
  g_autoptr (VarveInventory) one = fake_source_inventory (fake);
  VarveBootable bootable;
  varve_bootable_read (one, fake_source_source (fake), &bootable);
  g_assert_cmpstr (bootable.kernel, ==, "6");
  g_assert_null (bootable.machine);
  varve_bootable_clear (&bootable);
  add_empty (fake, "usr/lib/modules/7/vmlinuz");
  g_autoptr (VarveInventory) two = fake_source_inventory (fake);
  varve_bootable_read (two, fake_source_source (fake), &bootable);
  g_assert_null (bootable.kernel);
  varve_bootable_clear (&bootable);
}

/* Some distributions have the image under another name; the link may be absolute. */
static void
test_linked_kernel (void)
{
  static const char *const TARGETS[]
      = { "kernel", "../6/kernel", "/usr/lib/modules/6/kernel", "/lib/modules/6/kernel" };
  g_autoptr (FakeSource) fake = good_tree (g_bytes_new_static ("x", 1));
  add_empty (fake, KERNEL "/kernel");
  fake_source_add_symlink (fake, "lib", "usr/lib");
  for (guint i = 0; i < G_N_ELEMENTS (TARGETS); i++)
    {
      fake_source_add_symlink (fake, KERNEL "/vmlinuz", TARGETS[i]);
      g_autofree char *warnings = warnings_of (fake, VARVE_BOOTABLE_EXPECTED);
      g_assert_null (strstr (warnings, "vmlinuz"));
    }
  fake_source_add_symlink (fake, KERNEL "/vmlinuz", "vmlinuz");
  g_autofree char *loop = warnings_of (fake, VARVE_BOOTABLE_EXPECTED);
  g_assert_nonnull (strstr (loop, "neither '/usr/lib/modules/KERNEL/vmlinuz' nor a UKI"));
}

/* One warning for all that are missing. */
static void
test_folders (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_directory (fake, "sysroot");
  fake_source_add_directory (fake, "var");
  fake_source_add_symlink (fake, "ostree", "sysroot/ostree");
  add_empty (fake, KERNEL "/vmlinuz");
  g_autofree char *warnings = warnings_of (fake, VARVE_BOOTABLE_EXPECTED);
  g_assert_nonnull (strstr (warnings, "no folders '/dev', '/proc', '/run', '/sys', '/tmp', over which a running system "
                                      "mounts; create them\n"));
}

static void
test_tree (void)
{
  g_autoptr (FakeSource) fake = good_tree (ARCHIVE (PROGRAM, CONFIG, CONFIG, WITH_COMPOSEFS));
  fake_source_add_text (fake, CONFIG, WITH_COMPOSEFS);
  assert_warning (fake, NULL);
  fake_source_add_symlink (fake, "ostree", "elsewhere");
  assert_warning (fake, "'ln -s sysroot/ostree ostree'");
  fake_source_add_symlink (fake, "ostree", "sysroot/ostree");
  add_empty (fake, "var/lib/x");
  assert_warning (fake, "'/var' has 1 file:");
  add_empty (fake, "usr/lib/modules/7/vmlinuz");
  g_autofree char *many = warnings_of (fake, VARVE_BOOTABLE_EXPECTED);
  g_assert_nonnull (strstr (many, "2 kernels"));
  g_assert_nonnull (strstr (many, "no '/usr/lib/modules/7/initramfs.img'"));
  g_autoptr (FakeSource) other = fake_source_new ();
  add_empty (other, "boot/vmlinuz-6.1");
  g_autofree char *plain = warnings_of (other, VARVE_BOOTABLE_OR_NOT);
  g_assert_cmpstr (plain, ==, "");
  assert_warning (other, "move '/boot/vmlinuz-6.1' to");
}

static void
test_root_setup (void)
{
  static const char *const SETUPS[] = { PROGRAM, "./usr/lib/ostree/ostree-prepare-root",
                                        "usr/lib/bootc/initramfs-setup", "usr/bin/composefs-setup-root" };
  static const char *const OTHERS[] = { "usr/lib/initramfs-setup", PROGRAM ".service", "usr/bin/init" };
  for (guint i = 0; i < G_N_ELEMENTS (SETUPS); i++)
    {
      g_autoptr (FakeSource) fake = good_tree (ARCHIVE (SETUPS[i], "x"));
      fake_source_add_text (fake, CONFIG, WITHOUT_COMPOSEFS);
      assert_warning (fake, NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (OTHERS); i++)
    {
      g_autoptr (FakeSource) fake = good_tree (ARCHIVE (OTHERS[i], "x"));
      fake_source_add_text (fake, CONFIG, WITHOUT_COMPOSEFS);
      assert_warning (fake, "'/" INITRAMFS "' has no ostree-prepare-root");
    }
}

static void
read_initramfs (GBytes *bytes, VarveInitramfs *out_found)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_bytes (fake, INITRAMFS, bytes);
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  varve_initramfs_read (fake_source_source (fake), &inventory->objects[0], out_found, NULL);
}

/* Microcode comes first, without compression; kernel modules may follow, and padding is anywhere between. */
static void
test_archives (void)
{
  struct {
    GBytes *initramfs;
    gboolean is_whole, has_root_setup;
  } cases[] = {
    { gzip (ARCHIVE (PROGRAM, "x")), TRUE, TRUE },
    { join (ARCHIVE ("microcode", "x"), 512, gzip (ARCHIVE (PROGRAM, "x"))), TRUE, TRUE },
    { join (ARCHIVE ("microcode", "x"), 0, ARCHIVE (PROGRAM, "x")), TRUE, TRUE },
    { join (gzip (ARCHIVE ("modules", "x")), 8, gzip (ARCHIVE (PROGRAM, "x"))), TRUE, TRUE },
    { join (gzip (join (ARCHIVE ("a", "x"), 4, ARCHIVE (PROGRAM, "x"))), 4, ARCHIVE ("b", "x")), TRUE, TRUE },
    { join (gzip (ARCHIVE ("a", "x")), 100000, ARCHIVE ("b", "x")), TRUE, FALSE },
    /* Anything may be in what cannot be read to its end. */
    { g_bytes_new_static ("0 is not an archive", 19), FALSE, FALSE },
    { join (ARCHIVE ("a", "x"), 0, g_bytes_new_static ("BZh9", 4)), FALSE, FALSE },
    { join (gzip (ARCHIVE ("a", "x")), 0, g_bytes_new_static ("\x1f\x8b\x08", 3)), FALSE, FALSE },
    { gzip (g_bytes_new_static ("070701", 6)), FALSE, FALSE },
    { gzip (g_bytes_new_static ("text", 4)), FALSE, FALSE },
    { g_bytes_new_static ("", 0), FALSE, FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      g_autoptr (GBytes) initramfs = cases[i].initramfs;
      VarveInitramfs found;
      read_initramfs (initramfs, &found);
      g_assert_cmpint (found.is_whole, ==, cases[i].is_whole);
      g_assert_cmpint (found.has_root_setup, ==, cases[i].has_root_setup);
      g_autoptr (FakeSource) fake = good_tree (g_bytes_ref (initramfs));
      fake_source_add_text (fake, CONFIG, WITHOUT_COMPOSEFS);
      assert_warning (fake, found.is_whole && !found.has_root_setup ? "has no ostree-prepare-root" : NULL);
      varve_initramfs_clear (&found);
    }
}

/* However the bytes are cut, and wherever they end. */
static void
test_truncated (void)
{
  g_autoptr (GBytes) whole = ARCHIVE ("a", "12345", PROGRAM, "x");
  for (gsize n = 0; n < g_bytes_get_size (whole); n++)
    {
      g_autoptr (GBytes) begin = g_bytes_new_from_bytes (whole, 0, n);
      VarveInitramfs found;
      read_initramfs (begin, &found);
      g_assert_false (found.is_whole);
      varve_initramfs_clear (&found);
    }
}

static void
test_composefs (void)
{
  static const struct {
    const char *program, *copied, *config, *warning;
  } CASES[] = {
    { REFUSES, WITH_COMPOSEFS, WITH_COMPOSEFS, "enables composefs, and the ostree-prepare-root in '/" INITRAMFS "'" },
    { REFUSES, "[composefs]\nenabled=signed\n", "[composefs]\nenabled=signed\n", "enables composefs" },
    { REFUSES, NULL, WITH_COMPOSEFS, "enables composefs" },
    { REFUSES, WITH_COMPOSEFS, WITHOUT_COMPOSEFS, "enables composefs" },
    { REFUSES, WITHOUT_COMPOSEFS, WITH_COMPOSEFS, "is not the one in '/" INITRAMFS "'" },
    { REFUSES, WITHOUT_COMPOSEFS, WITHOUT_COMPOSEFS, NULL },
    { REFUSES, "[composefs]\nenabled = maybe\n", "[composefs]\nenabled = maybe\n", NULL },
    { REFUSES, NULL, NULL, "bootc needs one with '[sysroot] readonly = true'" },
    { "prepare-root.conf", WITH_COMPOSEFS, WITH_COMPOSEFS, NULL },
    { "prepare-root.conf", NULL, NULL, "bootc needs one with '[composefs] enabled = true'" },
    { "prepare-root.conf", NULL, WITH_COMPOSEFS, "'/usr/lib/ostree/prepare-root.conf' is not the one in" },
    { "libostree before 2023", NULL, WITH_COMPOSEFS, NULL }, /* reads no configuration */
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("case %u", i);
      g_autoptr (FakeSource) fake
          = good_tree (CASES[i].copied != NULL ? ARCHIVE (PROGRAM, CASES[i].program, CONFIG, CASES[i].copied)
                                               : ARCHIVE (PROGRAM, CASES[i].program));
      if (CASES[i].config != NULL)
        fake_source_add_text (fake, CONFIG, CASES[i].config);
      assert_warning (fake, CASES[i].warning);
    }
}

/* What is in /etc goes before what is in /usr. */
static void
test_etc (void)
{
  g_autoptr (FakeSource) fake = good_tree (
      ARCHIVE (PROGRAM, REFUSES, CONFIG, WITH_COMPOSEFS, "etc/ostree/prepare-root.conf", WITHOUT_COMPOSEFS));
  fake_source_add_text (fake, CONFIG, WITH_COMPOSEFS);
  fake_source_add_text (fake, "usr/etc/ostree/prepare-root.conf", WITHOUT_COMPOSEFS);
  assert_warning (fake, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bootable/facts", test_facts);
  g_test_add_func ("/bootable/tree", test_tree);
  g_test_add_func ("/bootable/linked-kernel", test_linked_kernel);
  g_test_add_func ("/bootable/folders", test_folders);
  g_test_add_func ("/bootable/root-setup", test_root_setup);
  g_test_add_func ("/bootable/archives", test_archives);
  g_test_add_func ("/bootable/truncated", test_truncated);
  g_test_add_func ("/bootable/composefs", test_composefs);
  g_test_add_func ("/bootable/etc", test_etc);
  return g_test_run ();
}
