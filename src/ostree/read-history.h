/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "model/commit-history.h"
#include "model/inventory.h"
#include "ostree/repo.h"

typedef struct {
  guint n_parents; /* at most this many ancestors are followed */
  char **commits;  /* refs or checksums of further commits, NULL-terminated; may be NULL */
} VarveReadHistoryOptions;

#define VARVE_HISTORY_COMMITS_MAX 128u

/* The changes between the commit of @inventory, its ancestors and the named commits, sorted by time. Only dirtrees are
 * read, and only where two commits differ. A missing or partial ancestor ends the series; a missing or partial named
 * commit is an error. At most the newest VARVE_HISTORY_COMMITS_MAX commits are compared. */
VarveCommitHistory *varve_read_history (VarveRepo *repo, const VarveInventory *inventory,
                                        const VarveReadHistoryOptions *options, VarveObserver *observer,
                                        GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
