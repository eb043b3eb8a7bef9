/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"

/* A fleet of hosts over a series of releases: who updates when, and what each way of publishing deltas costs. Hosts are
 * counted by state and not one by one, so the number of hosts does not matter. Pure: no files, no clock. */

#define VARVE_FLEET_RELEASES_MAX 400u
#define VARVE_FLEET_EVERY_DAYS_MAX 366u
#define VARVE_FLEET_LAST_MAX 10u

/* Hosts that update in the same way. */
typedef struct {
  guint64 hosts;
  guint every_days; /* a host looks for an update on every so-many-th day; the hosts are spread over these days */
  double skip;      /* the part of the hosts that are off on such a day, 0 to 1 */
} VarveFleetGroup;

/* Lines of "HOSTS EVERY_DAYS [SKIP_PERCENT]", empty lines and comments from '#'. A GArray of VarveFleetGroup; CORRUPT
 * with the number of the line. */
GArray *varve_fleet_groups_parse (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A million hosts: "daily", "weekly", "monthly", or "mixed" (60 % daily, 30 % weekly, 10 % monthly, of whom a fifth is
 * off). NULL for another name. */
GArray *varve_fleet_groups_named (const char *name);

/* What one update, from one release to a later one, costs with one kind of download. */
typedef struct {
  guint64 bytes;
  double host_seconds;
  double builder_seconds; /* once, to make it */
  gboolean is_estimate;
} VarveFleetCost;

/* The updates of a series. Arrays are indexed by from * n + to, with from < to. */
typedef struct {
  guint n;             /* releases, at most VARVE_FLEET_RELEASES_MAX */
  const guint *days;   /* of each release, ascending */
  guint64 layer_bytes; /* different layers of all releases, in the registry */
  VarveFleetCost *layers, *deltas, *merged;
} VarveFleetSeries;

typedef enum {
  VARVE_FLEET_LAYERS, /* no deltas */
  VARVE_FLEET_LAST,   /* deltas from the last N releases, made from the images */
  VARVE_FLEET_CHAIN,  /* a delta from the last release; hosts take up to N one after the other */
  VARVE_FLEET_MERGED, /* a delta from the last release; those from the N - 1 before are merged */
} VarveFleetPolicyKind;

typedef struct {
  VarveFleetPolicyKind kind;
  guint n;
} VarveFleetPolicy;

typedef struct {
  VarveFleetPolicy policy;
  double egress_bytes;
  double delta_updates;         /* how many of the updates use deltas */
  guint64 stored_bytes;         /* layers, and the deltas to all releases */
  guint64 stored_current_bytes; /* layers, and only the deltas that lead to the newest release */
  double builder_seconds, host_seconds;
} VarveFleetResult;

typedef struct {
  double updates;
  double *by_lag; /* updates over 1, 2, … releases; n values, the first unused */
  guint n;
  double late;      /* hosts that are not on the newest release in the end */
  double estimated; /* the part of the updates whose delta is estimated */
  GArray *results;  /* VarveFleetResult */
} VarveFleet;

/* Simulates until @tail_days after the last release. All hosts begin with the first release. */
VarveFleet *varve_fleet_run (const VarveFleetSeries *series, GArray *groups, guint tail_days);
void varve_fleet_free (VarveFleet *fleet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveFleet, varve_fleet_free)

/* "layers only", "deltas from the last 3", …; the caller frees it. */
char *varve_fleet_policy_name (const VarveFleetPolicy *policy);
json_object *varve_fleet_to_json (const VarveFleet *fleet);
