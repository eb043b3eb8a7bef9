/* The packer of `varve build` over the source packages of a release. What a build reads from package databases is made up from the
 * table: so many changelog entries, spread evenly over the year before the release. */
#include "bench/policy.h"

#include <string.h>

#include "base/fasthash.h"
#include "chunker/churn.h"
#include "chunker/pack.h"

enum { DAY_SECONDS = 24 * 60 * 60, YEAR_DAYS = 365 };

typedef struct {
  VarvePackOptions pack;
} State;

static gpointer
create (guint32 max_layers)
{
  State *state = g_new0 (State, 1);
  state->pack = (VarvePackOptions)VARVE_PACK_OPTIONS_INIT;
  state->pack.max_layers = max_layers;
  return state;
}

static VarveComponentKind
kind_of (const VarveReleasePackage *package)
{
  gboolean is_kernel = strcmp (package->source, "kernel") == 0 || strcmp (package->source, "linux") == 0;
  return is_kernel ? VARVE_COMPONENT_KERNEL : package->kind;
}

static void
add_changelog (VarveComponent *component, guint32 entries, gint64 date)
{
  if (entries == VARVE_COMPONENTS_TABLE_UNKNOWN || component->change_times->len > 0)
    return;
  for (guint32 i = 0; i < MIN (entries, YEAR_DAYS); i++)
    varve_component_add_change (component, date - ((gint64)i * YEAR_DAYS / MIN (entries, YEAR_DAYS)) * DAY_SECONDS);
}

/* A component for each source package; @out_components tells each package's. */
static VarveComponents *
group_by_source (const VarveRelease *release, guint32 *out_components)
{
  VarveComponents *components = varve_components_new (0);
  g_autoptr (GHashTable) by_source = g_hash_table_new (varve_fasthash_string, g_str_equal);
  for (guint32 i = 0; i < release->n_packages; i++)
    {
      const VarveReleasePackage *package = &release->packages[i];
      gpointer found;
      if (g_hash_table_lookup_extended (by_source, package->source, NULL, &found))
        out_components[i] = GPOINTER_TO_UINT (found);
      else
        {
          out_components[i] = varve_components_add (components, package->source, kind_of (package));
          g_hash_table_insert (by_source, (gpointer)package->source, GUINT_TO_POINTER (out_components[i]));
        }
      add_changelog (varve_components_get (components, out_components[i]), package->changelog_entries, release->date);
    }
  return components;
}

static VarvePlan *
make_atoms (const VarveRelease *release, const VarveComponents *components, const guint32 *component_of)
{
  VarvePlan *plan = varve_plan_new ();
  VarveChurnOptions churn = VARVE_CHURN_OPTIONS_INIT;
  gint64 now = varve_churn_reference_time (components, release->date);
  varve_churn_pool (&churn, components, now);
  for (guint32 i = 0; i < components->components->len; i++)
    {
      const VarveComponent *component = varve_components_get (components, i);
      varve_plan_add_atom (plan, component->name, component->kind)->probability = varve_churn_probability (component, now, &churn);
    }
  g_autofree VarveHash **hashes = g_new (VarveHash *, plan->atoms->len);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    hashes[i] = varve_hash_new ();
  for (guint32 i = 0; i < release->n_packages; i++)
    {
      varve_plan_atom (plan, component_of[i])->size_bytes += release->packages[i].size_bytes;
      varve_hash_update (hashes[component_of[i]], &release->packages[i].build, sizeof release->packages[i].build);
    }
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      varve_plan_atom (plan, i)->digest = varve_hash_finish (hashes[i]);
      varve_hash_free (hashes[i]);
    }
  return plan;
}

static void
step (gpointer data, const VarveRelease *release, guint32 *out_layers)
{
  State *state = data;
  g_autofree guint32 *component_of = g_new (guint32, release->n_packages);
  g_autoptr (VarveComponents) components = group_by_source (release, component_of);
  g_autoptr (VarvePlan) plan = make_atoms (release, components, component_of);
  varve_pack (plan, &state->pack);
  g_autofree guint32 *layer_of = g_new0 (guint32, plan->atoms->len);
  for (guint32 i = 0; i < plan->layers->len; i++)
    for (guint32 j = 0; j < varve_plan_layer (plan, i)->n_atoms; j++)
      layer_of[varve_plan_layer (plan, i)->atoms[j]] = i;
  for (guint32 i = 0; i < release->n_packages; i++)
    out_layers[i] = layer_of[component_of[i]];
}

const VarvePolicy varve_policy_varve = { "varve", create, step, g_free };
