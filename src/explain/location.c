/* SPDX-License-Identifier: Apache-2.0 */
/* Finds a component by the ledger, a path by a repository or the layers, and states the reasons for its layer. */
#include "explain/location.h"

#include <string.h>

#include "base/error.h"
#include "base/rfc3339.h"
#include "chunker/atoms.h"
#include "chunker/fixed.h"
#include "compose/annotations.h"
#include "compose/image-ledger.h"
#include "emit/ostree-tar.h"
#include "explain/compared-times.h"
#include "explain/contents.h"
#include "explain/image-commit.h"
#include "explain/layer-share.h"
#include "explain/plain-places.h"
#include "model/image-keys.h"
#include "packages/uki.h"
#include "rootfs/owned-tree.h"
#include "verify/verify-plain.h"

enum { TOGETHER_MIN_CHANGES = 3, TOGETHER_MIN_PERCENT = 75 };

typedef struct {
  const VarveLocationOptions *options;
  VarveLedger *ledger;
  GPtrArray *locations;
} Search;

static void
search_clear (Search *search)
{
  g_clear_pointer (&search->ledger, varve_ledger_free);
  g_clear_pointer (&search->locations, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Search, search_clear)

static void
location_free (gpointer data)
{
  VarveLocation *location = data;
  g_free (location->path);
  g_free (location->component);
  g_ptr_array_unref (location->neighbours);
  g_array_unref (location->changes);
  g_array_unref (location->other_layers);
  g_ptr_array_unref (location->reasons);
  g_free (location);
}

/* Reasons. */

static void G_GNUC_PRINTF (2, 3) location_add_reason (VarveLocation *location, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_ptr_array_add (location->reasons, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* Per million bytes, so that large and small components are comparable. */
static double
risk_per_mb (guint32 probability, guint64 size_bytes)
{
  double risk = (double)varve_fixed_risk (probability) / (double)VARVE_FIXED_ONE;
  return risk * 1e6 / (double)MAX (size_bytes, 1);
}

static gboolean
is_in_layer (const VarveLedgerEntry *entry, const VarveLocation *location)
{
  return location->layer > 0 && varve_ledger_entry_is_in (entry, location->layer - 1);
}

static void
explain_group (const Search *search, VarveLocation *location, const VarveLedgerEntry *self)
{
  if (location->probability < 0)
    {
      location_add_reason (location, "with %u others of a similar risk per byte", location->neighbours->len);
      return;
    }
  double own = risk_per_mb ((guint32)location->probability, self->size_bytes), least = own, most = own;
  for (guint32 i = 0; i < search->ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (search->ledger, i);
      if (!is_in_layer (entry, location) || entry->probability == VARVE_LEDGER_NO_PROBABILITY)
        continue;
      double risk = risk_per_mb (entry->probability, entry->size_bytes);
      least = MIN (least, risk);
      most = MAX (most, risk);
    }
  location_add_reason (location,
                       "with %u others of a similar risk per byte: %.2f %% per MB, in this layer from %.2f to %.2f %%",
                       location->neighbours->len, own * 100, least * 100, most * 100);
}

static void
explain_together (const Search *search, VarveLocation *location, const VarveLedgerEntry *self)
{
  guint n_changes = varve_events_count (self->changed), n_together = 0;
  g_autofree char *name = NULL;
  for (guint32 i = 0; n_changes >= TOGETHER_MIN_CHANGES && i < search->ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (search->ledger, i);
      guint both = is_in_layer (entry, location) && entry != self
                       ? varve_events_count (varve_events_both (entry->changed, self->changed))
                       : 0;
      if (both <= n_together)
        continue;
      n_together = both;
      g_free (name);
      name = varve_ledger_entry_name (entry);
    }
  if (name != NULL && n_together * 100 >= n_changes * TOGETHER_MIN_PERCENT)
    location_add_reason (location, "%s changed in %u of the %u builds that changed it", name, n_together, n_changes);
}

static void
explain_alone (VarveLocation *location, const VarveLedgerEntry *entry)
{
  gboolean is_made_anew = varve_uki_is_component (entry->component) || strcmp (entry->component, "initramfs") == 0
                          || strcmp (entry->component, "package-database") == 0
                          || strcmp (entry->component, "generated") == 0;
  if (is_made_anew)
    location_add_reason (location,
                         "alone: most builds change it, and components in the same layer would be downloaded with it");
  else
    location_add_reason (location,
                         "alone: a change of any other component in its layer would make hosts download its %.1f MB "
                         "again, and its own changes would do so for the others",
                         (double)location->size_bytes / 1e6);
}

static char *
join_layers (const GArray *layers)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < layers->len; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? ", " : "", g_array_index (layers, guint, i));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
explain_part (VarveLocation *location)
{
  g_autofree char *others = join_layers (location->other_layers);
  location_add_reason (location,
                       "its other files are in layer%s %s: a layer of which little changed is kept, and the files that "
                       "changed go into a new one",
                       location->other_layers->len == 1 ? "" : "s", others);
}

static void
explain_location (const Search *search, VarveLocation *location, const VarveLedgerEntry *entry)
{
  if (strcmp (entry->component, VARVE_ATOM_SHARED) == 0)
    location_add_reason (location, "small files that several packages share, kept apart so that one package's update "
                                   "does not change another's layer");
  if (entry->subtree != NULL)
    location_add_reason (
        location,
        "a part of %s: files below /%s change at other times than the rest, or are large enough for their own layer",
        entry->component, entry->subtree);
  if (location->other_layers->len > 0)
    explain_part (location);
  if (location->neighbours->len == 0 && location->other_layers->len == 0)
    explain_alone (location, entry);
  else if (location->neighbours->len > 0)
    explain_group (search, location, entry);
  explain_together (search, location, entry);
  if (location->stale.n_objects > 0)
    location_add_reason (location,
                         "this layer is kept although a part of it is not needed any more, so that hosts need not "
                         "download the rest again");
  if (location->quiet_steps > 0)
    location_add_reason (location,
                         "nothing in this layer changed in the last %u build%s; it is kept until more than a little of "
                         "it does",
                         location->quiet_steps, location->quiet_steps == 1 ? "" : "s");
}

/* Locations. */

static VarveLocation *
search_add_location (Search *search, guint layer)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (search->options->image->manifest, layer);
  const char *probability = varve_descriptor_annotation (descriptor, VARVE_ANNOTATION_PROBABILITY);
  VarveLocation *location = g_new0 (VarveLocation, 1);
  *location = (VarveLocation){
    .layer = layer,
    .digest = descriptor->digest,
    .layer_bytes = descriptor->size_bytes,
    .layer_probability = probability != NULL ? varve_probability_from_string (probability) : -1,
    .neighbours = g_ptr_array_new_with_free_func (g_free),
    .changes = g_array_new (FALSE, FALSE, sizeof (gint64)),
    .other_layers = g_array_new (FALSE, FALSE, sizeof (guint)),
    .reasons = g_ptr_array_new_with_free_func (g_free),
  };
  if (!varve_stale_declared (descriptor, &location->stale, NULL))
    location->stale = (VarveStale){ 0 };
  g_ptr_array_add (search->locations, location);
  return location;
}

static void
search_add_neighbours (const Search *search, VarveLocation *location, const VarveLedgerEntry *self)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (search->options->image->manifest, location->layer);
  /* Of a layer with stale objects, the ledger does not say when they became that. */
  location->quiet_steps = varve_stale_is_declared (descriptor) ? 0 : varve_ledger_n_steps (search->ledger);
  for (guint32 i = 0; i < search->ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (search->ledger, i);
      if (!is_in_layer (entry, location))
        continue;
      guint quiet = 0;
      while (quiet < location->quiet_steps && quiet < entry->n_steps && !varve_events_has (entry->changed, quiet))
        quiet++;
      location->quiet_steps = quiet;
      if (entry != self)
        g_ptr_array_add (location->neighbours, varve_ledger_entry_name (entry));
    }
}

static void
location_add_other_layers (VarveLocation *location, const VarveLedgerEntry *entry)
{
  g_autoptr (GArray) layers = varve_ledger_entry_layers (entry);
  for (guint i = 0; i < layers->len; i++)
    {
      guint layer = g_array_index (layers, VarveLedgerRun, i).layer + 1;
      if (layer != location->layer)
        g_array_append_val (location->other_layers, layer);
    }
}

/* What of the entry is in @layer, without the commit layer. */
static VarveLocation *
search_add_entry (Search *search, const VarveLedgerEntry *entry, guint32 layer)
{
  VarveLocation *location = search_add_location (search, layer + 1);
  location_add_other_layers (location, entry);
  location->component = varve_ledger_entry_name (entry);
  search_add_neighbours (search, location, entry);
  location->has_history = varve_image_ledger_is_exact (search->ledger);
  if (!location->has_history)
    return location;
  location->size_bytes = varve_layer_share (search->ledger, search->options->image->manifest, entry, layer);
  location->n_steps = entry->n_steps;
  location->probability = -1;
  if (entry->probability != VARVE_LEDGER_NO_PROBABILITY)
    location->probability = entry->probability;
  else if (location->neighbours->len == 0)
    location->probability = location->layer_probability;
  for (guint step = 0; step < entry->n_steps && step < search->ledger->times->len; step++)
    if (varve_events_has (entry->changed, step))
      g_array_append_val (location->changes, g_array_index (search->ledger->times, gint64, step));
  explain_location (search, location, entry);
  return location;
}

/* The layer with the most of it first. */
static void
search_add_layers (Search *search, const VarveLedgerEntry *entry)
{
  g_autoptr (GArray) layers = varve_ledger_entry_layers (entry);
  search_add_entry (search, entry, entry->layer);
  for (guint i = 0; i < layers->len; i++)
    if (g_array_index (layers, VarveLedgerRun, i).layer != entry->layer)
      search_add_entry (search, entry, g_array_index (layers, VarveLedgerRun, i).layer);
}

static gboolean
search_find_component (Search *search, const char *name)
{
  for (guint32 i = 0; i < search->ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (search->ledger, i);
      g_autofree char *full = varve_ledger_entry_name (entry);
      if (entry->layer != VARVE_NO_LAYER && (strcmp (entry->component, name) == 0 || strcmp (full, name) == 0))
        search_add_layers (search, entry);
    }
  return search->locations->len > 0;
}

/* What a path has in one place. */
typedef struct {
  gboolean is_file; /* the path is that of a file; else of a folder, whose files are counted */
  guint n_files;
  guint64 size_bytes;
} Found;

static void
found_add (Found *found, const char *path, const char *wanted, guint64 size_bytes)
{
  gsize length = strlen (wanted);
  if (strncmp (path, wanted, length) != 0 || (path[length] != '\0' && path[length] != '/'))
    return;
  found->is_file = path[length] == '\0';
  found->n_files++;
  found->size_bytes += size_bytes;
}

static void
found_tell (const Found *found, const char *path, VarveLocation *location)
{
  location->path = g_strconcat ("/", path, NULL);
  if (found->is_file)
    return;
  location->n_files = found->n_files;
  location->file_bytes = found->size_bytes;
}

/* Sets @found for each layer of the image. Objects of which the ledger does not say where they are count for the layer
 * with the most; so do all of an atom that is not as it was when the image was built, as with another mapping. */
static void
find_in_atom (const VarveAtom *atom, const VarveInventory *inventory, const char *wanted, const VarveLedgerEntry *entry,
              Found *found)
{
  gboolean is_known = varve_ledger_digest (&atom->digest) == entry->digest;
  for (guint32 i = 0; i < atom->n_objects; i++)
    {
      const VarveObject *object = &inventory->objects[atom->objects[i]];
      guint32 layer = is_known ? varve_ledger_entry_layer_of (entry, i) : VARVE_NO_LAYER;
      if (layer == VARVE_NO_LAYER)
        layer = entry->layer;
      for (guint32 file = object->first_file; file != VARVE_NO_INDEX; file = inventory->files[file].next_file)
        found_add (&found[layer + 1], inventory->files[file].path, wanted, object->size_bytes);
    }
}

static void
search_in_atom (Search *search, const VarveAtom *atom, const VarveInventory *inventory, const char *wanted)
{
  const VarveLedgerEntry *entry = varve_ledger_find (search->ledger, atom->component, atom->subtree);
  if (entry == NULL || entry->layer == VARVE_NO_LAYER)
    return;
  guint n_layers = search->options->image->manifest->layers->len;
  g_autofree Found *found = g_new0 (Found, n_layers);
  find_in_atom (atom, inventory, wanted, entry, found);
  for (guint i = 1; i < n_layers; i++)
    if (found[i].n_files > 0)
      found_tell (&found[i], wanted, search_add_entry (search, entry, i - 1));
}

static void
search_in_atoms (Search *search, const VarvePlan *plan, const VarveInventory *inventory, const char *path)
{
  g_autofree char *resolved = varve_inventory_resolve (inventory, path);
  for (guint32 i = 0; resolved != NULL && i < plan->atoms->len; i++)
    search_in_atom (search, varve_plan_atom (plan, i), inventory, resolved);
}

/* Makes the atoms of the image again. */
static gboolean
search_in_repo (Search *search, const char *path, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  const VarveLocationOptions *options = search->options;
  VarveReadOwnedTree read = { .owners = &options->owners, .jobs = options->jobs, .observer = observer };
  g_auto (VarveOwnedTree) tree = { 0 };
  g_autoptr (VarveRepo) repo = varve_repo_open (options->repo_path, cancellable, error);
  read.repo = repo;
  if (repo == NULL || !varve_image_commit_resolve (options->image, repo, &read.commit, error)
      || !varve_owned_tree_read (&read, &tree, cancellable, error))
    return FALSE;
  g_autoptr (VarveParts) parts = varve_parts_new ();
  varve_parts_add_former (parts, search->ledger);
  VarveAtomsOptions atoms = VARVE_ATOMS_OPTIONS_INIT;
  atoms.parts = parts;
  g_autoptr (VarvePlan) plan = varve_atoms_new (tree.inventory, tree.components, &atoms);
  search_in_atoms (search, plan, tree.inventory, path);
  return TRUE;
}

/* In a layer with only one component, the path belongs to it. */
static VarveLocation *
search_add_layer (Search *search, guint layer)
{
  const VarveLedgerEntry *only = NULL;
  guint n_entries = 0;
  for (guint32 i = 0; i < search->ledger->entries->len; i++)
    if (layer > 0 && varve_ledger_entry_is_in (varve_ledger_entry (search->ledger, i), layer - 1))
      {
        only = varve_ledger_entry (search->ledger, i);
        n_entries++;
      }
  VarveLocation *location
      = n_entries == 1 ? search_add_entry (search, only, layer - 1) : search_add_location (search, layer);
  if (n_entries != 1)
    search_add_neighbours (search, location, NULL);
  return location;
}

/* As the commit has it. A first component that is no folder is a symlink into /usr, as on any merged-/usr system:
 * layers do not say where a symlink leads. */
static char *
path_in_commit (const VarveContents *contents, const char *path)
{
  g_autofree char *first = g_strndup (path, strcspn (path, "/"));
  gboolean is_link = strchr (path, '/') != NULL && varve_contents_find_path (contents, first) != NULL;
  g_autofree char *in_usr = is_link ? g_strconcat ("usr/", path, NULL) : varve_ostree_tar_commit_path (path);
  in_usr[strlen (in_usr) - (g_str_has_suffix (in_usr, "/") ? 1 : 0)] = '\0';
  return g_steal_pointer (&in_usr);
}

static void
search_in_contents (Search *search, const VarveContents *contents, const char *path)
{
  g_autofree char *wanted = path_in_commit (contents, path);
  guint n_layers = search->options->image->manifest->layers->len;
  g_autofree Found *found = g_new0 (Found, n_layers);
  GHashTableIter iter;
  gpointer name, value;
  g_hash_table_iter_init (&iter, contents->paths);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      const VarveContentPath *entry = value;
      found_add (&found[entry->layer], name, wanted, entry->object != NULL ? entry->object->size_bytes : 0);
    }
  for (guint i = 0; i < n_layers; i++)
    if (found[i].n_files > 0)
      found_tell (&found[i], wanted, search_add_layer (search, i));
}

/* A folder without files is where its entry is. */
static gboolean
search_in_plain (Search *search, const char *path, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) places
      = varve_plain_places_read (search->options->image, search->options->jobs, observer, cancellable, error);
  g_autofree char *wanted = places != NULL ? varve_plain_places_resolve (places, path) : NULL;
  if (wanted == NULL)
    return places != NULL;
  guint n_layers = search->options->image->manifest->layers->len;
  g_autofree Found *found = g_new0 (Found, n_layers);
  GHashTableIter iter;
  gpointer name, value;
  g_hash_table_iter_init (&iter, places);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (!((VarvePlainPlace *)value)->is_folder)
      found_add (&found[((VarvePlainPlace *)value)->layer], name, wanted, ((VarvePlainPlace *)value)->size_bytes);
  for (guint i = 0; i < n_layers; i++)
    if (found[i].n_files > 0)
      found_tell (&found[i], wanted, search_add_layer (search, i));
  const VarvePlainPlace *place = g_hash_table_lookup (places, wanted);
  if (search->locations->len == 0 && place != NULL)
    search_add_layer (search, place->layer)->path = g_strconcat ("/", wanted, NULL);
  return TRUE;
}

static gboolean
search_in_layers (Search *search, const char *path, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  if (varve_verify_is_plain (search->options->image))
    return search_in_plain (search, path, observer, cancellable, error);
  VarveReadContents read = { .image = search->options->image, .jobs = search->options->jobs, .observer = observer };
  g_autoptr (VarveContents) contents = varve_contents_of_image (&read, cancellable, error);
  if (contents == NULL)
    return FALSE;
  search_in_contents (search, contents, path);
  return TRUE;
}

/* A number of a layer of the image. */
static gboolean
search_find_layer (Search *search, const char *name)
{
  guint64 layer;
  guint n_layers = search->options->image->manifest->layers->len;
  if (n_layers == 0 || !g_ascii_string_to_unsigned (name, 10, 0, n_layers - 1, &layer, NULL))
    return FALSE;
  search_add_layer (search, (guint)layer);
  return TRUE;
}

static gboolean
search_path (Search *search, const char *path, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  return search->options->repo_path != NULL ? search_in_repo (search, path, observer, cancellable, error)
                                            : search_in_layers (search, path, observer, cancellable, error);
}

/* Of files; a folder has many. */
static void
search_explain_times (const Search *search)
{
  VarveImageTimes times = varve_verify_is_plain (search->options->image) ? VARVE_TIMES_OF_PLAIN : VARVE_TIMES_OF_COMMIT;
  for (guint i = 0; i < search->locations->len; i++)
    {
      VarveLocation *location = search->locations->pdata[i];
      if (location->path != NULL && location->n_files == 0)
        location->times = varve_compared_times (location->path + 1, times);
    }
}

GPtrArray *
varve_location_find (const VarveLocationOptions *options, VarveObserver *observer, GCancellable *cancellable,
                     GError **error)
{
  g_auto (Search) search = { .options = options, .locations = g_ptr_array_new_with_free_func (location_free) };
  search.ledger = varve_image_ledger_read (options->image->manifest, error);
  if (search.ledger == NULL)
    return NULL;
  const char *path = options->name + strspn (options->name, "/");
  gboolean is_path = strchr (options->name, '/') != NULL && path[0] != '\0';
  if (search_find_component (&search, options->name) || search_find_layer (&search, options->name))
    return g_steal_pointer (&search.locations);
  /* A component is a source package. The documentation of a binary package is below its own name. */
  g_autofree char *documents = g_strconcat ("usr/share/doc/", options->name, NULL);
  if (!search_path (&search, is_path ? path : documents, observer, cancellable, error))
    return NULL;
  search_explain_times (&search);
  if (search.locations->len > 0)
    return g_steal_pointer (&search.locations);
  g_autofree char *escaped = varve_escape (options->name);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "'%s': no such component in the image%s", escaped,
               is_path ? ", and no file or folder of that path"
                       : ": a component is a source package; a path needs a slash");
  return NULL;
}

static void
history_to_json (json_object *json, const VarveLocation *location)
{
  json_object *changes = json_object_new_array (), *reasons = json_object_new_array ();
  varve_json_add_size (json, "size_bytes", location->size_bytes);
  if (location->probability >= 0)
    {
      g_autofree char *text = varve_probability_to_string ((guint32)location->probability);
      json_object_object_add (json, "change_probability",
                              json_object_new_double_s ((double)location->probability / VARVE_PROBABILITY_ONE, text));
    }
  varve_json_add_size (json, "builds", location->n_steps);
  for (guint i = 0; i < location->changes->len; i++)
    {
      g_autofree char *time = varve_rfc3339_format (g_array_index (location->changes, gint64, i));
      json_object_array_add (changes, json_object_new_string (time != NULL ? time : ""));
    }
  json_object_object_add (json, "changed", changes);
  varve_json_add_size (json, "quiet_builds", location->quiet_steps);
  for (guint i = 0; i < location->reasons->len; i++)
    json_object_array_add (reasons, json_object_new_string (location->reasons->pdata[i]));
  json_object_object_add (json, "reasons", reasons);
}

json_object *
varve_location_to_json (const VarveLocation *location)
{
  json_object *json = json_object_new_object (), *neighbours = json_object_new_array (),
              *others = json_object_new_array ();
  g_autofree char *digest = varve_digest_to_string (&location->digest),
                  *path = location->path != NULL ? g_utf8_make_valid (location->path, -1) : NULL;
  varve_json_add_string (json, "path", path);
  varve_json_add_string (json, "component", location->component);
  varve_json_add_string (json, "times", location->times);
  if (location->n_files > 0)
    {
      varve_json_add_size (json, "files", location->n_files);
      varve_json_add_size (json, "file_bytes", location->file_bytes);
    }
  varve_json_add_size (json, "layer", location->layer);
  varve_json_add_string (json, "digest", digest);
  varve_json_add_size (json, "layer_bytes", location->layer_bytes);
  varve_json_add_size (json, "stale_objects", location->stale.n_objects);
  varve_json_add_size (json, "stale_bytes", location->stale.size_bytes);
  for (guint i = 0; i < location->neighbours->len; i++)
    json_object_array_add (neighbours, json_object_new_string (location->neighbours->pdata[i]));
  json_object_object_add (json, "neighbours", neighbours);
  for (guint i = 0; i < location->other_layers->len; i++)
    json_object_array_add (others, json_object_new_int64 (g_array_index (location->other_layers, guint, i)));
  json_object_object_add (json, "other_layers", others);
  if (location->has_history)
    history_to_json (json, location);
  return json;
}
