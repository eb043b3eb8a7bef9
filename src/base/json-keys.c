/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json-keys.h"

#include <string.h>

#include "base/error.h"

static gboolean
keys_fail (GError **error, const char *before, const char *key, const char *after)
{
  g_autofree char *escaped = varve_escape (key);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%s '%s'%s", before, escaped, after);
  return FALSE;
}

static const VarveJsonKey *
keys_find (const VarveJsonKey *keys, const char *folded)
{
  for (const VarveJsonKey *key = keys; key->name != NULL; key++)
    if (g_ascii_strcasecmp (key->name, folded) == 0)
      return key;
  return NULL;
}

/* @others holds the keys without a table entry, case-folded. */
static gboolean
check_key (const char *key, json_object *member, const VarveJsonKey *keys, GHashTable *others, GError **error)
{
  g_autofree char *folded = g_utf8_casefold (key, -1); /* as Go does: U+017F is an s, U+212A a k */
  const VarveJsonKey *known = keys_find (keys, folded);
  if (known == NULL)
    return g_hash_table_add (others, g_steal_pointer (&folded))
           || keys_fail (error, "another key differs from", key, " only in case");
  if (strcmp (known->name, key) != 0)
    {
      g_autofree char *expected = g_strdup_printf (": expected '%s'", known->name);
      return keys_fail (error, "found the key", key, expected);
    }
  if (known->members == NULL || varve_json_check_keys (member, known->members, error))
    return TRUE;
  g_prefix_error (error, "'%s': ", key);
  return FALSE;
}

gboolean
varve_json_check_keys (json_object *value, const VarveJsonKey *keys, GError **error)
{
  if (json_object_is_type (value, json_type_array))
    for (gsize i = 0; i < json_object_array_length (value); i++)
      if (!varve_json_check_keys (json_object_array_get_idx (value, i), keys, error))
        {
          g_prefix_error (error, "entry %" G_GSIZE_FORMAT ": ", i);
          return FALSE;
        }
  if (!json_object_is_type (value, json_type_object))
    return TRUE;
  g_autoptr (GHashTable) others = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  json_object_object_foreach (value, key, member)
  {
    if (!check_key (key, member, keys, others, error))
      return FALSE;
  }
  return TRUE;
}
