/* SPDX-License-Identifier: Apache-2.0 */
/* Decides which components become packages of the history, and which day is the version of a package. */
#include "bench/dated-history.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "bench/package-history.h"
#include "bench/release.h"
#include "chunker/fixed.h"
#include "ostree/repo.h"
#include "ostree/walk.h"
#include "rootfs/input.h"

enum { DAY_SECONDS = 24 * 60 * 60, DEFAULT_DAYS = 2 * 365 };

/* A component that becomes a package of the history. */
typedef struct {
  const VarveComponent *component;
  guint64 size_bytes;
  GArray *days; /* gint64, ascending: when it changed, days since 1970; empty where that is not known */
  guint next;   /* the first of the days that the current release does not reach */
} Package;

typedef struct {
  GArray *packages;                          /* Package, by name */
  guint64 initramfs_bytes, unpackaged_bytes; /* of what counts as changed in every release */
} System;

static void
package_clear (gpointer data)
{
  g_array_unref (((Package *)data)->days);
}

static void
system_clear (System *system)
{
  g_clear_pointer (&system->packages, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (System, system_clear)

static void
package_add_day (Package *package, gint64 time)
{
  gint64 day = time / DAY_SECONDS;
  guint n = package->days->len;
  if (n == 0 || g_array_index (package->days, gint64, n - 1) != day)
    g_array_append_val (package->days, day);
}

/* As estimates of change read a component's past: its changes, or its build where none is known. */
static void
package_read_days (Package *package)
{
  const VarveComponent *component = package->component;
  package->days = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < component->change_times->len; i++)
    package_add_day (package, g_array_index (component->change_times, gint64, i));
  if (component->change_times->len == 0 && component->build_time > 0)
    package_add_day (package, component->build_time);
}

/* A replay takes packages of two names for what changes in every release. */
static gboolean
is_package (const VarveComponent *component)
{
  gboolean is_of_kind = component->kind == VARVE_COMPONENT_PACKAGE || component->kind == VARVE_COMPONENT_EXCLUSIVE
                        || component->kind == VARVE_COMPONENT_KERNEL;
  return is_of_kind && strcmp (component->name, VARVE_RELEASE_INITRAMFS) != 0
         && strcmp (component->name, VARVE_RELEASE_UNOWNED) != 0;
}

/* An object with several paths counts for the component of the first, as in a plan. */
static guint64 *
sum_bytes (const VarveInventory *inventory, const VarveComponents *components)
{
  guint64 *bytes = g_new0 (guint64, components->components->len);
  for (guint32 i = 0; i < inventory->n_objects; i++)
    {
      const VarveObject *object = &inventory->objects[i];
      guint64 *sum = &bytes[components->of_file[object->first_file]];
      *sum = varve_saturating_add (*sum, object->size_bytes);
    }
  return bytes;
}

static void
system_read (System *system, const VarveInventory *inventory, const VarveComponents *components)
{
  g_autofree guint64 *bytes = sum_bytes (inventory, components);
  system->packages = g_array_new (FALSE, FALSE, sizeof (Package));
  g_array_set_clear_func (system->packages, package_clear);
  for (guint32 i = 0; i < components->components->len; i++)
    {
      const VarveComponent *component = varve_components_get (components, i);
      Package package = { .component = component, .size_bytes = MIN (bytes[i], VARVE_COMPONENTS_TABLE_MAX_BYTES) };
      if (component->kind == VARVE_COMPONENT_INITRAMFS)
        system->initramfs_bytes = varve_saturating_add (system->initramfs_bytes, bytes[i]);
      else if (!is_package (component))
        system->unpackaged_bytes = varve_saturating_add (system->unpackaged_bytes, bytes[i]);
      else
        {
          package_read_days (&package);
          g_array_append_val (system->packages, package);
        }
    }
}

static char *
format_day (gint64 day)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (day * DAY_SECONDS);
  return g_date_time_format (date, "%Y-%m-%d");
}

static void
write_row (GString *table, const char *name, guint64 size_bytes, const GArray *days)
{
  g_string_append_printf (table, "%s\t%s\t%" G_GUINT64_FORMAT "\t", name, name, size_bytes);
  for (guint i = days != NULL ? days->len : 0; i > 0; i--)
    {
      g_autofree char *date = format_day (g_array_index (days, gint64, i - 1));
      g_string_append_printf (table, "%s%s", date, i > 1 ? "," : "");
    }
  g_string_append_c (table, '\n');
}

static void
write_table (const System *system, GString *table)
{
  g_string_append (table, "name\tsource\tbytes\tchangelog_dates\n");
  for (guint i = 0; i < system->packages->len; i++)
    {
      const Package *package = &g_array_index (system->packages, Package, i);
      write_row (table, package->component->name, package->size_bytes, package->days);
    }
  write_row (table, VARVE_RELEASE_INITRAMFS, MIN (system->initramfs_bytes, VARVE_COMPONENTS_TABLE_MAX_BYTES), NULL);
  write_row (table, VARVE_RELEASE_UNOWNED, MIN (system->unpackaged_bytes, VARVE_COMPONENTS_TABLE_MAX_BYTES), NULL);
}

/* The version that the package has on @day. */
static char *
package_version (const Package *package)
{
  return package->days->len > 0 ? format_day (g_array_index (package->days, gint64, MAX (package->next, 1) - 1))
                                : g_strdup ("undated");
}

/* Moves on to @day; whether the version changes. */
static gboolean
package_advance (Package *package, gint64 day)
{
  guint before = MAX (package->next, 1);
  while (package->next < package->days->len && g_array_index (package->days, gint64, package->next) <= day)
    package->next++;
  return MAX (package->next, 1) != before;
}

static void
write_release (System *system, gint64 day, gboolean is_first, GString *releases)
{
  g_autoptr (json_object) release = json_object_new_object ();
  json_object *set = json_object_new_object ();
  g_autofree char *date = format_day (day);
  for (guint i = 0; i < system->packages->len; i++)
    {
      Package *package = &g_array_index (system->packages, Package, i);
      gboolean is_changed = package_advance (package, day);
      g_autofree char *version = package_version (package);
      if (is_first || is_changed)
        varve_json_add_string (set, package->component->name, version);
    }
  varve_json_add_string (release, "release", date);
  varve_json_add_string (release, "date", date);
  json_object_object_add (release, "set", set);
  json_object_object_add (release, "unset", json_object_new_array ());
  g_string_append_printf (
      releases, "%s\n",
      json_object_to_json_string_ext (release, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

/* Days since 1970 of the first and the last release. */
typedef struct {
  gint64 first, last;
} Span;

static gint64
newest_day (const System *system)
{
  gint64 newest = -1;
  for (guint i = 0; i < system->packages->len; i++)
    {
      const GArray *days = g_array_index (system->packages, Package, i).days;
      if (days->len > 0)
        newest = MAX (newest, g_array_index (days, gint64, days->len - 1));
    }
  return newest;
}

static gboolean
choose_span (const System *system, const VarveDatedHistoryOptions *options, Span *out_span, GError **error)
{
  gboolean has_first = options->since != VARVE_DATED_HISTORY_NO_DATE;
  gboolean has_last = options->until != VARVE_DATED_HISTORY_NO_DATE;
  gint64 newest = newest_day (system), last = has_last ? options->until / DAY_SECONDS : newest;
  gint64 first = has_first ? options->since / DAY_SECONDS : last - DEFAULT_DAYS;
  if (newest < 0)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND,
                   "no history: of %u packages in the package databases, none has a date", system->packages->len);
      return FALSE;
    }
  if (first > last)
    {
      g_autofree char *first_date = format_day (first), *last_date = format_day (last);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "no release from %s to %s: expected a later end", first_date,
                   last_date);
      return FALSE;
    }
  if ((last - first) / options->interval_days >= VARVE_PACKAGE_HISTORY_MAX_RELEASES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than %u releases: use a longer interval",
                   VARVE_PACKAGE_HISTORY_MAX_RELEASES);
      return FALSE;
    }
  *out_span = (Span){ first, last };
  return TRUE;
}

VarveDatedHistory *
varve_dated_history_new (const VarveInventory *inventory, const VarveComponents *components,
                         const VarveDatedHistoryOptions *options, GError **error)
{
  g_return_val_if_fail (options->interval_days > 0, NULL);
  g_return_val_if_fail (components->n_files == inventory->n_files, NULL);
  g_auto (System) system = { 0 };
  Span span;
  system_read (&system, inventory, components);
  if (!choose_span (&system, options, &span, error))
    return NULL;
  VarveDatedHistory *history = g_new0 (VarveDatedHistory, 1);
  history->releases = g_string_new (NULL);
  history->components = g_string_new (NULL);
  history->n_packages = system.packages->len;
  for (guint i = 0; i < system.packages->len; i++)
    history->n_undated += g_array_index (system.packages, Package, i).days->len == 0;
  write_table (&system, history->components);
  for (gint64 day = span.first; day <= span.last; day += options->interval_days)
    write_release (&system, day, history->n_releases++ == 0, history->releases);
  return history;
}

void
varve_dated_history_free (VarveDatedHistory *history)
{
  g_string_free (history->releases, TRUE);
  g_string_free (history->components, TRUE);
  g_free (history);
}

static VarveDatedHistory *
read_commit (const VarveDatedSystem *system, const VarveDatedHistoryOptions *options, VarveObserver *observer,
             GCancellable *cancellable, GError **error)
{
  VarveDigest checksum;
  g_autoptr (VarveRepo) repo = varve_repo_open (system->repo_path, cancellable, error);
  if (repo == NULL || !varve_repo_resolve (repo, system->ref, &checksum, error))
    return NULL;
  g_autoptr (VarveInventory) inventory = varve_walk (repo, &checksum, system->jobs, observer, cancellable, error);
  if (inventory == NULL)
    return NULL;
  g_autoptr (VarveComponents) components
      = varve_owners_read (inventory, varve_repo_source (repo), &system->owners, observer, cancellable, error);
  return components != NULL ? varve_dated_history_new (inventory, components, options, error) : NULL;
}

static VarveDatedHistory *
read_tree (const VarveDatedSystem *system, const VarveDatedHistoryOptions *options, VarveObserver *observer,
           GCancellable *cancellable, GError **error)
{
  VarveInputOptions input_options = VARVE_INPUT_OPTIONS_INIT;
  input_options.rootfs.path = system->rootfs_path;
  input_options.is_plain = TRUE; /* such a tree need not be one that boots */
  g_autoptr (VarveInput) input
      = varve_input_open (&input_options, &system->owners, system->jobs, observer, cancellable, error);
  return input != NULL ? varve_dated_history_new (input->inventory, input->components, options, error) : NULL;
}

VarveDatedHistory *
varve_dated_history_read (const VarveDatedSystem *system, const VarveDatedHistoryOptions *options,
                          VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail ((system->rootfs_path == NULL) != (system->ref == NULL), NULL);
  return system->rootfs_path != NULL ? read_tree (system, options, observer, cancellable, error)
                                     : read_commit (system, options, observer, cancellable, error);
}
