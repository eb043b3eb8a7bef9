/* SPDX-License-Identifier: Apache-2.0 */
/* GVariant, which is safe with untrusted bytes, checks the framing; the meaning is checked here. */
#include "model/xattrs.h"

#include <string.h>

#include "base/error.h"

static gboolean
xattrs_fail (GError **error, const char *message)
{
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "extended attributes: %s", message);
  return FALSE;
}

/* The bytes of a child are in the buffer of the list, so the pointers outlive the child. */
static gboolean
read_one (GVariant *list, gsize index, VarveXattr *out_xattr, GError **error)
{
  g_autoptr (GVariant) pair = g_variant_get_child_value (list, index);
  g_autoptr (GVariant) name = g_variant_get_child_value (pair, 0);
  g_autoptr (GVariant) value = g_variant_get_child_value (pair, 1);
  gsize name_bytes, value_bytes;
  const char *text = g_variant_get_fixed_array (name, &name_bytes, 1);
  const guint8 *data = g_variant_get_fixed_array (value, &value_bytes, 1);
  if (name_bytes < 2 || memchr (text, '\0', name_bytes) != text + name_bytes - 1)
    return xattrs_fail (error, "a name is empty or does not end in its first NUL byte");
  *out_xattr = (VarveXattr){ .name = text, .value = data, .size_bytes = value_bytes };
  return TRUE;
}

static gboolean
read_all (VarveXattrs *xattrs, GVariant *list, GError **error)
{
  for (guint i = 0; i < xattrs->n; i++)
    {
      if (!read_one (list, i, &xattrs->list[i], error))
        return FALSE;
      if (i > 0 && strcmp (xattrs->list[i - 1].name, xattrs->list[i].name) >= 0)
        {
          g_autofree char *name = varve_escape (xattrs->list[i].name);
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                       "extended attributes: '%s' is not sorted strictly by name", name);
          return FALSE;
        }
    }
  return TRUE;
}

VarveXattrs *
varve_xattrs_parse (GBytes *serialized, GError **error)
{
  if (g_bytes_get_size (serialized) > VARVE_XATTRS_MAX_BYTES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "extended attributes of %" G_GSIZE_FORMAT " bytes: the limit is %u", g_bytes_get_size (serialized),
                   VARVE_XATTRS_MAX_BYTES);
      return NULL;
    }
  g_autoptr (VarveXattrs) xattrs = g_new0 (VarveXattrs, 1);
  xattrs->serialized = g_bytes_ref (serialized);
  if (g_bytes_get_size (serialized) == 0)
    return g_steal_pointer (&xattrs);
  g_autoptr (GVariant) list = g_variant_new_from_bytes (G_VARIANT_TYPE ("a(ayay)"), serialized, FALSE);
  if (!g_variant_is_normal_form (list))
    {
      xattrs_fail (error, "not in normal form");
      return NULL;
    }
  xattrs->n = (guint)g_variant_n_children (list);
  xattrs->list = g_new0 (VarveXattr, xattrs->n);
  return read_all (xattrs, list, error) ? g_steal_pointer (&xattrs) : NULL;
}

void
varve_xattrs_free (VarveXattrs *xattrs)
{
  g_free (xattrs->list);
  g_bytes_unref (xattrs->serialized);
  g_free (xattrs);
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  const VarveXattr *list = data;
  guint left = *(const guint *)a, right = *(const guint *)b;
  int order = strcmp (list[left].name, list[right].name);
  return order != 0 ? order : (left > right) - (left < right);
}

GBytes *
varve_xattrs_serialize (const VarveXattr *list, guint n)
{
  if (n == 0)
    return g_bytes_new_static ("", 0);
  g_autofree guint *order = g_new (guint, n);
  for (guint i = 0; i < n; i++)
    order[i] = i;
  g_qsort_with_data (order, (gint)n, sizeof *order, compare_names, (gpointer)list);
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ayay)"));
  for (guint i = 0; i < n; i++)
    {
      const VarveXattr *xattr = &list[order[i]];
      if (i + 1 < n && strcmp (xattr->name, list[order[i + 1]].name) == 0)
        continue;
      g_variant_builder_add (&builder, "(@ay@ay)", g_variant_new_bytestring (xattr->name),
                             g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, xattr->value, xattr->size_bytes, 1));
    }
  g_autoptr (GVariant) serialized = g_variant_ref_sink (g_variant_builder_end (&builder));
  return g_variant_get_data_as_bytes (serialized);
}

gboolean
varve_xattr_is_portable (const char *name)
{
  static const char *const FOREIGN[] = { "security.selinux", "user.ostreemeta", "user.containers.override_stat", NULL };
  if (g_str_has_prefix (name, "system."))
    return g_str_has_prefix (name, "system.posix_acl_");
  return !g_strv_contains (FOREIGN, name) && !g_str_has_prefix (name, "trusted.")
         && !g_str_has_prefix (name, "user.overlay.");
}
