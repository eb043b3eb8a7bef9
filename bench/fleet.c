/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/fleet.h"

#include <string.h>

#include "base/error.h"

enum { LINE_FIELDS_MAX = 3, GROUPS_MAX = 1000 };

#define HOSTS_MAX 10000000000ull

void
varve_fleet_free (VarveFleet *fleet)
{
  g_array_unref (fleet->results);
  g_free (fleet->by_lag);
  g_free (fleet);
}

static gboolean
parse_number (const char *text, guint64 min, guint64 max, guint64 *out_number)
{
  return text != NULL && g_ascii_string_to_unsigned (text, 10, min, max, out_number, NULL);
}

static gboolean
parse_group (const char *line, VarveFleetGroup *out_group)
{
  g_autofree char *text = g_strdup (line);
  g_strdelimit (text, "\t\r", ' ');
  g_auto (GStrv) parts = g_strsplit (text, " ", -1);
  const char *fields[LINE_FIELDS_MAX] = { NULL };
  guint n = 0;
  for (char **part = parts; *part != NULL; part++)
    if (**part != '\0')
      {
        if (n == LINE_FIELDS_MAX)
          return FALSE;
        fields[n++] = *part;
      }
  guint64 hosts, days, skip = 0;
  if (!parse_number (fields[0], 1, HOSTS_MAX, &hosts) || !parse_number (fields[1], 1, VARVE_FLEET_EVERY_DAYS_MAX, &days)
      || (fields[2] != NULL && !parse_number (fields[2], 0, 100, &skip)))
    return FALSE;
  *out_group = (VarveFleetGroup){ .hosts = hosts, .every_days = (guint)days, .skip = (double)skip / 100 };
  return TRUE;
}

GArray *
varve_fleet_groups_parse (const char *text, GError **error)
{
  g_autoptr (GArray) groups = g_array_new (FALSE, FALSE, sizeof (VarveFleetGroup));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      VarveFleetGroup group;
      lines[i][strcspn (lines[i], "#")] = '\0';
      if (g_strstrip (lines[i])[0] == '\0')
        continue;
      if (!parse_group (lines[i], &group) || groups->len == GROUPS_MAX)
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                       "line %u: expected HOSTS EVERY_DAYS [SKIP_PERCENT], with at most %d lines", i + 1, GROUPS_MAX);
          return NULL;
        }
      g_array_append_val (groups, group);
    }
  if (groups->len > 0)
    return g_steal_pointer (&groups);
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "no line of HOSTS EVERY_DAYS [SKIP_PERCENT]");
  return NULL;
}

GArray *
varve_fleet_groups_named (const char *name)
{
  static const struct {
    const char *name;
    VarveFleetGroup groups[3];
  } NAMED[] = {
    { "daily", { { 1000000, 1, 0 } } },
    { "weekly", { { 1000000, 7, 0 } } },
    { "monthly", { { 1000000, 30, 0 } } },
    { "mixed", { { 600000, 1, 0 }, { 300000, 7, 0 }, { 100000, 30, 0.2 } } },
  };
  for (guint i = 0; i < G_N_ELEMENTS (NAMED); i++)
    if (strcmp (NAMED[i].name, name) == 0)
      {
        GArray *groups = g_array_new (FALSE, FALSE, sizeof (VarveFleetGroup));
        for (guint k = 0; k < G_N_ELEMENTS (NAMED[i].groups) && NAMED[i].groups[k].hosts > 0; k++)
          g_array_append_val (groups, NAMED[i].groups[k]);
        return groups;
      }
  return NULL;
}

/* Counts the updates of the hosts of a group that look on the same days. @hosts has the hosts on each release. */
static void
run_phase (const VarveFleetSeries *series, const VarveFleetGroup *group, guint phase, guint last_day, double *updates,
           double *hosts)
{
  guint newest = 0;
  memset (hosts, 0, series->n * sizeof *hosts);
  hosts[0] = (double)group->hosts / group->every_days;
  for (guint day = series->days[0]; day <= last_day; day++)
    {
      while (newest + 1 < series->n && series->days[newest + 1] <= day)
        newest++;
      if ((day - series->days[0]) % group->every_days != phase)
        continue;
      for (guint from = 0; from < newest; from++)
        {
          double moved = hosts[from] * (1 - group->skip);
          updates[(gsize)from * series->n + newest] += moved;
          hosts[from] -= moved;
          hosts[newest] += moved;
        }
    }
}

/* The part of a download that a policy offers: @out_cost is that of the layers where nothing else is smaller. */
static gboolean
policy_cost (const VarveFleetSeries *series, const VarveFleetPolicy *policy, guint from, guint to,
             VarveFleetCost *out_cost)
{
  gsize at = (gsize)from * series->n + to;
  guint lag = to - from;
  VarveFleetCost offered = { 0 };
  *out_cost = series->layers[at];
  if (policy->kind == VARVE_FLEET_LAYERS || lag > policy->n)
    return FALSE;
  if (policy->kind == VARVE_FLEET_LAST || lag == 1)
    offered = series->deltas[at];
  else if (policy->kind == VARVE_FLEET_MERGED)
    offered = series->merged[at];
  else
    for (guint i = from; i < to; i++)
      {
        const VarveFleetCost *step = &series->deltas[(gsize)i * series->n + i + 1];
        offered.bytes += step->bytes;
        offered.host_seconds += step->host_seconds;
        offered.is_estimate |= step->is_estimate;
      }
  if (offered.bytes >= out_cost->bytes)
    return FALSE;
  *out_cost = offered;
  return TRUE;
}

/* Adds what it takes to make and to keep the deltas of a policy, whether or not a host uses them. */
static void
add_publishing (const VarveFleetSeries *series, const VarveFleetPolicy *policy, VarveFleetResult *result)
{
  guint64 all = 0, current = 0;
  guint most = policy->kind == VARVE_FLEET_LAYERS ? 0 : policy->kind == VARVE_FLEET_CHAIN ? 1 : policy->n;
  for (guint to = 1; to < series->n; to++)
    for (guint lag = 1; lag <= MIN (most, to); lag++)
      {
        gsize at = (gsize)(to - lag) * series->n + to;
        gboolean is_merged = policy->kind == VARVE_FLEET_MERGED && lag > 1;
        const VarveFleetCost *cost = is_merged ? &series->merged[at] : &series->deltas[at];
        /* A chain needs the steps before, too. */
        gboolean is_current = to == series->n - 1 || (policy->kind == VARVE_FLEET_CHAIN && to + policy->n >= series->n);
        all += cost->bytes;
        current += is_current ? cost->bytes : 0;
        result->builder_seconds += cost->builder_seconds;
      }
  result->stored_bytes = series->layer_bytes + all;
  result->stored_current_bytes = series->layer_bytes + current;
}

static VarveFleetResult
run_policy (const VarveFleetSeries *series, const VarveFleetPolicy *policy, const double *updates)
{
  VarveFleetResult result = { .policy = *policy };
  for (guint from = 0; from < series->n; from++)
    for (guint to = from + 1; to < series->n; to++)
      {
        VarveFleetCost cost;
        double count = updates[(gsize)from * series->n + to];
        gboolean is_delta = policy_cost (series, policy, from, to, &cost);
        result.egress_bytes += count * (double)cost.bytes;
        result.host_seconds += count * cost.host_seconds;
        result.delta_updates += is_delta ? count : 0;
      }
  add_publishing (series, policy, &result);
  return result;
}

static void
run_policies (const VarveFleetSeries *series, const double *updates, VarveFleet *fleet)
{
  static const VarveFleetPolicy POLICIES[] = {
    { VARVE_FLEET_LAYERS, 0 }, { VARVE_FLEET_LAST, 1 },    { VARVE_FLEET_LAST, 2 },  { VARVE_FLEET_LAST, 3 },
    { VARVE_FLEET_LAST, 5 },   { VARVE_FLEET_LAST, 10 },   { VARVE_FLEET_CHAIN, 3 }, { VARVE_FLEET_MERGED, 3 },
    { VARVE_FLEET_MERGED, 5 }, { VARVE_FLEET_MERGED, 10 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (POLICIES); i++)
    {
      VarveFleetResult result = run_policy (series, &POLICIES[i], updates);
      g_array_append_val (fleet->results, result);
    }
}

VarveFleet *
varve_fleet_run (const VarveFleetSeries *series, GArray *groups, guint tail_days)
{
  g_return_val_if_fail (series->n >= 2 && series->n <= VARVE_FLEET_RELEASES_MAX, NULL);
  g_autofree double *updates = g_new0 (double, (gsize)series->n * series->n);
  g_autofree double *hosts = g_new0 (double, series->n);
  VarveFleet *fleet = g_new0 (VarveFleet, 1);
  fleet->n = series->n;
  fleet->by_lag = g_new0 (double, series->n);
  fleet->results = g_array_new (FALSE, FALSE, sizeof (VarveFleetResult));
  for (guint i = 0; i < groups->len; i++)
    {
      const VarveFleetGroup *group = &g_array_index (groups, VarveFleetGroup, i);
      for (guint phase = 0; phase < group->every_days; phase++)
        {
          run_phase (series, group, phase, series->days[series->n - 1] + tail_days, updates, hosts);
          for (guint release = 0; release + 1 < series->n; release++)
            fleet->late += hosts[release];
        }
    }
  for (guint from = 0; from < series->n; from++)
    for (guint to = from + 1; to < series->n; to++)
      {
        gsize at = (gsize)from * series->n + to;
        fleet->updates += updates[at];
        fleet->by_lag[to - from] += updates[at];
        fleet->estimated += series->deltas[at].is_estimate ? updates[at] : 0;
      }
  run_policies (series, updates, fleet);
  return fleet;
}

char *
varve_fleet_policy_name (const VarveFleetPolicy *policy)
{
  switch (policy->kind)
    {
    case VARVE_FLEET_LAYERS:
      return g_strdup ("layers only");
    case VARVE_FLEET_LAST:
      return g_strdup_printf ("deltas from the last %u", policy->n);
    case VARVE_FLEET_CHAIN:
      return g_strdup_printf ("chains of up to %u", policy->n);
    case VARVE_FLEET_MERGED:
      return g_strdup_printf ("the last 1, merged to %u", policy->n);
    }
  g_return_val_if_reached (NULL);
}

static json_object *
result_to_json (const VarveFleetResult *result)
{
  static const char *const KINDS[] = { "layers", "last", "chain", "merged" };
  json_object *json = json_object_new_object ();
  varve_json_add_string (json, "policy", KINDS[result->policy.kind]);
  varve_json_add_size (json, "n", result->policy.n);
  varve_json_add_size (json, "egress_bytes", (guint64)result->egress_bytes);
  varve_json_add_size (json, "delta_updates", (guint64)result->delta_updates);
  varve_json_add_size (json, "stored_bytes", result->stored_bytes);
  varve_json_add_size (json, "stored_current_bytes", result->stored_current_bytes);
  varve_json_add_size (json, "builder_seconds", (guint64)result->builder_seconds);
  varve_json_add_size (json, "host_seconds", (guint64)result->host_seconds);
  return json;
}

json_object *
varve_fleet_to_json (const VarveFleet *fleet)
{
  json_object *json = json_object_new_object (), *lags = json_object_new_array (), *policies = json_object_new_array ();
  varve_json_add_size (json, "releases", fleet->n);
  varve_json_add_size (json, "updates", (guint64)(fleet->updates + 0.5));
  varve_json_add_size (json, "hosts_late", (guint64)(fleet->late + 0.5));
  varve_json_add_fraction (json, "estimated", fleet->updates > 0 ? fleet->estimated / fleet->updates : 0);
  for (guint lag = 1; lag < fleet->n; lag++)
    json_object_array_add (lags, json_object_new_int64 ((gint64)(fleet->by_lag[lag] + 0.5)));
  json_object_object_add (json, "updates_by_lag", lags);
  for (guint i = 0; i < fleet->results->len; i++)
    json_object_array_add (policies, result_to_json (&g_array_index (fleet->results, VarveFleetResult, i)));
  json_object_object_add (json, "policies", policies);
  return json;
}
