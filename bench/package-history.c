/* SPDX-License-Identifier: Apache-2.0 */
/* Names and versions are stored once and a release is a list of its changes, so memory is proportional to the file. */
#include "bench/package-history.h"

#include <string.h>

#include "base/error.h"
#include "base/fasthash.h"
#include "base/json.h"
#include "bench/lines.h"

typedef struct {
  VarvePackageHistory *history;
  gboolean is_first;
} Reading;

VarvePackageHistory *
varve_package_history_new (void)
{
  VarvePackageHistory *history = g_new0 (VarvePackageHistory, 1);
  history->names = g_ptr_array_new_with_free_func (g_free);
  history->builds = g_array_new (FALSE, FALSE, sizeof (VarvePackageHistoryBuild));
  history->changes = g_array_new (FALSE, FALSE, sizeof (VarvePackageHistoryChange));
  history->releases = g_array_new (FALSE, FALSE, sizeof (VarvePackageHistoryRelease));
  history->packages_by_name = g_hash_table_new (varve_fasthash_string, g_str_equal);
  history->builds_by_name = g_hash_table_new_full (varve_fasthash_string, g_str_equal, g_free, NULL);
  history->present = g_hash_table_new (NULL, NULL);
  return history;
}

void
varve_package_history_free (VarvePackageHistory *history)
{
  for (guint i = 0; i < history->builds->len; i++)
    g_free (g_array_index (history->builds, VarvePackageHistoryBuild, i).version);
  for (guint i = 0; i < history->releases->len; i++)
    g_free (g_array_index (history->releases, VarvePackageHistoryRelease, i).name);
  g_hash_table_unref (history->packages_by_name);
  g_hash_table_unref (history->builds_by_name);
  g_hash_table_unref (history->present);
  g_ptr_array_unref (history->names);
  g_array_unref (history->builds);
  g_array_unref (history->changes);
  g_array_unref (history->releases);
  g_free (history);
}

static gboolean
history_fail (GError **error, const char *what, const char *outside)
{
  g_autofree char *escaped = varve_escape (outside);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%s '%s'", what, escaped);
  return FALSE;
}

static gboolean
history_check_limit (gsize count, guint max, const char *what, GError **error)
{
  if (count < max)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than %u %s", max, what);
  return FALSE;
}

static gboolean
history_find_package (VarvePackageHistory *history, const char *name, guint32 *out_package, GError **error)
{
  gpointer found;
  if (g_hash_table_lookup_extended (history->packages_by_name, name, NULL, &found))
    {
      *out_package = GPOINTER_TO_UINT (found);
      return TRUE;
    }
  if (*name == '\0')
    return history_fail (error, "package without a name:", name);
  if (!history_check_limit (history->names->len, VARVE_PACKAGE_HISTORY_MAX_PACKAGES, "packages", error))
    return FALSE;
  *out_package = history->names->len;
  char *copy = g_strdup (name);
  g_ptr_array_add (history->names, copy);
  g_hash_table_insert (history->packages_by_name, copy, GUINT_TO_POINTER (*out_package));
  return TRUE;
}

static guint32
history_find_build (VarvePackageHistory *history, guint32 package, const char *version)
{
  g_autofree char *key = g_strdup_printf ("%u %s", package, version);
  gpointer found;
  if (g_hash_table_lookup_extended (history->builds_by_name, key, NULL, &found))
    return GPOINTER_TO_UINT (found);
  VarvePackageHistoryBuild build = { package, g_strdup (version) };
  g_array_append_val (history->builds, build);
  g_hash_table_insert (history->builds_by_name, g_steal_pointer (&key), GUINT_TO_POINTER (history->builds->len - 1));
  return history->builds->len - 1;
}

static gboolean
history_add_change (VarvePackageHistory *history, guint32 package, guint32 build, GError **error)
{
  VarvePackageHistoryChange change = { package, build };
  if (!history_check_limit (history->changes->len, VARVE_PACKAGE_HISTORY_MAX_CHANGES, "changes", error))
    return FALSE;
  g_array_append_val (history->changes, change);
  if (build == VARVE_PACKAGE_HISTORY_GONE)
    g_hash_table_remove (history->present, GUINT_TO_POINTER (package));
  else
    g_hash_table_add (history->present, GUINT_TO_POINTER (package));
  return TRUE;
}

static gboolean
history_add_set (VarvePackageHistory *history, json_object *set, GError **error)
{
  json_object_object_foreach (set, name, value)
  {
    guint32 package;
    if (!json_object_is_type (value, json_type_string) || json_object_get_string_len (value) == 0)
      return history_fail (error, "version missing, or not a string, of package", name);
    if (!history_find_package (history, name, &package, error)
        || !history_add_change (history, package, history_find_build (history, package, json_object_get_string (value)),
                                error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
history_add_unset (VarvePackageHistory *history, json_object *unset, GError **error)
{
  for (gsize i = 0; unset != NULL && i < json_object_array_length (unset); i++)
    {
      json_object *value = json_object_array_get_idx (unset, i);
      const char *name = json_object_is_type (value, json_type_string) ? json_object_get_string (value) : NULL;
      gpointer package;
      if (name == NULL)
        return history_fail (error, "'unset' has an element that is not a string:", json_object_to_json_string (value));
      if (!g_hash_table_lookup_extended (history->packages_by_name, name, NULL, &package)
          || !g_hash_table_contains (history->present, package))
        return history_fail (error, "'unset' names a package that is not in the previous release:", name);
      if (!history_add_change (history, GPOINTER_TO_UINT (package), VARVE_PACKAGE_HISTORY_GONE, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_release (const char *line, gpointer data, GError **error)
{
  Reading *reading = data;
  VarvePackageHistory *history = reading->history;
  VarvePackageHistoryRelease release = { .is_first = reading->is_first, .first_change = history->changes->len };
  g_autoptr (GBytes) text = g_bytes_new_static (line, strlen (line));
  g_autoptr (json_object) json = varve_json_parse (text, VARVE_LINES_MAX_LINE_BYTES, error);
  if (json == NULL
      || !history_check_limit (history->releases->len, VARVE_PACKAGE_HISTORY_MAX_RELEASES, "releases", error))
    return FALSE;
  if (!json_object_is_type (json, json_type_object))
    return history_fail (error, "expected an object with 'release', 'date', 'set', 'unset', found",
                         json_object_to_json_string (json));
  const char *name = varve_json_get_string (json, "release", error);
  const char *date = name != NULL ? varve_json_get_string (json, "date", error) : NULL;
  json_object *set = date != NULL && varve_lines_parse_date (date, &release.date, error)
                         ? varve_json_get_object (json, "set", error)
                         : NULL;
  json_object *unset;
  if (set == NULL || !varve_json_find (json, "unset", json_type_array, &unset, error))
    return FALSE;
  if (!history_add_unset (history, unset, error) || !history_add_set (history, set, error))
    return FALSE;
  release.name = g_strdup (name);
  release.n_changes = history->changes->len - release.first_change;
  g_array_append_val (history->releases, release);
  reading->is_first = FALSE;
  return TRUE;
}

gboolean
varve_package_history_read (VarvePackageHistory *history, const char *path, GCancellable *cancellable, GError **error)
{
  Reading reading = { history, TRUE };
  g_hash_table_remove_all (history->present);
  if (!varve_lines_read (path, read_release, &reading, cancellable, error))
    return FALSE;
  if (!reading.is_first)
    return TRUE;
  g_autofree char *name = varve_escape (path);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "'%s': no releases: expected a line of JSON for each", name);
  return FALSE;
}
