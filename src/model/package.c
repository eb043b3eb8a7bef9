/* SPDX-License-Identifier: Apache-2.0 */
#include "model/package.h"

#include <string.h>

#include "model/inventory.h"

VarvePackage *
varve_package_new (VarvePackageType type)
{
  VarvePackage *package = g_new0 (VarvePackage, 1);
  package->type = type;
  package->licences = g_ptr_array_new_with_free_func (g_free);
  return package;
}

void
varve_package_free (VarvePackage *package)
{
  g_free (package->name);
  g_free (package->version);
  g_free (package->architecture);
  g_free (package->source_name);
  g_free (package->source_version);
  g_ptr_array_unref (package->licences);
  g_free (package->maintainer);
  g_free (package->vendor);
  g_free (package->homepage);
  g_free (package->summary);
  g_free (package);
}

static gboolean
is_space_or_control (char c)
{
  return (guchar)c <= ' ' || c == 0x7f;
}

/* NULL for a text without characters. */
static char *
clean (const char *text)
{
  g_autofree char *cut = g_strndup (text, VARVE_PACKAGE_FIELD_MAX_BYTES);
  const char *end;
  if (strlen (cut) == VARVE_PACKAGE_FIELD_MAX_BYTES && !g_utf8_validate (cut, -1, &end) && cut + strlen (cut) - end < 4)
    cut[end - cut] = '\0'; /* not in the middle of a character */
  g_autofree char *valid = g_utf8_make_valid (cut, -1);
  g_autoptr (GString) line = g_string_new (NULL);
  for (const char *p = valid; *p != '\0'; p++)
    if (!is_space_or_control (*p))
      g_string_append_c (line, *p);
    else if (line->len > 0 && line->str[line->len - 1] != ' ')
      g_string_append_c (line, ' ');
  if (line->len > 0 && line->str[line->len - 1] == ' ')
    g_string_truncate (line, line->len - 1);
  return line->len > 0 ? g_string_free (g_steal_pointer (&line), FALSE) : NULL;
}

void
varve_package_set (char **field, const char *text)
{
  g_free (*field);
  *field = text != NULL ? clean (text) : NULL;
}

void
varve_package_add_licence (VarvePackage *package, const char *text)
{
  g_autofree char *licence = clean (text);
  if (licence == NULL || package->licences->len >= VARVE_PACKAGE_LICENCES_MAX
      || g_ptr_array_find_with_equal_func (package->licences, licence, g_str_equal, NULL))
    return;
  g_ptr_array_add (package->licences, g_steal_pointer (&licence));
}

int
varve_package_compare (gconstpointer a, gconstpointer b)
{
  const VarvePackage *first = *(VarvePackage *const *)a, *second = *(VarvePackage *const *)b;
  int order = (first->type > second->type) - (first->type < second->type);
  if (order == 0)
    order = g_strcmp0 (first->name, second->name);
  if (order == 0)
    order = g_strcmp0 (first->version, second->version);
  return order != 0 ? order : g_strcmp0 (first->architecture, second->architecture);
}

void
varve_package_list_free (VarvePackageList *list)
{
  g_ptr_array_unref (list->packages);
  g_free (list->of_file);
  g_free (list);
}

const VarvePackage *
varve_package_list_get (const VarvePackageList *list, guint32 index)
{
  g_return_val_if_fail (index < list->packages->len, NULL);
  return g_ptr_array_index (list->packages, index);
}

/* For each index of @packages, the index of the same package in the list. */
static guint32 *
add_sorted (VarvePackageList *list, GPtrArray *packages)
{
  guint32 *new_indices = g_new (guint32, MAX (packages->len, 1));
  g_autoptr (GHashTable) old_indices = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < packages->len; i++)
    g_hash_table_insert (old_indices, packages->pdata[i], GUINT_TO_POINTER (i));
  g_ptr_array_sort (packages, varve_package_compare);
  for (guint i = 0; i < packages->len; i++)
    {
      VarvePackage *package = packages->pdata[i];
      guint last = list->packages->len;
      guint old = GPOINTER_TO_UINT (g_hash_table_lookup (old_indices, package));
      if (last > 0 && varve_package_compare (&list->packages->pdata[last - 1], &package) == 0)
        varve_package_free (package);
      else
        g_ptr_array_add (list->packages, package);
      new_indices[old] = list->packages->len - 1;
    }
  return new_indices;
}

VarvePackageList *
varve_package_list_new (GPtrArray *packages, guint32 *of_file, guint32 n_files)
{
  VarvePackageList *list = g_new0 (VarvePackageList, 1);
  list->packages = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_package_free);
  list->of_file = of_file;
  list->n_files = n_files;
  g_autofree guint32 *new_indices = add_sorted (list, packages);
  g_ptr_array_set_free_func (packages, NULL);
  g_ptr_array_unref (packages);
  for (guint32 i = 0; i < n_files; i++)
    if (of_file[i] != VARVE_NO_INDEX)
      of_file[i] = new_indices[of_file[i]];
  return list;
}
