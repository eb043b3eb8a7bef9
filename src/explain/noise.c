/* SPDX-License-Identifier: Apache-2.0 */
/* Assigns each changed file to a component, then decides which components changed without a package update. */
#include "explain/noise.h"

#include <string.h>

#include "chunker/atoms.h"
#include "compose/image-ledger.h"
#include "explain/layer-share.h"
#include "packages/path-glob.h"
#include "packages/specials.h"
#include "packages/uki.h"

enum { PATHS_MAX = 5, PACKED_PERCENT = 90, PACKED_MIN_BYTES = 1 << 20 };
static const char UNOWNED_PREFIX[] = "unowned:/";

/* A path with new content. */
typedef struct {
  const char *path;
  const VarveContentObject *object;
} ChangedFile;

typedef struct {
  const VarveImage *old, *new;
  const VarveComparison *comparison;
  VarveLedger *old_ledger, *new_ledger;
  const VarveComponents *old_components, *new_components; /* NULL without a repository */
  GHashTable *files;                                      /* component's name -> GArray of ChangedFile */
  gboolean kernel_changed;
  VarveNoiseReport *report;
} Search;

static void
search_clear (Search *search)
{
  g_clear_pointer (&search->old_ledger, varve_ledger_free);
  g_clear_pointer (&search->new_ledger, varve_ledger_free);
  g_clear_pointer (&search->files, g_hash_table_unref);
  g_clear_pointer (&search->report, varve_noise_report_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Search, search_clear)

static void
cause_free (gpointer data)
{
  VarveNoiseCause *cause = data;
  g_ptr_array_unref (cause->paths);
  g_free (cause);
}

static void
noise_free (gpointer data)
{
  VarveNoise *noise = data;
  g_free (noise->component);
  g_ptr_array_unref (noise->causes);
  g_free (noise);
}

void
varve_noise_report_free (VarveNoiseReport *report)
{
  g_ptr_array_unref (report->list);
  g_free (report);
}

const char *
varve_noise_kind_to_string (VarveNoiseKind kind)
{
  static const char *const NAMES[] = { "made anew", "unowned", "shared", "same package" };
  return NAMES[kind];
}

/* Owners. */

static gboolean
entry_is_changed (const VarveLedger *before, const VarveLedgerEntry *entry)
{
  const VarveLedgerEntry *old = varve_ledger_find (before, entry->component, entry->subtree);
  return old == NULL || old->digest != entry->digest;
}

static gboolean
is_at_or_below (const char *path, const char *directory)
{
  gsize length = strlen (directory);
  return strncmp (path, directory, length) == 0 && (length == 0 || path[length] == '/' || path[length] == '\0');
}

static gboolean
is_made_anew (const char *component)
{
  return varve_uki_is_component (component) || strcmp (component, "initramfs") == 0
         || strcmp (component, "package-database") == 0 || strcmp (component, "generated") == 0;
}

/* Whether @entry can hold @path, which is of no known cause: packages can hold any. */
static gboolean
can_hold (const VarveLedgerEntry *entry, const char *path)
{
  if (entry->subtree != NULL && !is_at_or_below (path, entry->subtree))
    return FALSE;
  if (g_str_has_prefix (entry->component, UNOWNED_PREFIX))
    return is_at_or_below (path, entry->component + strlen (UNOWNED_PREFIX));
  if (is_made_anew (entry->component))
    return strcmp (entry->component, "generated") == 0 && varve_specials_is_generated (path);
  return TRUE;
}

/* "generated" before the longest unowned directory; neither for a package. */
static gsize
match_rank (const VarveLedgerEntry *entry)
{
  if (strcmp (entry->component, "generated") == 0)
    return G_MAXSIZE;
  return g_str_has_prefix (entry->component, UNOWNED_PREFIX) ? strlen (entry->component) : 0;
}

/* Without a repository: by the path itself, then by the changed components of its layer. NULL where several packages
 * can hold it. */
static const char *
guess_component (const Search *search, const char *path, guint layer)
{
  const VarveLedgerEntry *best = NULL;
  gboolean is_ambiguous = FALSE;
  const VarveKnownCause *known = varve_known_cause_find (path);
  if (known != NULL && known->component != NULL)
    return known->component;
  for (guint32 i = 0; i < search->new_ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (search->new_ledger, i);
      if (layer == 0 || !varve_ledger_entry_is_in (entry, layer - 1) || !entry_is_changed (search->old_ledger, entry)
          || !can_hold (entry, path))
        continue;
      is_ambiguous
          |= best != NULL && match_rank (best) == match_rank (entry) && strcmp (best->component, entry->component) != 0;
      if (best != NULL && match_rank (entry) <= match_rank (best))
        continue;
      is_ambiguous = FALSE;
      best = entry;
    }
  return best != NULL && !is_ambiguous ? best->component : NULL;
}

static const char *
search_owner_of (const Search *search, const char *path, guint layer)
{
  if (search->new_components == NULL)
    return guess_component (search, path, layer);
  guint32 file = varve_inventory_find_file (search->comparison->new_tree.inventory, path);
  return file != VARVE_NO_INDEX
             ? varve_components_get (search->new_components, search->new_components->of_file[file])->name
             : NULL;
}

static void
collect_files (Search *search)
{
  GHashTableIter iter;
  gpointer key, value;
  search->files = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_array_unref);
  g_hash_table_iter_init (&iter, search->comparison->new->paths);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const VarveContentPath *now = value, *before = varve_contents_find_path (search->comparison->old, key);
      if (now->object == NULL
          || (before != NULL && before->object != NULL
              && varve_digest_compare (&before->object->checksum, &now->object->checksum) == 0))
        continue;
      const char *component = search_owner_of (search, key, now->layer);
      if (component == NULL)
        continue;
      GArray *files = g_hash_table_lookup (search->files, component);
      if (files == NULL)
        g_hash_table_insert (search->files, (gpointer)component,
                             files = g_array_new (FALSE, FALSE, sizeof (ChangedFile)));
      g_array_append_vals (files, &(ChangedFile){ key, now->object }, 1);
    }
}

/* Changes of a component. */

static int
compare_files (gconstpointer a, gconstpointer b)
{
  const ChangedFile *left = a, *right = b;
  if (left->object->size_bytes != right->object->size_bytes)
    return left->object->size_bytes > right->object->size_bytes ? -1 : 1;
  return strcmp (left->path, right->path);
}

static int
compare_causes (gconstpointer a, gconstpointer b)
{
  const VarveNoiseCause *left = *(VarveNoiseCause *const *)a, *right = *(VarveNoiseCause *const *)b;
  return (left->raw_bytes < right->raw_bytes) - (left->raw_bytes > right->raw_bytes);
}

static VarveNoiseCause *
noise_find_cause (VarveNoise *noise, const VarveKnownCause *known)
{
  for (guint i = 0; i < noise->causes->len; i++)
    if (((VarveNoiseCause *)noise->causes->pdata[i])->known == known)
      return noise->causes->pdata[i];
  VarveNoiseCause *cause = g_new0 (VarveNoiseCause, 1);
  cause->known = known;
  cause->paths = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (noise->causes, cause);
  return cause;
}

static void
noise_add_causes (VarveNoise *noise, GArray *files)
{
  guint64 raw_bytes = 0, compressed_bytes = 0;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_direct_hash, g_direct_equal);
  g_array_sort (files, compare_files);
  for (guint i = 0; i < files->len; i++)
    {
      const ChangedFile *file = &g_array_index (files, ChangedFile, i);
      VarveNoiseCause *cause = noise_find_cause (noise, varve_known_cause_find (file->path));
      cause->files++;
      if (cause->paths->len < PATHS_MAX)
        {
          g_autofree char *path = g_strconcat ("/", file->path, NULL);
          g_ptr_array_add (cause->paths, g_utf8_make_valid (path, -1));
        }
      if (!g_hash_table_add (seen, (gpointer)file->object))
        continue;
      cause->raw_bytes += file->object->size_bytes;
      cause->compressed_bytes += file->object->compressed_bytes;
      raw_bytes += file->object->size_bytes;
      compressed_bytes += file->object->compressed_bytes;
    }
  g_ptr_array_sort (noise->causes, compare_causes);
  noise->is_packed = raw_bytes >= PACKED_MIN_BYTES && compressed_bytes > raw_bytes / 100 * PACKED_PERCENT;
}

static gboolean
is_downloaded (const Search *search, guint32 layer)
{
  const VarveDigest *digest = &varve_manifest_layer (search->new->manifest, layer + 1)->digest;
  for (guint i = 0; i < search->old->manifest->layers->len; i++)
    if (varve_digest_compare (&varve_manifest_layer (search->old->manifest, i)->digest, digest) == 0)
      return FALSE;
  return TRUE;
}

static guint64
downloaded_bytes (const Search *search, const VarveLedgerEntry *entry)
{
  g_autoptr (GArray) layers = varve_ledger_entry_layers (entry);
  guint64 bytes = 0;
  for (guint i = 0; i < layers->len; i++)
    {
      guint32 layer = g_array_index (layers, VarveLedgerRun, i).layer;
      if (is_downloaded (search, layer))
        bytes += varve_layer_share (search->new_ledger, search->new->manifest, entry, layer);
    }
  return bytes;
}

/* The size of a component's changed atoms in the downloaded layers. */
static guint64
ledger_bytes (const Search *search, const char *component)
{
  guint64 bytes = 0;
  for (guint32 i = 0; i < search->new_ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (search->new_ledger, i);
      if (strcmp (entry->component, component) == 0 && entry_is_changed (search->old_ledger, entry))
        bytes += downloaded_bytes (search, entry);
    }
  return bytes;
}

static void
search_add_noise (Search *search, const char *component, VarveNoiseKind kind)
{
  VarveNoise *noise = g_new0 (VarveNoise, 1);
  GArray *files = g_hash_table_lookup (search->files, component);
  *noise = (VarveNoise){ .component = g_strdup (component),
                         .kind = kind,
                         .size_bytes = ledger_bytes (search, component),
                         .causes = g_ptr_array_new_with_free_func (cause_free) };
  gboolean has_kernel = strcmp (component, "initramfs") == 0 || varve_uki_is_component (component);
  noise->kernel_changed = has_kernel && search->kernel_changed;
  if (files != NULL)
    noise_add_causes (noise, files);
  g_ptr_array_add (search->report->list, noise);
}

/* Components. */

static const VarveComponent *
find_component (const VarveComponents *components, const char *name)
{
  for (guint i = 0; i < components->components->len; i++)
    if (strcmp (varve_components_get (components, i)->name, name) == 0)
      return varve_components_get (components, i);
  return NULL;
}

/* A package with a changed changelog file has changed. */
static gboolean
has_new_changelog (const Search *search, const char *component)
{
  const GArray *files = g_hash_table_lookup (search->files, component);
  for (guint i = 0; i < files->len; i++)
    if (varve_path_glob_match ("usr/share/doc/*/changelog*", g_array_index (files, ChangedFile, i).path))
      return TRUE;
  return FALSE;
}

/* Whether both have the same, known build and change times. */
static gboolean
is_same_package (const Search *search, const VarveComponent *before, const VarveComponent *now)
{
  if (has_new_changelog (search, now->name))
    return FALSE;
  if (before->build_time != now->build_time || before->change_times->len != now->change_times->len)
    return FALSE;
  if (now->build_time == 0 && now->change_times->len == 0)
    return FALSE;
  gsize size_bytes = now->change_times->len * sizeof (gint64);
  return size_bytes == 0 || memcmp (before->change_times->data, now->change_times->data, size_bytes) == 0;
}

static void
judge_by_name (Search *search, const char *component)
{
  if (is_made_anew (component))
    search_add_noise (search, component, VARVE_NOISE_MADE_ANEW);
  else if (strcmp (component, VARVE_ATOM_SHARED) == 0)
    search_add_noise (search, component, VARVE_NOISE_SHARED);
  else if (g_str_has_prefix (component, UNOWNED_PREFIX))
    search_add_noise (search, component, VARVE_NOISE_UNOWNED);
}

static void
judge_by_ledger (Search *search)
{
  const char *last = NULL;
  for (guint32 i = 0; i < search->new_ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (search->new_ledger, i);
      if (entry->layer == VARVE_NO_LAYER || !entry_is_changed (search->old_ledger, entry)
          || g_strcmp0 (entry->component, last) == 0)
        continue;
      judge_by_name (search, entry->component);
      last = entry->component;
    }
}

static void
judge_component (Search *search, const VarveComponent *now)
{
  const VarveComponent *before = find_component (search->old_components, now->name);
  switch (now->kind)
    {
    case VARVE_COMPONENT_INITRAMFS:
    case VARVE_COMPONENT_UKI:
    case VARVE_COMPONENT_PACKAGE_DATABASE:
    case VARVE_COMPONENT_GENERATED:
      search_add_noise (search, now->name, VARVE_NOISE_MADE_ANEW);
      break;
    case VARVE_COMPONENT_UNOWNED:
      search_add_noise (search, now->name, VARVE_NOISE_UNOWNED);
      break;
    default:
      if (before != NULL && is_same_package (search, before, now))
        search_add_noise (search, now->name, VARVE_NOISE_REBUILT);
    }
}

static void
judge_by_owners (Search *search)
{
  for (guint i = 0; i < search->new_components->components->len; i++)
    {
      const VarveComponent *component = varve_components_get (search->new_components, i);
      gboolean has_changed = g_hash_table_contains (search->files, component->name);
      search->kernel_changed |= has_changed && component->kind == VARVE_COMPONENT_KERNEL;
      search->report->knows_packages |= component->build_time > 0;
    }
  for (guint i = 0; i < search->new_components->components->len; i++)
    if (g_hash_table_contains (search->files, varve_components_get (search->new_components, i)->name))
      judge_component (search, varve_components_get (search->new_components, i));
  if (ledger_bytes (search, VARVE_ATOM_SHARED) > 0)
    search_add_noise (search, VARVE_ATOM_SHARED, VARVE_NOISE_SHARED);
}

/* A changed kernel is seen in the folder of its modules. */
static gboolean
has_changed_kernel (const Search *search)
{
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, search->comparison->new->paths);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const VarveContentPath *before = varve_contents_find_path (search->comparison->old, key), *now = value;
      if (g_str_has_prefix (key, "usr/lib/modules/") && g_str_has_suffix (key, "/vmlinuz") && now->object != NULL
          && (before == NULL || before->object == NULL
              || varve_digest_compare (&before->object->checksum, &now->object->checksum) != 0))
        return TRUE;
    }
  return FALSE;
}

static int
compare_noise (gconstpointer a, gconstpointer b)
{
  const VarveNoise *left = *(VarveNoise *const *)a, *right = *(VarveNoise *const *)b;
  if (left->size_bytes != right->size_bytes)
    return left->size_bytes > right->size_bytes ? -1 : 1;
  return strcmp (left->component, right->component);
}

VarveNoiseReport *
varve_noise_find (const VarveImage *old, const VarveImage *new, const VarveComparison *comparison, GError **error)
{
  g_auto (Search) search = {
    .old = old,
    .new = new,
    .comparison = comparison,
    .old_components = comparison->old_tree.components,
    .new_components = comparison->new_tree.components,
  };
  search.report = g_new0 (VarveNoiseReport, 1);
  search.report->list = g_ptr_array_new_with_free_func (noise_free);
  search.old_ledger = varve_image_ledger_read (old->manifest, error);
  search.new_ledger = search.old_ledger != NULL ? varve_image_ledger_read (new->manifest, error) : NULL;
  if (search.new_ledger == NULL)
    return NULL;
  collect_files (&search);
  search.kernel_changed = has_changed_kernel (&search);
  if (search.new_components != NULL)
    judge_by_owners (&search);
  else
    judge_by_ledger (&search);
  g_ptr_array_sort (search.report->list, compare_noise);
  return g_steal_pointer (&search.report);
}

static json_object *
cause_to_json (const VarveNoiseCause *cause)
{
  json_object *json = json_object_new_object (), *paths = json_object_new_array ();
  if (cause->known != NULL)
    {
      varve_json_add_string (json, "culprit", cause->known->name);
      varve_json_add_string (json, "cause", cause->known->cause);
      varve_json_add_string (json, "advice", cause->known->advice);
    }
  varve_json_add_size (json, "files", cause->files);
  varve_json_add_size (json, "raw_bytes", cause->raw_bytes);
  varve_json_add_size (json, "object_bytes", cause->compressed_bytes);
  for (guint i = 0; i < cause->paths->len; i++)
    json_object_array_add (paths, json_object_new_string (cause->paths->pdata[i]));
  json_object_object_add (json, "paths", paths);
  return json;
}

json_object *
varve_noise_to_json (const VarveNoiseReport *report)
{
  json_object *json = json_object_new_array ();
  for (guint i = 0; i < report->list->len; i++)
    {
      const VarveNoise *noise = report->list->pdata[i];
      json_object *object = json_object_new_object (), *causes = json_object_new_array ();
      varve_json_add_string (object, "component", noise->component);
      varve_json_add_string (object, "kind", varve_noise_kind_to_string (noise->kind));
      varve_json_add_size (object, "size_bytes", noise->size_bytes);
      if (noise->kernel_changed)
        json_object_object_add (object, "kernel_changed", json_object_new_boolean (TRUE));
      if (noise->is_packed)
        json_object_object_add (object, "packed_inside", json_object_new_boolean (TRUE));
      for (guint c = 0; c < noise->causes->len; c++)
        json_object_array_add (causes, cause_to_json (noise->causes->pdata[c]));
      json_object_object_add (object, "causes", causes);
      json_object_array_add (json, object);
    }
  return json;
}
