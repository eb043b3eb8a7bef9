/* SPDX-License-Identifier: Apache-2.0 */
/* The packing of `varve build --previous`, for the source packages of a release. In place of package databases it reads
 * the table: the dates of the changelog up to the release, or a number of entries, spread evenly over the year before
 * the release. */
#include "bench/policy.h"

#include <string.h>

#include "base/fasthash.h"
#include "chunker/churn.h"
#include "chunker/forecast.h"
#include "chunker/former-layers.h"
#include "chunker/room.h"

enum { DAY_SECONDS = 24 * 60 * 60, YEAR_DAYS = 365 };

typedef struct {
  VarvePackOptions pack;
  VarveKeepOptions keep;
  VarveLedger *ledger; /* of the previous release; NULL at the first */
  GArray *blobs;       /* guint64, of its layers */
  guint64 n_blobs;     /* of all releases */
} State;

static gpointer
replay_create (const VarvePolicyOptions *options)
{
  State *state = g_new0 (State, 1);
  state->pack = (VarvePackOptions)VARVE_PACK_OPTIONS_INIT;
  state->pack.max_layers = options->max_layers;
  state->pack.may_keep_stale = options->stale_permille > 0;
  state->keep = (VarveKeepOptions){ .max_layers = options->max_layers, .stale_permille = options->stale_permille };
  state->blobs = g_array_new (FALSE, FALSE, sizeof (guint64));
  return state;
}

static void
replay_destroy (gpointer data)
{
  State *state = data;
  g_clear_pointer (&state->ledger, varve_ledger_free);
  g_array_unref (state->blobs);
  g_free (state);
}

static VarveComponentKind
kind_of (const VarveReleasePackage *package)
{
  gboolean is_kernel = strcmp (package->source, "kernel") == 0 || strcmp (package->source, "linux") == 0
                       || g_str_has_prefix (package->source, "linux-signed-");
  return is_kernel ? VARVE_COMPONENT_KERNEL : package->kind;
}

/* Adds the changes up to @date. */
static void
add_changelog (VarveComponent *component, const VarveReleasePackage *package, gint64 date)
{
  guint32 entries = package->changelog_entries;
  for (guint i = 0; package->changelog_times != NULL && i < package->changelog_times->len; i++)
    if (g_array_index (package->changelog_times, gint64, i) <= date)
      varve_component_add_change (component, g_array_index (package->changelog_times, gint64, i));
  if (entries == VARVE_COMPONENTS_TABLE_UNKNOWN || component->change_times->len > 0)
    return;
  for (guint32 i = 0; i < MIN (entries, YEAR_DAYS); i++)
    varve_component_add_change (component, date - ((gint64)i * YEAR_DAYS / MIN (entries, YEAR_DAYS)) * DAY_SECONDS);
}

/* A build splits firmware by the vendors' folders (chunker/parts.h); in the history each has a package of its own. */
static gboolean
is_part (const VarveReleasePackage *package)
{
  return strcmp (package->source, "linux-firmware") == 0 && strcmp (package->name, package->source) != 0;
}

/* The name of a package's atom: its own for a part, else its source's. */
static const char *
atom_key (const VarveReleasePackage *package)
{
  return is_part (package) ? package->name : package->source;
}

/* A component for each atom; @out_components has the component of each package. */
static VarveComponents *
group_by_source (const VarveRelease *release, guint32 *out_components)
{
  VarveComponents *components = varve_components_new (0);
  g_autoptr (GHashTable) by_key = g_hash_table_new (varve_fasthash_string, g_str_equal);
  for (guint32 i = 0; i < release->n_packages; i++)
    {
      const VarveReleasePackage *package = &release->packages[i];
      gpointer found;
      if (g_hash_table_lookup_extended (by_key, atom_key (package), NULL, &found))
        out_components[i] = GPOINTER_TO_UINT (found);
      else
        {
          out_components[i] = varve_components_add (components, atom_key (package), kind_of (package));
          g_hash_table_insert (by_key, (gpointer)atom_key (package), GUINT_TO_POINTER (out_components[i]));
        }
      add_changelog (varve_components_get (components, out_components[i]), package, release->date);
    }
  return components;
}

static VarvePlan *
make_atoms (const VarveRelease *release, const VarveComponents *components, const guint32 *component_of,
            const VarveLedger *before)
{
  VarvePlan *plan = varve_plan_new ();
  VarveChurnOptions churn = VARVE_CHURN_OPTIONS_INIT;
  guint32 period_days = before != NULL ? varve_ledger_period_days (before) : 0;
  if (period_days > 0)
    churn.period_days = period_days;
  gint64 now = varve_churn_reference_time (components, release->date);
  varve_churn_survey (&churn, components, now);
  for (guint32 i = 0; i < components->components->len; i++)
    {
      const VarveComponent *component = varve_components_get (components, i);
      varve_plan_add_atom (plan, component->name, NULL, component->kind)->probability
          = varve_churn_probability (component, now, &churn);
    }
  g_autofree VarveHash **hashes = g_new (VarveHash *, plan->atoms->len);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    hashes[i] = varve_hash_new ();
  for (guint32 i = 0; i < release->n_packages; i++)
    {
      VarveAtom *atom = varve_plan_atom (plan, component_of[i]);
      atom->size_bytes += release->packages[i].size_bytes;
      atom->raw_bytes = atom->size_bytes;
      varve_hash_update (hashes[component_of[i]], &release->packages[i].build, sizeof release->packages[i].build);
    }
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      varve_plan_atom (plan, i)->digest = varve_hash_finish (hashes[i]);
      varve_hash_free (hashes[i]);
    }
  return plan;
}

/* A kept layer has its old blob, each other one a new blob. */
static void
place_layers (State *state, const VarvePlan *plan, const VarvePolicyLayout *layout)
{
  g_autoptr (GArray) before = g_steal_pointer (&state->blobs);
  state->blobs = g_array_new (FALSE, FALSE, sizeof (guint64));
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (plan, i);
      guint64 blob
          = layer->previous != VARVE_NO_LAYER ? g_array_index (before, guint64, layer->previous) : ++state->n_blobs;
      g_array_append_val (state->blobs, blob);
      layout->blobs[i] = blob;
      layout->stale_bytes[i] = layer->stale_bytes;
    }
}

typedef struct {
  const State *state;
  const VarveFormerLayers *former; /* NULL in the first step */
} Fill;

static void
fill_plan (VarvePlan *plan, guint32 n_free, gpointer data)
{
  const Fill *fill = data;
  VarveKeepOptions keep = fill->state->keep;
  keep.n_free = n_free;
  if (fill->former != NULL)
    varve_former_layers_keep (fill->former, plan, &keep);
  varve_pack (plan, &fill->state->pack);
}

static void
replay_step (gpointer data, const VarveRelease *release, const VarvePolicyLayout *out_layout)
{
  State *state = data;
  g_autofree guint32 *component_of = g_new (guint32, release->n_packages);
  g_autoptr (VarveComponents) components = group_by_source (release, component_of);
  g_autoptr (VarvePlan) plan = make_atoms (release, components, component_of, state->ledger);
  g_autoptr (VarveLedger) ledger = varve_ledger_advance (state->ledger, plan, release->date);
  varve_forecast (plan, ledger);
  g_autoptr (VarveFormerLayers) former = state->ledger != NULL ? varve_former_layers_new (plan, state->ledger) : NULL;
  Fill fill = { state, former };
  varve_room_make (plan, &state->pack, fill_plan, &fill);
  varve_ledger_place (ledger, plan);
  place_layers (state, plan, out_layout);
  g_clear_pointer (&state->ledger, varve_ledger_free);
  state->ledger = g_steal_pointer (&ledger);
  g_autofree guint32 *layer_of = g_new0 (guint32, plan->atoms->len);
  for (guint32 i = 0; i < plan->layers->len; i++)
    for (guint32 j = 0; j < varve_plan_layer (plan, i)->n_atoms; j++)
      layer_of[varve_plan_layer (plan, i)->atoms[j]] = i;
  for (guint32 i = 0; i < release->n_packages; i++)
    out_layout->layers[i] = layer_of[component_of[i]];
}

const VarvePolicy varve_policy_varve = { "varve", replay_create, replay_step, replay_destroy };
