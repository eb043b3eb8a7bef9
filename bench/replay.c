/* SPDX-License-Identifier: Apache-2.0 */
/* The bound is a policy too, although no image could have its layers; so the same code counts it. */
#include "bench/replay.h"

#include <string.h>

#include "base/error.h"
#include "base/parallel.h"
#include "bench/policy.h"
#include "chunker/pack.h"

static const VarvePolicy *const POLICIES[]
    = { &varve_policy_varve, &varve_policy_ostree_ext, &varve_policy_ostree_ext_previous, &varve_policy_chunkah };

typedef struct {
  const VarvePolicy *policy;
  VarveTallyResult result;
} Run;

typedef struct {
  VarvePackageHistory *history;
  VarveComponentsTable *table;
  guint32 n_warm_up; /* releases */
  VarvePolicyOptions policy;
  VarveObserver *observer;
  GArray *runs; /* Run, the bound first */
} Replay;

static void
replay_clear (Replay *replay)
{
  g_clear_pointer (&replay->history, varve_package_history_free);
  g_clear_pointer (&replay->table, varve_components_table_free);
  g_clear_pointer (&replay->runs, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Replay, replay_clear)

static gboolean
replay_read_paths (Replay *replay, const char *const *paths, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    if (!varve_package_history_read (replay->history, paths[i], cancellable, error))
      return FALSE;
  return TRUE;
}

static gboolean
replay_read_inputs (Replay *replay, const VarveReplayOptions *options, GCancellable *cancellable, GError **error)
{
  varve_observer_begin (replay->observer, "reading histories", 0);
  replay->table = varve_components_table_read (options->components_path, cancellable, error);
  if (replay->table == NULL || !replay_read_paths (replay, options->warm_up_paths, cancellable, error))
    return FALSE;
  replay->n_warm_up
      = replay->history->releases->len > 0 ? replay->history->releases->len : VARVE_REPLAY_WARM_UP_RELEASES;
  return replay_read_paths (replay, options->history_paths, cancellable, error);
}

static void
replay_add_run (Replay *replay, const VarvePolicy *policy)
{
  Run run = { .policy = policy };
  g_array_append_val (replay->runs, run);
}

static gboolean
choose_policies (Replay *replay, const char *const *names, GError **error)
{
  replay_add_run (replay, &varve_policy_bound);
  for (guint i = 0; i < G_N_ELEMENTS (POLICIES); i++)
    if (names == NULL || g_strv_contains (names, POLICIES[i]->name))
      replay_add_run (replay, POLICIES[i]);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      gboolean is_known = FALSE;
      for (guint j = 0; j < G_N_ELEMENTS (POLICIES); j++)
        is_known |= strcmp (names[i], POLICIES[j]->name) == 0;
      if (is_known)
        continue;
      g_autofree char *name = varve_escape (names[i]);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                   "unknown policy '%s': expected 'varve', 'ostree-ext', 'ostree-ext-previous' or 'chunkah'", name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
run_policy (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Replay *replay = data;
  Run *run = &g_array_index (replay->runs, Run, index);
  g_autoptr (VarveReleases) releases = varve_releases_new (replay->history, replay->table);
  g_autoptr (VarveTally) tally = varve_tally_new ();
  guint n = MAX (replay->history->names->len, replay->policy.max_layers) + 2;
  g_autofree guint32 *layers = g_new (guint32, n);
  g_autofree guint64 *blobs = g_new (guint64, n), *stale_bytes = g_new (guint64, n);
  VarvePolicyLayout layout = { .layers = layers, .blobs = blobs, .stale_bytes = stale_bytes };
  gpointer state = run->policy->create (&replay->policy);
  const VarveRelease *release;
  gboolean is_cancelled = FALSE;
  for (guint32 i = 0; !is_cancelled && (release = varve_releases_next (releases)) != NULL; i++)
    {
      memset (layers, 0, n * sizeof *layers);
      memset (blobs, 0, n * sizeof *blobs);
      memset (stale_bytes, 0, n * sizeof *stale_bytes);
      run->policy->step (state, release, &layout);
      varve_tally_add (tally, release, &layout, i < replay->n_warm_up ? VARVE_TALLY_WARM_UP : VARVE_TALLY_COUNTED);
      is_cancelled = g_cancellable_set_error_if_cancelled (cancellable, error);
    }
  run->policy->destroy (state);
  run->result = varve_tally_finish (tally);
  return !is_cancelled;
}

static VarveReplayResult *
make_result (const Replay *replay)
{
  VarveReplayResult *result = g_new0 (VarveReplayResult, 1);
  result->bound = g_array_index (replay->runs, Run, 0).result;
  result->rows = g_array_new (FALSE, FALSE, sizeof (VarveReplayRow));
  for (guint i = 1; i < replay->runs->len; i++)
    {
      const Run *run = &g_array_index (replay->runs, Run, i);
      guint64 bound = result->bound.total_bytes;
      VarveReplayRow row
          = { run->policy->name, run->result, bound > 0 ? (double)run->result.total_bytes / (double)bound : 1 };
      g_array_append_val (result->rows, row);
    }
  return result;
}

static gboolean
check_options (const VarveReplayOptions *options, GError **error)
{
  if (options->max_layers >= VARVE_REPLAY_LAYERS_MIN && options->max_layers <= VARVE_PACK_LAYERS_MAX)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--layers %d: expected %d to %d", (int)options->max_layers,
               VARVE_REPLAY_LAYERS_MIN, VARVE_PACK_LAYERS_MAX);
  return FALSE;
}

VarveReplayResult *
varve_replay_run (const VarveReplayOptions *options, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (options->history_paths != NULL && options->components_path != NULL, NULL);
  if (!check_options (options, error))
    return NULL;
  g_auto (Replay) replay = {
    .policy = { .max_layers = options->max_layers, .stale_permille = options->stale_permille },
    .observer = observer,
  };
  replay.history = varve_package_history_new ();
  replay.runs = g_array_new (FALSE, FALSE, sizeof (Run));
  if (!choose_policies (&replay, options->policies, error)
      || !replay_read_inputs (&replay, options, cancellable, error))
    return NULL;
  varve_observer_begin (observer, "replaying", 0);
  if (!varve_parallel_for (options->jobs, replay.runs->len, run_policy, &replay, cancellable, error))
    return NULL;
  if (g_array_index (replay.runs, Run, 0).result.steps > 0)
    return make_result (&replay);
  g_set_error (
      error, VARVE_ERROR, VARVE_ERROR_USAGE,
      "no update to count in %u releases: without --warm-up the first %d are not counted, and the first release "
      "of a file is not an update",
      replay.history->releases->len, VARVE_REPLAY_WARM_UP_RELEASES);
  return NULL;
}

void
varve_replay_result_free (VarveReplayResult *result)
{
  g_array_unref (result->rows);
  g_free (result);
}

json_object *
varve_replay_to_json (const VarveReplayResult *result)
{
  json_object *json = json_object_new_object (), *policies = json_object_new_object ();
  varve_json_add_size (json, "steps", result->bound.steps);
  varve_json_add_size (json, "bound_bytes", result->bound.mean_bytes);
  varve_json_add_size (json, "bound_lag3_bytes", result->bound.lag3_mean_bytes);
  varve_json_add_size (json, "full_bytes", result->bound.full_mean_bytes);
  for (guint i = 0; i < result->rows->len; i++)
    {
      const VarveReplayRow *row = &g_array_index (result->rows, VarveReplayRow, i);
      json_object *policy = json_object_new_object ();
      g_autofree char *ratio = g_strdup_printf ("%.4f", row->ratio);
      varve_json_add_size (policy, "bytes", row->tally.mean_bytes);
      json_object_object_add (policy, "ratio", json_object_new_double_s (row->ratio, ratio));
      varve_json_add_size (policy, "median_bytes", row->tally.median_bytes);
      varve_json_add_size (policy, "p90_bytes", row->tally.p90_bytes);
      varve_json_add_size (policy, "lag3_bytes", row->tally.lag3_mean_bytes);
      varve_json_add_size (policy, "layers", row->tally.max_layers);
      varve_json_add_size (policy, "full_bytes", row->tally.full_mean_bytes);
      varve_json_add_fraction (policy, "stale_share", varve_tally_stale_share (&row->tally));
      json_object_object_add (policies, row->policy, policy);
    }
  json_object_object_add (json, "policies", policies);
  return json;
}
