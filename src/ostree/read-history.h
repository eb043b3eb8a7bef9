#pragma once

#include "base/observer.h"
#include "model/commit-history.h"
#include "model/inventory.h"
#include "ostree/repo.h"

typedef struct {
  guint n_parents; /* how many commits before this one are followed at most */
  char **commits;  /* refs or checksums of further commits, NULL-terminated; may be NULL */
} VarveReadHistoryOptions;

#define VARVE_HISTORY_COMMITS_MAX 128u

/* What changed between the commit of @inventory, its parents, as far back as the repository has them, and the commits
 * that are named, in order of their times. Only dirtrees are read, and of those only where two commits differ. A parent
 * that the repository does not have, or only in part, ends the row; such a named commit is an error. At most
 * VARVE_HISTORY_COMMITS_MAX, the newest, are compared. */
VarveCommitHistory *varve_read_history (VarveRepo *repo, const VarveInventory *inventory,
                                        const VarveReadHistoryOptions *options, VarveObserver *observer,
                                        GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
