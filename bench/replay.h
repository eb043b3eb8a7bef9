/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/json.h"
#include "base/observer.h"
#include "bench/tally.h"

/* Replays a package history: each policy packs every release, and the downloads of a host at each step are summed. */

/* Releases that are not counted when no warm-up history is given. */
#define VARVE_REPLAY_WARM_UP_RELEASES 20
/* ostree-ext packs into no fewer. */
#define VARVE_REPLAY_LAYERS_MIN 4

typedef struct {
  const char *const *history_paths; /* NULL-terminated, oldest first; bench/package-history.h */
  const char *const *warm_up_paths; /* NULL-terminated, or NULL: come before the histories, and are not counted */
  const char *components_path;      /* bench/components-table.h */
  const char *const *policies;      /* NULL-terminated names, or NULL for all */
  guint32 max_layers;               /* VARVE_REPLAY_LAYERS_MIN … VARVE_PACK_LAYERS_MAX */
  guint32 stale_permille;           /* of an image, for the policy varve: VarveKeepOptions */
  guint jobs;
} VarveReplayOptions;

typedef struct {
  const char *policy; /* its name, static */
  VarveTallyResult tally;
  double ratio; /* of its total bytes to those of the bound */
} VarveReplayRow;

typedef struct {
  VarveTallyResult bound;
  GArray *rows; /* VarveReplayRow */
} VarveReplayResult;

VarveReplayResult *varve_replay_run (const VarveReplayOptions *options, VarveObserver *observer,
                                     GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_replay_result_free (VarveReplayResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveReplayResult, varve_replay_result_free)

json_object *varve_replay_to_json (const VarveReplayResult *result);
