/* SPDX-License-Identifier: Apache-2.0 */
/* A source package updated if the set of its binary packages with their versions differs. Its version is shown; that of
 * the binary packages where only these differ, as after a rebuild. */
#include "release/package-changes.h"

#include <stdlib.h>
#include <string.h>

#include "model/inventory.h"

/* The packages of one source in one image. */
typedef struct {
  GPtrArray *packages; /* const VarvePackage *, sorted */
} Side;

static void
side_free (gpointer data)
{
  Side *side = data;
  g_ptr_array_unref (side->packages);
  g_free (side);
}

static const char *
source_of (const VarvePackage *package)
{
  return package->source_name != NULL ? package->source_name : package->name;
}

/* "deb glibc" -> Side. */
static GHashTable *
group (const VarvePackageList *list)
{
  GHashTable *sides = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, side_free);
  for (guint i = 0; i < list->packages->len; i++)
    {
      const VarvePackage *package = varve_package_list_get (list, i);
      g_autofree char *key = g_strdup_printf ("%d %s", package->type, source_of (package));
      Side *side = g_hash_table_lookup (sides, key);
      if (side == NULL)
        {
          side = g_new0 (Side, 1);
          side->packages = g_ptr_array_new ();
          g_hash_table_insert (sides, g_steal_pointer (&key), side);
        }
      g_ptr_array_add (side->packages, (gpointer)package);
    }
  return sides;
}

static gboolean
has (const Side *side, const VarvePackage *package)
{
  return side != NULL
         && bsearch (&package, side->packages->pdata, side->packages->len, sizeof (gpointer), varve_package_compare)
                != NULL;
}

/* Names that were added once. */
typedef struct {
  GPtrArray *names;
  GHashTable *seen; /* of those in @names */
} Names;

static Names
names_new (void)
{
  return (Names){ g_ptr_array_new_with_free_func (g_free), g_hash_table_new (g_str_hash, g_str_equal) };
}

static void
names_clear (Names *names)
{
  g_ptr_array_unref (names->names);
  g_hash_table_unref (names->seen);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Names, names_clear)

static void
add_name (Names *names, const char *name)
{
  if (g_hash_table_contains (names->seen, name))
    return;
  char *copy = g_strdup (name);
  g_ptr_array_add (names->names, copy);
  g_hash_table_add (names->seen, copy);
}

/* Adds what @side has and @other lacks. */
static void
add_missing (Names *names, const Side *side, const Side *other)
{
  for (guint i = 0; side != NULL && i < side->packages->len; i++)
    if (!has (other, side->packages->pdata[i]))
      add_name (names, ((const VarvePackage *)side->packages->pdata[i])->name);
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

typedef enum {
  VERSION_OF_SOURCE,
  VERSION_OF_PACKAGE,
} VersionOf;

/* Of the packages that @other lacks, or of all where it lacks none. */
static char *
versions (const Side *side, const Side *other, VersionOf which)
{
  gboolean lacks_one = FALSE;
  for (guint i = 0; side != NULL && i < side->packages->len; i++)
    lacks_one = lacks_one || !has (other, side->packages->pdata[i]);
  g_auto (Names) names = names_new ();
  GPtrArray *list = names.names;
  for (guint i = 0; side != NULL && i < side->packages->len; i++)
    {
      const VarvePackage *package = side->packages->pdata[i];
      const char *version
          = which == VERSION_OF_SOURCE && package->source_version != NULL ? package->source_version : package->version;
      if (version != NULL && (!lacks_one || !has (other, package)))
        add_name (&names, version);
    }
  g_ptr_array_sort (list, compare_strings);
  g_ptr_array_add (list, NULL);
  return list->len > 1 ? g_strjoinv (", ", (char **)list->pdata) : NULL;
}

static void
set_versions (VarvePackageChange *change, const Side *old, const Side *new)
{
  change->old_version = versions (old, new, VERSION_OF_SOURCE);
  change->new_version = versions (new, old, VERSION_OF_SOURCE);
  if (change->kind != VARVE_PACKAGE_UPDATED || g_strcmp0 (change->old_version, change->new_version) != 0)
    return;
  g_free (change->old_version);
  g_free (change->new_version);
  change->old_version = versions (old, new, VERSION_OF_PACKAGE);
  change->new_version = versions (new, old, VERSION_OF_PACKAGE);
}

/* Source package -> guint64 *: bytes. A component of the ledger is the source package, or "NAME:/SUBTREE". */
static GHashTable *
find_downloads (const VarveDiff *diff)
{
  GHashTable *downloads = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < diff->layers->len; i++)
    {
      const GPtrArray *changed = varve_diff_layer (diff, i)->changed;
      for (guint j = 0; j < changed->len; j++)
        {
          const VarveDiffComponent *component = changed->pdata[j];
          const char *subtree = strstr (component->name, ":/");
          g_autofree char *source = subtree != NULL ? g_strndup (component->name, (gsize)(subtree - component->name))
                                                    : g_strdup (component->name);
          guint64 *bytes = g_hash_table_lookup (downloads, source);
          if (bytes == NULL)
            g_hash_table_insert (downloads, g_steal_pointer (&source), bytes = g_new0 (guint64, 1));
          *bytes += component->size_bytes;
        }
    }
  return downloads;
}

static void
change_free (gpointer data)
{
  VarvePackageChange *change = data;
  g_free (change->source);
  g_free (change->old_version);
  g_free (change->new_version);
  g_ptr_array_unref (change->packages);
  g_free (change);
}

static void
add_change (GPtrArray *changes, const Side *old, const Side *new, GHashTable *downloads)
{
  g_auto (Names) names = names_new ();
  add_missing (&names, new, old);
  add_missing (&names, old, new);
  if (names.names->len == 0)
    return;
  const Side *known = new != NULL ? new : old;
  VarvePackageChange *change = g_new0 (VarvePackageChange, 1);
  change->kind = old == NULL ? VARVE_PACKAGE_ADDED : new == NULL ? VARVE_PACKAGE_REMOVED : VARVE_PACKAGE_UPDATED;
  change->source = g_strdup (source_of (known->packages->pdata[0]));
  change->packages = g_ptr_array_ref (names.names);
  const guint64 *bytes = g_hash_table_lookup (downloads, change->source);
  change->size_bytes = bytes != NULL ? *bytes : 0;
  g_ptr_array_sort (change->packages, compare_strings);
  set_versions (change, old, new);
  g_ptr_array_add (changes, change);
}

static int
compare_changes (gconstpointer a, gconstpointer b)
{
  const VarvePackageChange *first = *(VarvePackageChange *const *)a, *second = *(VarvePackageChange *const *)b;
  if (first->kind != second->kind)
    return first->kind < second->kind ? -1 : 1;
  if (first->size_bytes != second->size_bytes)
    return first->size_bytes > second->size_bytes ? -1 : 1;
  int order = strcmp (first->source, second->source);
  return order != 0 ? order : g_strcmp0 (first->new_version, second->new_version);
}

GPtrArray *
varve_package_changes_find (const VarvePackageList *old, const VarvePackageList *new, const VarveDiff *diff)
{
  g_autoptr (GHashTable) old_sides = group (old), new_sides = group (new), downloads = find_downloads (diff);
  GPtrArray *changes = g_ptr_array_new_with_free_func (change_free);
  GHashTableIter iter;
  gpointer key, side;
  g_hash_table_iter_init (&iter, new_sides);
  while (g_hash_table_iter_next (&iter, &key, &side))
    add_change (changes, g_hash_table_lookup (old_sides, key), side, downloads);
  g_hash_table_iter_init (&iter, old_sides);
  while (g_hash_table_iter_next (&iter, &key, &side))
    if (!g_hash_table_contains (new_sides, key))
      add_change (changes, side, NULL, downloads);
  g_ptr_array_sort (changes, compare_changes);
  return changes;
}
