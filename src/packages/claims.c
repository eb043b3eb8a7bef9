/* SPDX-License-Identifier: Apache-2.0 */
/* Collected times repeat, because the packages of one source share a changelog; they are trimmed when they get many. */
#include "packages/claims.h"

#include <string.h>

#include "base/fasthash.h"

enum { CHANGES_COLLECTED_MAX = 8 * VARVE_CHANGES_MAX };

#define YEAR_10000 G_GINT64_CONSTANT (253402300800)

typedef struct {
  char *name;
  VarveComponentKind kind;
  gint64 build_time;
  GArray *changes; /* gint64 */
} Component;

struct _VarveClaims {
  const VarveInventory *inventory;
  GPtrArray *components; /* Component */
  GHashTable *by_name;   /* name -> index + 1 */
  guint32 *owners;       /* for each file */
  guint32 *packages;     /* for each file: the component of the package that contains it */
  guint32 *weak_owners;
  guint8 *databases; /* for each file: the database that its owner is from */
  guint8 database;
  GPtrArray *records;      /* VarvePackage; NULL: packages are not recorded */
  guint32 *record_of_file; /* for each file: the index of its package there */
};

static void
component_free (gpointer data)
{
  Component *component = data;
  g_free (component->name);
  g_array_unref (component->changes);
  g_free (component);
}

static guint32 *
new_owners (guint32 n_files)
{
  guint32 *owners = g_new (guint32, n_files);
  if (n_files > 0) /* without files there is no array */
    memset (owners, 0xff, n_files * sizeof *owners);
  return owners;
}

VarveClaims *
varve_claims_new (const VarveInventory *inventory)
{
  VarveClaims *claims = g_new0 (VarveClaims, 1);
  *claims = (VarveClaims){
    .inventory = inventory,
    .components = g_ptr_array_new_with_free_func (component_free),
    .by_name = g_hash_table_new (varve_fasthash_string, g_str_equal),
    .owners = new_owners (inventory->n_files),
    .packages = new_owners (inventory->n_files),
    .weak_owners = new_owners (inventory->n_files),
    .databases = g_new0 (guint8, inventory->n_files),
  };
  return claims;
}

void
varve_claims_free (VarveClaims *claims)
{
  g_hash_table_unref (claims->by_name);
  g_ptr_array_unref (claims->components);
  g_free (claims->owners);
  g_free (claims->packages);
  g_free (claims->weak_owners);
  g_free (claims->databases);
  g_clear_pointer (&claims->records, g_ptr_array_unref);
  g_free (claims->record_of_file);
  g_free (claims);
}

static Component *
claims_get (const VarveClaims *claims, guint32 component)
{
  return g_ptr_array_index (claims->components, component);
}

static guint32
claims_add (VarveClaims *claims, const char *name, VarveComponentKind kind)
{
  Component *component = g_new0 (Component, 1);
  component->name = g_strdup (name);
  component->kind = kind;
  component->changes = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_ptr_array_add (claims->components, component);
  g_hash_table_insert (claims->by_name, component->name, GUINT_TO_POINTER (claims->components->len));
  return claims->components->len - 1;
}

/* Which kind a name gets that is asked for with several kinds: the greatest weight. 0: such a kind never shares a name.
 */
static guint
kind_weight (VarveComponentKind kind)
{
  switch (kind)
    {
    case VARVE_COMPONENT_EXCLUSIVE:
      return 3;
    case VARVE_COMPONENT_KERNEL:
      return 2;
    case VARVE_COMPONENT_PACKAGE:
      return 1;
    default:
      return 0;
    }
}

guint32
varve_claims_component (VarveClaims *claims, const char *name, VarveComponentKind kind)
{
  gpointer value = g_hash_table_lookup (claims->by_name, name);
  if (value == NULL)
    return claims_add (claims, name, kind);
  guint32 index = GPOINTER_TO_UINT (value) - 1;
  Component *known = claims_get (claims, index);
  gboolean is_same = known->kind == kind || (kind_weight (known->kind) > 0 && kind_weight (kind) > 0)
                     || known->kind == VARVE_COMPONENT_EXCLUSIVE || kind == VARVE_COMPONENT_EXCLUSIVE;
  if (is_same)
    {
      if (kind_weight (kind) > kind_weight (known->kind))
        known->kind = kind;
      return index;
    }
  g_autofree char *qualified = g_strdup_printf ("%s (%s)", name, varve_component_kind_to_string (kind));
  return varve_claims_component (claims, qualified, kind);
}

gboolean
varve_claims_has_components (const VarveClaims *claims)
{
  return claims->components->len > 0;
}

VarveComponentKind
varve_claims_kind (const VarveClaims *claims, guint32 component)
{
  return claims_get (claims, component)->kind;
}

const char *
varve_claims_name (const VarveClaims *claims, guint32 component)
{
  return claims_get (claims, component)->name;
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  gint64 first = *(const gint64 *)a, second = *(const gint64 *)b;
  return (first < second) - (first > second);
}

/* Keeps the newest, each once. */
static void
trim_changes (GArray *changes)
{
  g_array_sort (changes, compare_newest_first);
  guint n = 0;
  for (guint i = 0; i < changes->len && n < VARVE_CHANGES_MAX; i++)
    {
      gint64 time = g_array_index (changes, gint64, i);
      if (n == 0 || g_array_index (changes, gint64, n - 1) != time)
        g_array_index (changes, gint64, n++) = time;
    }
  g_array_set_size (changes, n);
}

static gboolean
is_time (gint64 time)
{
  return time >= 1 && time < YEAR_10000;
}

void
varve_claims_add_change (VarveClaims *claims, guint32 component, gint64 time)
{
  if (!is_time (time))
    return;
  GArray *changes = claims_get (claims, component)->changes;
  g_array_append_val (changes, time);
  if (changes->len >= CHANGES_COLLECTED_MAX)
    trim_changes (changes);
}

void
varve_claims_add_build (VarveClaims *claims, guint32 component, gint64 time)
{
  if (!is_time (time))
    return;
  Component *known = claims_get (claims, component);
  known->build_time = MAX (known->build_time, time);
}

void
varve_claims_record_packages (VarveClaims *claims)
{
  claims->records = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_package_free);
  claims->record_of_file = new_owners (claims->inventory->n_files);
}

gboolean
varve_claims_records_packages (const VarveClaims *claims)
{
  return claims->records != NULL;
}

void
varve_claims_begin_package (VarveClaims *claims, VarvePackage *package)
{
  g_return_if_fail (claims->records != NULL);
  if (package->name == NULL)
    package->name = g_strdup ("unnamed");
  g_ptr_array_add (claims->records, package);
}

VarvePackageList *
varve_claims_take_packages (VarveClaims *claims)
{
  if (claims->records == NULL)
    return NULL;
  return varve_package_list_new (g_steal_pointer (&claims->records), g_steal_pointer (&claims->record_of_file),
                                 claims->inventory->n_files);
}

/* Of the binary packages of one component that have the file, the first by name gets it. */
static void
record_file (VarveClaims *claims, guint32 file, gboolean is_new_owner)
{
  if (claims->records == NULL || claims->records->len == 0)
    return;
  guint32 *known = &claims->record_of_file[file];
  guint32 last = claims->records->len - 1;
  gboolean is_better = is_new_owner || *known == VARVE_NO_INDEX
                       || varve_package_compare (&claims->records->pdata[last], &claims->records->pdata[*known]) < 0;
  if (is_better)
    *known = last;
}

void
varve_claims_begin_database (VarveClaims *claims)
{
  claims->database++;
}

void
varve_claims_own (VarveClaims *claims, guint32 component, guint32 file)
{
  g_return_if_fail (component < claims->components->len && file < claims->inventory->n_files);
  guint32 owner = claims->owners[file];
  gboolean is_better = owner == VARVE_NO_INDEX
                       || (claims->databases[file] == claims->database
                           && strcmp (claims_get (claims, component)->name, claims_get (claims, owner)->name) < 0);
  if (is_better || (owner == component && claims->databases[file] == claims->database))
    record_file (claims, file, is_better);
  if (!is_better)
    return;
  claims->owners[file] = component;
  claims->packages[file] = component;
  claims->databases[file] = claims->database;
}

void
varve_claims_own_weakly (VarveClaims *claims, guint32 component, guint32 file)
{
  g_return_if_fail (component < claims->components->len && file < claims->inventory->n_files);
  guint32 owner = claims->weak_owners[file];
  if (owner == VARVE_NO_INDEX || strcmp (claims_get (claims, component)->name, claims_get (claims, owner)->name) < 0)
    claims->weak_owners[file] = component;
}

void
varve_claims_settle (VarveClaims *claims)
{
  for (guint32 i = 0; i < claims->inventory->n_files; i++)
    if (claims->owners[i] == VARVE_NO_INDEX)
      claims->owners[i] = claims->weak_owners[i];
}

void
varve_claims_assign (VarveClaims *claims, guint32 component, guint32 file)
{
  g_return_if_fail (component < claims->components->len && file < claims->inventory->n_files);
  claims->owners[file] = component;
}

guint32
varve_claims_owner (const VarveClaims *claims, guint32 file)
{
  return claims->owners[file];
}

gboolean
varve_claims_is_free (const VarveClaims *claims, guint32 file)
{
  return claims->owners[file] == VARVE_NO_INDEX;
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (claims_get (data, *(const guint32 *)a)->name, claims_get (data, *(const guint32 *)b)->name);
}

/* The indices of the components that have a file, by name. */
static GArray *
list_used (VarveClaims *claims)
{
  g_autofree guint8 *is_used = g_new0 (guint8, claims->components->len);
  for (guint32 i = 0; i < claims->inventory->n_files; i++)
    is_used[claims->owners[i]] = 1;
  GArray *used = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 i = 0; i < claims->components->len; i++)
    if (is_used[i])
      g_array_append_val (used, i);
  g_array_sort_with_data (used, compare_names, claims);
  return used;
}

/* Also where the file was assigned to another component later. */
static gint64
build_time_of (const VarveClaims *claims, guint32 file)
{
  guint32 package = claims->packages[file];
  return package != VARVE_NO_INDEX ? claims_get (claims, package)->build_time : 0;
}

static void
copy_component (VarveComponents *components, Component *from)
{
  guint32 index = varve_components_add (components, from->name, from->kind);
  VarveComponent *component = varve_components_get (components, index);
  component->build_time = from->build_time;
  trim_changes (from->changes);
  for (guint i = from->changes->len; i > 0; i--)
    varve_component_add_change (component, g_array_index (from->changes, gint64, i - 1));
}

VarveComponents *
varve_claims_finish (VarveClaims *claims)
{
  for (guint32 i = 0; i < claims->inventory->n_files; i++)
    g_return_val_if_fail (claims->owners[i] != VARVE_NO_INDEX, NULL);
  VarveComponents *components = varve_components_new (claims->inventory->n_files);
  g_autoptr (GArray) used = list_used (claims);
  g_autofree guint32 *new_indices = g_new0 (guint32, claims->components->len);
  for (guint32 i = 0; i < used->len; i++)
    {
      guint32 index = g_array_index (used, guint32, i);
      new_indices[index] = i;
      copy_component (components, claims_get (claims, index));
    }
  for (guint32 i = 0; i < claims->inventory->n_files; i++)
    {
      components->of_file[i] = new_indices[claims->owners[i]];
      components->built_of_file[i] = build_time_of (claims, i);
    }
  return components;
}
