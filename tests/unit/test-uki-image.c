/* SPDX-License-Identifier: Apache-2.0 */
/* rootfs/uki-image, packages/uki and rootfs/uki-check: what a UKI says of itself, where UKIs are, which ones would not
 * boot. */
#include "rootfs/uki-image.h"

#include <string.h>

#include "packages/uki.h"
#include "rootfs/bootable.h"
#include "tests/unit/ownership.h"
#include "tests/unit/pe-file.h"

enum { ALIGNMENT = 512, TABLE_AT = 64 + 24 + 240 };

#define UKI "boot/EFI/Linux/6.1.efi"
#define DIGEST "composefs=0123456789abcdef"

static void
put_u32 (GByteArray *bytes, gsize at, gsize value)
{
  for (guint i = 0; i < 4; i++)
    bytes->data[at + i] = (guint8)(value >> (8 * i));
}

static void
pad (GByteArray *bytes, guint size)
{
  static const guint8 ZEROS[ALIGNMENT] = { 0 };
  g_byte_array_append (bytes, ZEROS, size);
}

/* Names and contents of sections, in the order of the table and of the file. */
static GBytes *
make_program (const char *const *sections)
{
  guint n = g_strv_length ((char **)sections) / 2;
  GByteArray *bytes = g_byte_array_sized_new (2 * ALIGNMENT);
  pad (bytes, ALIGNMENT);
  pad (bytes, ALIGNMENT);
  memcpy (bytes->data, "MZ", 2);
  put_u32 (bytes, 0x3c, 64);
  memcpy (bytes->data + 64, "PE\0", 4);
  bytes->data[64 + 6] = (guint8)n;
  bytes->data[64 + 20] = 240;
  for (guint i = 0; i < n; i++)
    {
      const char *content = sections[2 * i + 1];
      gsize entry = TABLE_AT + 40 * i, size = strlen (content);
      strncpy ((char *)bytes->data + entry, sections[2 * i], 8);
      put_u32 (bytes, entry + 8, size);
      put_u32 (bytes, entry + 16, size + (ALIGNMENT - size % ALIGNMENT) % ALIGNMENT);
      put_u32 (bytes, entry + 20, bytes->len);
      g_byte_array_append (bytes, (const guint8 *)content, (guint)size);
      pad (bytes, (guint)(ALIGNMENT - size % ALIGNMENT) % ALIGNMENT);
    }
  return g_byte_array_free_to_bytes (bytes);
}
#define PROGRAM(...) make_program ((const char *const[]){ __VA_ARGS__, NULL })
#define GOOD                                                                                                           \
  PROGRAM (".text", "stub", ".osrel", "ID=x", ".cmdline", "quiet " DIGEST "\n", ".uname", "6.1", ".linux", "k")

static void
read_image (GBytes *bytes, VarveUkiImage *out_image)
{
  g_autoptr (GInputStream) content = g_memory_input_stream_new_from_bytes (bytes);
  varve_uki_image_read (content, out_image, NULL);
}

static void
test_sections (void)
{
  g_autoptr (GBytes) good = GOOD;
  g_auto (VarveUkiImage) image = { 0 };
  read_image (good, &image);
  g_assert_true (image.is_program && image.has_kernel && image.has_os_release);
  g_assert_false (image.has_initramfs);
  g_assert_cmpstr (image.command_line, ==, "quiet " DIGEST);
  g_assert_cmpstr (image.release, ==, "6.1");
}

/* Far behind the first bytes, and in another order than in the file. */
static void
test_far (void)
{
  g_autofree char *kernel = g_strnfill (300000, 'k');
  g_autoptr (GBytes) far = PROGRAM (".linux", kernel, ".cmdline", DIGEST, ".initrd", kernel, ".uname", "6.1");
  g_auto (VarveUkiImage) image = { 0 };
  read_image (far, &image);
  g_assert_true (image.has_kernel && image.has_initramfs);
  g_assert_cmpstr (image.command_line, ==, DIGEST);
  g_assert_cmpstr (image.release, ==, "6.1");
}

/* A section begins in the first bytes that are read, and ends behind them. */
static void
test_straddling (void)
{
  enum { FIRST_BYTES = 1 << 16 };
  g_autofree char *text = g_strnfill (FIRST_BYTES - 2 * ALIGNMENT - ALIGNMENT, 't'),
                  *long_line = g_strnfill (2000, 'x');
  g_autofree char *command_line = g_strconcat (DIGEST " ", long_line, NULL);
  g_autofree char *release = g_strnfill (3 * ALIGNMENT, 'r');
  g_autoptr (GBytes) one = PROGRAM (".text", text, ".cmdline", command_line, ".uname", "6.1", ".linux", "k");
  g_auto (VarveUkiImage) image = { 0 }, other = { 0 };
  read_image (one, &image);
  g_assert_cmpstr (image.command_line, ==, command_line);
  g_assert_cmpstr (image.release, ==, "6.1");
  g_autoptr (GBytes) two = PROGRAM (".text", text, ".uname", release, ".linux", "k", ".cmdline", command_line);
  read_image (two, &other);
  g_assert_cmpstr (other.release, ==, release);
  g_assert_cmpstr (other.command_line, ==, command_line);
}

/* A table with the size in memory left 0, and one with more sections than Windows allows. */
static void
test_odd_tables (void)
{
  enum { N_SECTIONS = 100, FIRST_AT = 8192 };
  PeFileSection sections[N_SECTIONS] = { [0 ... N_SECTIONS - 1] = { ".x", 1, 1, FIRST_AT } };
  sections[7] = (PeFileSection){ ".cmdline", 0, 512, FIRST_AT + 512 };
  sections[N_SECTIONS - 1] = (PeFileSection){ ".uname", 3, 512, FIRST_AT + 1024 };
  GByteArray *file = pe_file_headers (sections, N_SECTIONS);
  guint was = file->len;
  g_byte_array_set_size (file, FIRST_AT + 1536);
  memset (file->data + was, 0, file->len - was);
  memcpy (file->data + FIRST_AT + 512, DIGEST, strlen (DIGEST));
  memcpy (file->data + FIRST_AT + 1024, "6.1", 3);
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (file);
  g_auto (VarveUkiImage) image = { 0 };
  read_image (bytes, &image);
  g_assert_true (image.is_program);
  g_assert_cmpstr (image.command_line, ==, DIGEST);
  g_assert_cmpstr (image.release, ==, "6.1");
}

/* However little of it is there, and whatever its table claims. */
static void
test_damaged (void)
{
  g_autoptr (GBytes) good = GOOD;
  gsize size = g_bytes_get_size (good);
  for (gsize n = 0; n < size; n += n < 1200 ? 1 : 64)
    {
      g_autoptr (GBytes) begin = g_bytes_new_from_bytes (good, 0, n);
      g_auto (VarveUkiImage) image = { 0 };
      read_image (begin, &image);
      g_assert_cmpint (image.is_program, ==, n >= TABLE_AT + 5 * 40);
    }
  for (gsize at = TABLE_AT + 2 * 40; at < TABLE_AT + 3 * 40; at++)
    {
      g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (good, NULL), size);
      bytes[at] ^= 0xff;
      g_autoptr (GBytes) changed = g_bytes_new (bytes, size);
      g_auto (VarveUkiImage) image = { 0 };
      read_image (changed, &image);
      g_assert_true (image.is_program);
    }
}

static void
test_places (void)
{
  static const char *const UKIS[] = { UKI, "boot/EFI/Linux/bootc/x.efi", "usr/lib/modules/6.1/6.1.efi",
                                      "usr/lib/modules/6.1/a/vmlinuz-virt.efi", "efi/EFI/Linux/a.efi" };
  static const char *const OTHERS[] = { "boot/EFI/BOOT/BOOTX64.EFI",
                                        "boot/EFI/systemd/systemd-bootx64.efi",
                                        "usr/lib/modules/6.1/vmlinuz",
                                        "boot/EFI/Linux/a.efi.extra.d/b.addon.efi",
                                        "usr/lib/systemd/boot/efi/linuxx64.efi.stub",
                                        "usr/lib/modules/x.efi" };
  for (guint i = 0; i < G_N_ELEMENTS (UKIS); i++)
    g_assert_true (varve_uki_is_image (UKIS[i]));
  for (guint i = 0; i < G_N_ELEMENTS (OTHERS); i++)
    g_assert_false (varve_uki_is_image (OTHERS[i]));
  g_assert_true (varve_uki_is_taken ("boot/EFI/Linux/a.efi.extra.d/b.addon.efi"));
  g_assert_true (varve_uki_is_taken ("boot/loader/addons/b.addon.efi"));
  g_assert_false (varve_uki_is_taken ("efi/EFI/Linux/a.efi"));
  g_assert_true (varve_uki_is_component ("uki") && varve_uki_is_component ("uki:/boot/EFI/Linux/a.efi"));
  g_assert_false (varve_uki_is_component ("uki-addons") || varve_uki_is_component ("ukify"));
}

static void
test_owners (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (fake, UKI, "uki");
  fake_source_add_text (fake, "usr/lib/modules/6.1/6.1.efi", "uki"); /* the same object */
  fake_source_add_text (fake, "usr/lib/modules/6.1/vmlinuz", "kernel");
  fake_source_add_text (fake, "boot/EFI/BOOT/BOOTX64.EFI", "shim");
  fake_source_add_text (fake, "usr/lib/bootupd/updates/EFI.json", "{}");
  fake_source_add_text (fake, "usr/lib/systemd/boot/efi/systemd-bootx64.efi", "of systemd");
  fake_source_add_text (fake, "usr/lib/systemd/boot/efi/systemd-bootx64.efi.signed", "signed");
  fake_source_add_text (fake, "boot/EFI/Linux/6.1.efi.extra.d/debug.addon.efi", "addon");
  fake_source_add_text (fake, "var/lib/dpkg/status.d/systemd", "Package: systemd\nArchitecture: all\n");
  fake_source_add_text (fake, "var/lib/dpkg/status.d/systemd.md5sums",
                        "d41d8cd98f00b204e9800998ecf8427e  usr/lib/systemd/boot/efi/systemd-bootx64.efi\n"
                        "d41d8cd98f00b204e9800998ecf8427e  usr/lib/modules/6.1/6.1.efi\n");
  g_autoptr (Ownership) one = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (one, UKI, "uki");
  assert_kind (one, UKI, VARVE_COMPONENT_UKI);
  assert_owner (one, "usr/lib/modules/6.1/6.1.efi", "uki"); /* whatever a package says */
  assert_owner (one, "usr/lib/modules/6.1/vmlinuz", "kernel");
  assert_owner (one, "boot/EFI/BOOT/BOOTX64.EFI", "boot-loader");
  assert_owner (one, "usr/lib/bootupd/updates/EFI.json", "boot-loader");
  assert_owner (one, "usr/lib/systemd/boot/efi/systemd-bootx64.efi", "systemd");
  assert_owner (one, "usr/lib/systemd/boot/efi/systemd-bootx64.efi.signed", "boot-loader");
  assert_owner (one, "boot/EFI/Linux/6.1.efi.extra.d/debug.addon.efi", "uki-addons");
  fake_source_add_text (fake, "boot/EFI/Linux/rescue.efi", "another");
  g_autoptr (Ownership) two = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (two, UKI, "uki:/" UKI);
  assert_owner (two, "usr/lib/modules/6.1/6.1.efi", "uki:/" UKI);
  assert_owner (two, "boot/EFI/Linux/rescue.efi", "uki:/boot/EFI/Linux/rescue.efi");
}

/* A sealed system: neither a kernel nor an initramfs, and nothing of OSTree. */
static FakeSource *
sealed_tree (GBytes *uki)
{
  static const char *const FOLDERS[] = { "sysroot", "dev", "proc", "run", "sys", "tmp", "var" };
  FakeSource *fake = fake_source_new ();
  g_autoptr (GBytes) owned = uki;
  for (guint i = 0; i < G_N_ELEMENTS (FOLDERS); i++)
    fake_source_add_directory (fake, FOLDERS[i]);
  fake_source_add_bytes (fake, UKI, uki);
  return fake;
}

static void
assert_boot_warning (FakeSource *fake, const char *text)
{
  g_autoptr (VarveObserver) observer = varve_observer_new ();
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  varve_bootable_check (inventory, fake_source_source (fake), VARVE_BOOTABLE_EXPECTED, observer, NULL);
  g_autofree char *first = varve_observer_take_warning (observer), *second = varve_observer_take_warning (observer);
  g_test_message ("%s, %s", first, second);
  g_assert_null (second);
  g_assert_cmpint (first != NULL, ==, text != NULL);
  g_assert_true (text == NULL || strstr (first, text) != NULL);
}

static void
test_sealed (void)
{
  g_autoptr (FakeSource) fake = sealed_tree (GOOD);
  VarveBootable bootable;
  assert_boot_warning (fake, NULL);
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  varve_bootable_read (inventory, fake_source_source (fake), &bootable);
  g_assert_true (bootable.is_bootable);
  g_assert_cmpstr (bootable.kernel, ==, "6.1");
  varve_bootable_clear (&bootable);
  fake_source_add_text (fake, "boot/vmlinuz", "hidden");
  assert_boot_warning (fake, "'/boot' is not empty");
}

static void
test_unfit (void)
{
  struct {
    GBytes *uki;
    const char *warning;
  } cases[] = {
    { g_bytes_new_static ("MZ", 2), "'/" UKI "' is not an EFI program" },
    { PROGRAM (".text", "stub", ".osrel", "x", ".cmdline", DIGEST), "no section '.linux'" },
    { PROGRAM (".linux", "k", ".cmdline", DIGEST), "no section '.osrel'" },
    { PROGRAM (".linux", "k", ".osrel", "x", ".cmdline", "quiet xcomposefs=1"), "no 'composefs=DIGEST'" },
    { PROGRAM (".linux", "k", ".osrel", "x"), "no 'composefs=DIGEST'" },
    { PROGRAM (".linux", "k", ".osrel", "x", ".cmdline", "a composefs=?0123"), NULL },
    { PROGRAM (".linux", "k", ".osrel", "x", ".cmdline", "composefs.digest=v1-sha512-12:01"), NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      g_autoptr (FakeSource) fake = sealed_tree (cases[i].uki);
      assert_boot_warning (fake, cases[i].warning);
    }
  g_autoptr (FakeSource) linked = sealed_tree (GOOD);
  fake_source_add_symlink (linked, "usr/lib/modules/6.1/6.1.efi", "/" UKI);
  assert_boot_warning (linked, "'/usr/lib/modules/6.1/6.1.efi' is a symlink");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/uki-image/sections", test_sections);
  g_test_add_func ("/uki-image/far", test_far);
  g_test_add_func ("/uki-image/straddling", test_straddling);
  g_test_add_func ("/uki-image/odd-tables", test_odd_tables);
  g_test_add_func ("/uki-image/damaged", test_damaged);
  g_test_add_func ("/uki/places", test_places);
  g_test_add_func ("/uki/owners", test_owners);
  g_test_add_func ("/uki-check/sealed", test_sealed);
  g_test_add_func ("/uki-check/unfit", test_unfit);
  return g_test_run ();
}
