#include "explain/location.h"

#include <string.h>

#include "base/error.h"
#include "chunker/atoms.h"
#include "chunker/fixed.h"
#include "compose/annotations.h"
#include "compose/image-ledger.h"
#include "explain/contents.h"
#include "ostree/walk.h"

enum { TOGETHER_MIN_CHANGES = 3, TOGETHER_MIN_PERCENT = 75 };

typedef struct {
  const VarveLocationOptions *options;
  VarveLedger *ledger;
  GPtrArray *places;
} Search;

static void
search_clear (Search *at)
{
  g_clear_pointer (&at->ledger, varve_ledger_free);
  g_clear_pointer (&at->places, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Search, search_clear)

static void
place_free (gpointer data)
{
  VarveLocation *place = data;
  g_free (place->path);
  g_free (place->component);
  g_ptr_array_unref (place->neighbours);
  g_array_unref (place->changes);
  g_ptr_array_unref (place->reasons);
  g_free (place);
}

/* Reasons. */

static void G_GNUC_PRINTF (2, 3) reason (VarveLocation *place, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_ptr_array_add (place->reasons, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* Per million bytes, so that large and small ones compare. */
static double
risk_per_mb (guint32 probability, guint64 size_bytes)
{
  double risk = (double)varve_fixed_risk (probability) / (double)VARVE_FIXED_ONE;
  return risk * 1e6 / (double)MAX (size_bytes, 1);
}

static void
explain_group (const Search *at, VarveLocation *place, const VarveLedgerEntry *self)
{
  if (place->probability < 0)
    {
      reason (place, "with %u others whose risk for each byte was near its own", place->neighbours->len);
      return;
    }
  double own = risk_per_mb ((guint32)place->probability, place->size_bytes), least = own, most = own;
  for (guint32 i = 0; i < at->ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (at->ledger, i);
      if (entry->layer != self->layer || entry->probability == VARVE_LEDGER_NO_PROBABILITY)
        continue;
      double risk = risk_per_mb (entry->probability, entry->size_bytes);
      least = MIN (least, risk);
      most = MAX (most, risk);
    }
  reason (place,
          "with %u others whose risk for each byte is near its own: %.2f %% for each MB, in this layer from %.2f to "
          "%.2f %%",
          place->neighbours->len, own * 100, least * 100, most * 100);
}

static void
explain_together (const Search *at, VarveLocation *place, const VarveLedgerEntry *self)
{
  guint n_changes = varve_events_count (self->changed), n_together = 0;
  g_autofree char *name = NULL;
  for (guint32 i = 0; n_changes >= TOGETHER_MIN_CHANGES && i < at->ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (at->ledger, i);
      guint both = entry->layer == self->layer && entry != self
                       ? varve_events_count (varve_events_both (entry->changed, self->changed))
                       : 0;
      if (both <= n_together)
        continue;
      n_together = both;
      g_free (name);
      name = varve_ledger_entry_name (entry);
    }
  if (name != NULL && n_together * 100 >= n_changes * TOGETHER_MIN_PERCENT)
    reason (place, "%s changed in %u of the %u builds that changed it", name, n_together, n_changes);
}

static void
explain_alone (VarveLocation *place, const VarveLedgerEntry *entry)
{
  gboolean is_made_anew = strcmp (entry->component, "initramfs") == 0
                          || strcmp (entry->component, "package-database") == 0
                          || strcmp (entry->component, "generated") == 0;
  if (is_made_anew)
    reason (place, "alone: it is made anew in most builds, and whatever shared its layer would be downloaded with it");
  else
    reason (place,
            "alone: whatever changed beside it would make hosts download its %.1f MB again, and its own changes all "
            "that shared its layer",
            (double)place->size_bytes / 1e6);
}

static void
explain_place (const Search *at, VarveLocation *place, const VarveLedgerEntry *entry)
{
  if (strcmp (entry->component, VARVE_ATOM_SHARED) == 0)
    reason (place, "small files that are the same in several packages, so that none of these changes with another");
  if (entry->subtree != NULL)
    reason (place,
            "a part of %s: what is below /%s changes at other times than the rest, or is large enough to go by itself",
            entry->component, entry->subtree);
  if (place->neighbours->len == 0)
    explain_alone (place, entry);
  else
    explain_group (at, place, entry);
  explain_together (at, place, entry);
  if (place->quiet_steps > 0)
    reason (place, "nothing in this layer changed in the last %u build%s; while that holds it is kept as it is",
            place->quiet_steps, place->quiet_steps == 1 ? "" : "s");
}

/* Places. */

static VarveLocation *
add_place (Search *at, guint layer)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (at->options->image->manifest, layer);
  const char *probability = varve_descriptor_annotation (descriptor, VARVE_ANNOTATION_PROBABILITY);
  VarveLocation *place = g_new0 (VarveLocation, 1);
  *place = (VarveLocation){
    .layer = layer,
    .digest = descriptor->digest,
    .layer_bytes = descriptor->size_bytes,
    .layer_probability = probability != NULL ? varve_probability_from_string (probability) : -1,
    .neighbours = g_ptr_array_new_with_free_func (g_free),
    .changes = g_array_new (FALSE, FALSE, sizeof (gint64)),
    .reasons = g_ptr_array_new_with_free_func (g_free),
  };
  g_ptr_array_add (at->places, place);
  return place;
}

static void
add_neighbours (const Search *at, VarveLocation *place, const VarveLedgerEntry *self)
{
  place->quiet_steps = varve_ledger_n_steps (at->ledger);
  for (guint32 i = 0; i < at->ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (at->ledger, i);
      if (entry->layer == VARVE_NO_LAYER || entry->layer + 1 != place->layer)
        continue;
      guint quiet = 0;
      while (quiet < place->quiet_steps && quiet < entry->n_steps && !varve_events_has (entry->changed, quiet))
        quiet++;
      place->quiet_steps = quiet;
      if (entry != self)
        g_ptr_array_add (place->neighbours, varve_ledger_entry_name (entry));
    }
}

static VarveLocation *
add_entry (Search *at, const VarveLedgerEntry *entry)
{
  VarveLocation *place = add_place (at, entry->layer + 1);
  place->component = varve_ledger_entry_name (entry);
  add_neighbours (at, place, entry);
  place->has_history = varve_image_ledger_is_exact (at->ledger);
  if (!place->has_history)
    return place;
  place->size_bytes = entry->size_bytes;
  place->n_steps = entry->n_steps;
  place->probability = -1;
  if (entry->probability != VARVE_LEDGER_NO_PROBABILITY)
    place->probability = entry->probability;
  else if (place->neighbours->len == 0)
    place->probability = place->layer_probability;
  for (guint step = 0; step < entry->n_steps && step < at->ledger->times->len; step++)
    if (varve_events_has (entry->changed, step))
      g_array_append_val (place->changes, g_array_index (at->ledger->times, gint64, step));
  explain_place (at, place, entry);
  return place;
}

static gboolean
find_component (Search *at, const char *name)
{
  for (guint32 i = 0; i < at->ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (at->ledger, i);
      g_autofree char *full = varve_ledger_entry_name (entry);
      if (entry->layer != VARVE_NO_LAYER && (strcmp (entry->component, name) == 0 || strcmp (full, name) == 0))
        add_entry (at, entry);
    }
  return at->places->len > 0;
}

static const VarveAtom *
atom_of_path (const VarvePlan *plan, const VarveInventory *inventory, const char *path)
{
  g_autofree char *resolved = varve_inventory_resolve (inventory, path);
  guint32 file = resolved != NULL ? varve_inventory_find_file (inventory, resolved) : VARVE_NO_INDEX;
  for (guint32 i = 0; file != VARVE_NO_INDEX && i < plan->atoms->len; i++)
    {
      const VarveAtom *atom = varve_plan_atom (plan, i);
      for (guint32 n = 0; n < atom->n_objects; n++)
        if (atom->objects[n] == inventory->files[file].object)
          return atom;
    }
  return NULL;
}

/* The atoms as they were made for the image. */
static gboolean
find_in_repo (Search *at, const char *path, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  const VarveLocationOptions *options = at->options;
  const char *commit = varve_config_label (options->image->config, "ostree.commit");
  VarveDigest checksum;
  g_autoptr (VarveRepo) repo = varve_repo_open (options->repo_path, cancellable, error);
  if (repo == NULL || !varve_repo_resolve (repo, commit != NULL ? commit : "", &checksum, error))
    return FALSE;
  g_autoptr (VarveInventory) inventory = varve_walk (repo, &checksum, options->jobs, observer, cancellable, error);
  if (inventory == NULL)
    return FALSE;
  g_autoptr (VarveComponents) components
      = varve_owners_read (inventory, varve_repo_source (repo), &options->owners, observer, cancellable, error);
  if (components == NULL)
    return FALSE;
  g_autoptr (VarveParts) parts = varve_parts_new ();
  varve_parts_add_former (parts, at->ledger);
  VarveAtomsOptions atoms = VARVE_ATOMS_OPTIONS_INIT;
  atoms.parts = parts;
  g_autoptr (VarvePlan) plan = varve_atoms_new (inventory, components, &atoms);
  const VarveAtom *atom = atom_of_path (plan, inventory, path);
  const VarveLedgerEntry *entry = atom != NULL ? varve_ledger_find (at->ledger, atom->component, atom->subtree) : NULL;
  if (entry != NULL && entry->layer != VARVE_NO_LAYER)
    add_entry (at, entry)->path = g_strconcat ("/", path, NULL);
  return TRUE;
}

/* Where a layer has one component, the path is that one's. */
static void
add_layer (Search *at, const char *path, guint layer)
{
  const VarveLedgerEntry *only = NULL;
  guint n_entries = 0;
  for (guint32 i = 0; i < at->ledger->entries->len; i++)
    if (varve_ledger_entry (at->ledger, i)->layer != VARVE_NO_LAYER
        && varve_ledger_entry (at->ledger, i)->layer + 1 == layer)
      {
        only = varve_ledger_entry (at->ledger, i);
        n_entries++;
      }
  VarveLocation *place = n_entries == 1 ? add_entry (at, only) : add_place (at, layer);
  place->path = g_strconcat ("/", path, NULL);
  if (n_entries != 1)
    add_neighbours (at, place, NULL);
}

static gboolean
find_in_layers (Search *at, const char *path, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  VarveReadContents read = { .image = at->options->image, .jobs = at->options->jobs, .observer = observer };
  g_autoptr (VarveContents) contents = varve_contents_of_image (&read, cancellable, error);
  if (contents == NULL)
    return FALSE;
  g_autofree char *in_commit = g_str_has_prefix (path, "etc/") ? g_strconcat ("usr/", path, NULL) : g_strdup (path);
  const VarveContentPath *found = varve_contents_find_path (contents, in_commit);
  if (found != NULL)
    add_layer (at, path, found->layer);
  return TRUE;
}

GPtrArray *
varve_location_find (const VarveLocationOptions *options, VarveObserver *observer, GCancellable *cancellable,
                     GError **error)
{
  g_auto (Search) at = { .options = options, .places = g_ptr_array_new_with_free_func (place_free) };
  at.ledger = varve_image_ledger_read (options->image->manifest, error);
  if (at.ledger == NULL)
    return NULL;
  const char *path = options->name + strspn (options->name, "/");
  gboolean is_path = strchr (options->name, '/') != NULL && path[0] != '\0';
  if (find_component (&at, options->name))
    return g_steal_pointer (&at.places);
  if (is_path
      && !(options->repo_path != NULL ? find_in_repo (&at, path, observer, cancellable, error)
                                      : find_in_layers (&at, path, observer, cancellable, error)))
    return NULL;
  if (at.places->len > 0)
    return g_steal_pointer (&at.places);
  g_autofree char *escaped = varve_escape (options->name);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "'%s': the image has no such component%s", escaped,
               is_path ? ", nor a file of that path" : "; a path has a slash in it");
  return NULL;
}

static char *
format_time (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);
  return time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("");
}

static void
add_history (json_object *json, const VarveLocation *place)
{
  json_object *changes = json_object_new_array (), *reasons = json_object_new_array ();
  varve_json_add_size (json, "size_bytes", place->size_bytes);
  if (place->probability >= 0)
    {
      g_autofree char *text = varve_probability_to_string ((guint32)place->probability);
      json_object_object_add (json, "change_probability",
                              json_object_new_double_s ((double)place->probability / VARVE_PROBABILITY_ONE, text));
    }
  varve_json_add_size (json, "builds", place->n_steps);
  for (guint i = 0; i < place->changes->len; i++)
    {
      g_autofree char *time = format_time (g_array_index (place->changes, gint64, i));
      json_object_array_add (changes, json_object_new_string (time));
    }
  json_object_object_add (json, "changed", changes);
  varve_json_add_size (json, "quiet_builds", place->quiet_steps);
  for (guint i = 0; i < place->reasons->len; i++)
    json_object_array_add (reasons, json_object_new_string (place->reasons->pdata[i]));
  json_object_object_add (json, "reasons", reasons);
}

json_object *
varve_location_to_json (const VarveLocation *place)
{
  json_object *json = json_object_new_object (), *neighbours = json_object_new_array ();
  g_autofree char *digest = varve_digest_to_string (&place->digest),
                  *path = place->path != NULL ? g_utf8_make_valid (place->path, -1) : NULL;
  varve_json_add_string (json, "path", path);
  varve_json_add_string (json, "component", place->component);
  varve_json_add_size (json, "layer", place->layer);
  varve_json_add_string (json, "digest", digest);
  varve_json_add_size (json, "layer_bytes", place->layer_bytes);
  for (guint i = 0; i < place->neighbours->len; i++)
    json_object_array_add (neighbours, json_object_new_string (place->neighbours->pdata[i]));
  json_object_object_add (json, "neighbours", neighbours);
  if (place->has_history)
    add_history (json, place);
  return json;
}
