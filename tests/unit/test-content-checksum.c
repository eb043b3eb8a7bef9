/* SPDX-License-Identifier: Apache-2.0 */
/* ostree/content-checksum: upstream's golden vector, and libostree's own answer over all widths of offsets. */
#include "model/content-checksum.h"

#include <string.h>
#include <sys/stat.h>

#include <gio/gio.h>
#include <ostree.h>

static GVariant *
xattr (const char *name, const void *value, gsize size_bytes)
{
  return g_variant_new ("(@ay@ay)", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, name, strlen (name) + 1, 1),
                        g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, value, size_bytes, 1));
}

static void
assert_hex (const VarveDigest *digest, const char *expected)
{
  g_autofree char *hex = varve_digest_to_hex (digest);
  g_assert_cmpstr (hex, ==, expected);
}

/* usr/bin/arping of the fixture of ostree-ext. */
static void
test_golden (void)
{
  static const char CAPABILITY[] = "0sAAAAAgAgAAAAAAAAAAAAAAAAAAA=", LABEL[] = "system_u:object_r:usr_t:s0";
  GVariant *pairs[] = { xattr ("security.capability", CAPABILITY, strlen (CAPABILITY)),
                        xattr ("security.selinux", LABEL, strlen (LABEL)) };
  g_autoptr (GVariant) list = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("(ayay)"), pairs, 2));
  g_autoptr (GBytes) xattrs = g_variant_get_data_as_bytes (list);
  VarveContentHeader header = { .mode = S_IFREG | 0755, .xattrs = xattrs };
  VarveDigest checksum = varve_content_checksum_of (&header, "arping-binary", strlen ("arping-binary"));
  assert_hex (&checksum, "b048a4f451e9fdfaaec911c1fe07d5d1d39be02f932b827c25458d3b15ae589e");
}

static char *
checksum_by_libostree (guint32 mode, const char *target, GVariant *xattrs, const char *content)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_info_new ();
  g_file_info_set_attribute_uint32 (info, "standard::type", target ? G_FILE_TYPE_SYMBOLIC_LINK : G_FILE_TYPE_REGULAR);
  g_file_info_set_size (info, (goffset)strlen (content));
  g_file_info_set_attribute_uint32 (info, "unix::uid", 1000);
  g_file_info_set_attribute_uint32 (info, "unix::gid", 70000);
  g_file_info_set_attribute_uint32 (info, "unix::mode", mode);
  if (target != NULL)
    g_file_info_set_symlink_target (info, target);
  g_autoptr (GInputStream) in
      = target ? NULL : g_memory_input_stream_new_from_data (content, (gssize)strlen (content), NULL);
  g_autofree guchar *binary = NULL;
  g_assert_true (ostree_checksum_file_from_input (info, xattrs, in, OSTREE_OBJECT_TYPE_FILE, &binary, NULL, &error));
  g_assert_no_error (error);
  return ostree_checksum_from_bytes (binary);
}

static void
test_as_libostree (void)
{
  static const gsize SIZES[]
      = { 0, 1, 200, 210, 211, 212, 213, 214, 220, 230, 300, 65480, 65490, 65495, 65500, 65510, 65520, 70000 };
  for (guint i = 0; i < G_N_ELEMENTS (SIZES); i++)
    for (guint link = 0; link < 2; link++)
      {
        g_autofree char *value = g_strnfill (SIZES[i], 'v');
        GVariant *pair = xattr ("user.x", value, SIZES[i]);
        g_autoptr (GVariant) list = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("(ayay)"), &pair, 1));
        g_autoptr (GBytes) xattrs = g_variant_get_data_as_bytes (list);
        VarveContentHeader header = { .uid = 1000,
                                      .gid = 70000,
                                      .mode = link ? S_IFLNK | 0777 : S_IFREG | 04711,
                                      .symlink_target = link ? "../a//b/./c" : NULL,
                                      .xattrs = xattrs };
        const char *content = link ? "" : "content";
        VarveDigest checksum = varve_content_checksum_of (&header, content, strlen (content));
        g_autofree char *expected = checksum_by_libostree (header.mode, header.symlink_target, list, content);
        assert_hex (&checksum, expected);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/content-checksum/golden", test_golden);
  g_test_add_func ("/content-checksum/as-libostree", test_as_libostree);
  return g_test_run ();
}
