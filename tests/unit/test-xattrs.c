/* SPDX-License-Identifier: Apache-2.0 */
/* model/xattrs: written sorted and without doubles, read back; which belong to a tree. */
#include "model/xattrs.h"

#include <string.h>

static void
test_serialize (void)
{
  const VarveXattr list[] = {
    { .name = "user.b", .value = (const guint8 *)"old", .size_bytes = 3 },
    { .name = "user.a", .value = (const guint8 *)"\0x", .size_bytes = 2 },
    { .name = "user.b", .value = (const guint8 *)"new", .size_bytes = 3 },
    { .name = "user.empty", .value = (const guint8 *)"", .size_bytes = 0 },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = varve_xattrs_serialize (list, G_N_ELEMENTS (list));
  g_autoptr (VarveXattrs) read = varve_xattrs_parse (bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read->n, ==, 3);
  g_assert_cmpstr (read->list[0].name, ==, "user.a");
  g_assert_cmpmem (read->list[0].value, read->list[0].size_bytes, "\0x", 2);
  g_assert_cmpstr (read->list[1].name, ==, "user.b");
  g_assert_cmpmem (read->list[1].value, read->list[1].size_bytes, "new", 3);
  g_assert_cmpuint (read->list[2].size_bytes, ==, 0);
  g_autoptr (GBytes) none = varve_xattrs_serialize (NULL, 0);
  g_assert_cmpuint (g_bytes_get_size (none), ==, 0);
}

static void
test_portable (void)
{
  const char *const kept[]
      = { "security.capability", "security.ima", "user.component", "user.x", "system.posix_acl_access" };
  const char *const dropped[] = { "security.selinux",    "trusted.overlay.opaque", "trusted.x",
                                  "user.overlay.origin", "user.ostreemeta",        "system.nfs4_acl" };
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    g_assert_true (varve_xattr_is_portable (kept[i]));
  for (guint i = 0; i < G_N_ELEMENTS (dropped); i++)
    g_assert_false (varve_xattr_is_portable (dropped[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/xattrs/serialize", test_serialize);
  g_test_add_func ("/xattrs/portable", test_portable);
  return g_test_run ();
}
