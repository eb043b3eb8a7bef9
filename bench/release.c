/* SPDX-License-Identifier: Apache-2.0 */
/* Packages are sorted by name once, so that every release is sorted. */
#include "bench/release.h"

#include <string.h>

static const gint64 YEAR_SECONDS = 365 * 24 * 60 * 60;

/* Contents of every release that are no package, with their uncompressed size in a Fedora CoreOS of 2022. */
typedef struct {
  const char *name;
  VarveComponentKind kind;
  guint64 size_bytes;
} Special;

static const Special SPECIALS[] = {
  { VARVE_RELEASE_INITRAMFS, VARVE_COMPONENT_INITRAMFS, 76800000 },
  { VARVE_RELEASE_UNOWNED, VARVE_COMPONENT_UNOWNED, 63900000 },
};

/* A package with the fields that are the same in every release. */
typedef struct {
  VarveReleasePackage template;
  guint32 package; /* in the history; VARVE_PACKAGE_HISTORY_GONE: a special that is in every release */
} Place;

struct _VarveReleases {
  const VarvePackageHistory *history;
  GArray *places;  /* Place, ascending by name */
  guint32 *builds; /* of each package of the history, in the current release */
  guint32 next_release;
  guint32 next_special; /* the next unused build */
  VarveRelease now;
};

static int
compare_places (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Place *)a)->template.name, ((const Place *)b)->template.name);
}

static const Special *
find_special (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (SPECIALS); i++)
    if (strcmp (SPECIALS[i].name, name) == 0)
      return &SPECIALS[i];
  return NULL;
}

static void
releases_add_place (VarveReleases *releases, const VarveComponentsTable *table, const char *name, guint32 package)
{
  const VarveComponentsRow *row = varve_components_table_find (table, name);
  const Special *special = find_special (name);
  Place place = { .package = package };
  place.template = (VarveReleasePackage){
    .name = name,
    .source = row != NULL ? row->source : name,
    .changelog_entries = row != NULL ? row->changelog_entries : VARVE_COMPONENTS_TABLE_UNKNOWN,
    .changelog_times = row != NULL ? row->changelog_times : NULL,
    .size_bytes = table->median_size_bytes,
    .kind = special != NULL ? special->kind : VARVE_COMPONENT_PACKAGE,
  };
  if (row != NULL)
    place.template.size_bytes = row->size_bytes;
  else if (special != NULL)
    place.template.size_bytes = special->size_bytes;
  g_array_append_val (releases->places, place);
}

VarveReleases *
varve_releases_new (const VarvePackageHistory *history, const VarveComponentsTable *table)
{
  VarveReleases *releases = g_new0 (VarveReleases, 1);
  releases->history = history;
  releases->places = g_array_new (FALSE, FALSE, sizeof (Place));
  releases->builds = g_new (guint32, history->names->len);
  releases->next_special = history->builds->len;
  gboolean is_there[G_N_ELEMENTS (SPECIALS)] = { FALSE };
  for (guint32 i = 0; i < history->names->len; i++)
    {
      const char *name = g_ptr_array_index (history->names, i);
      const Special *special = find_special (name);
      if (special != NULL)
        is_there[special - SPECIALS] = TRUE;
      releases_add_place (releases, table, name, i);
    }
  for (guint i = 0; i < G_N_ELEMENTS (SPECIALS); i++)
    if (!is_there[i])
      releases_add_place (releases, table, SPECIALS[i].name, VARVE_PACKAGE_HISTORY_GONE);
  g_array_sort (releases->places, compare_places);
  releases->now.packages = g_new (VarveReleasePackage, releases->places->len);
  return releases;
}

void
varve_releases_free (VarveReleases *releases)
{
  g_array_unref (releases->places);
  g_free (releases->builds);
  g_free (releases->now.packages);
  g_free (releases);
}

static void
releases_apply (VarveReleases *releases, const VarvePackageHistoryRelease *release)
{
  if (release->is_first && releases->history->names->len > 0)
    memset (releases->builds, 0xff,
            releases->history->names->len * sizeof *releases->builds); /* VARVE_PACKAGE_HISTORY_GONE */
  for (guint32 i = 0; i < release->n_changes; i++)
    {
      const VarvePackageHistoryChange *change
          = &g_array_index (releases->history->changes, VarvePackageHistoryChange, release->first_change + i);
      releases->builds[change->package] = change->build;
    }
}

/* The number of entries in the year before the release. */
static guint32
count_entries (const GArray *times, gint64 now)
{
  guint32 n = 0;
  for (guint i = 0; i < times->len; i++)
    {
      gint64 time = g_array_index (times, gint64, i);
      n += time <= now && time > now - YEAR_SECONDS;
    }
  return n;
}

static void
releases_add_package (VarveReleases *releases, const Place *place)
{
  VarveRelease *now = &releases->now;
  VarveReleasePackage *package = &now->packages[now->n_packages];
  guint32 build
      = place->package != VARVE_PACKAGE_HISTORY_GONE ? releases->builds[place->package] : releases->next_special++;
  if (build == VARVE_PACKAGE_HISTORY_GONE)
    return;
  *package = place->template;
  package->build = build;
  if (package->changelog_times != NULL)
    package->changelog_entries = count_entries (package->changelog_times, now->date);
  package->version = place->package != VARVE_PACKAGE_HISTORY_GONE
                         ? g_array_index (releases->history->builds, VarvePackageHistoryBuild, build).version
                         : now->name;
  now->n_packages++;
}

const VarveRelease *
varve_releases_next (VarveReleases *releases)
{
  if (releases->next_release == releases->history->releases->len)
    return NULL;
  const VarvePackageHistoryRelease *release
      = &g_array_index (releases->history->releases, VarvePackageHistoryRelease, releases->next_release++);
  VarveRelease *now = &releases->now;
  now->name = release->name;
  now->date = release->date;
  now->is_first = release->is_first;
  now->n_packages = 0;
  releases_apply (releases, release);
  for (guint i = 0; i < releases->places->len; i++)
    releases_add_package (releases, &g_array_index (releases->places, Place, i));
  return now;
}
