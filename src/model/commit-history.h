#pragma once

#include <glib.h>

/* What changed from commit to commit, told by the paths of the newest one. */

typedef struct {
  GArray *files; /* guint32: files of the inventory that were not there, or were another object; ascending, each once */
  GArray *
      directories; /* guint32: directories in which, at any depth, something was that is not there any more; the same */
} VarveHistoryStep;

typedef struct {
  GArray *times;    /* gint64, seconds since 1970: of the commits, the newest first */
  GPtrArray *steps; /* VarveHistoryStep, owned: steps[i] leads to commit i from the one before it */
} VarveCommitHistory;

VarveCommitHistory *varve_commit_history_new (void);
void varve_commit_history_free (VarveCommitHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveCommitHistory, varve_commit_history_free)

/* Adds an empty step, to be filled; varve_history_step_settle() then sorts it. */
VarveHistoryStep *varve_commit_history_add_step (VarveCommitHistory *history);
void varve_history_step_settle (VarveHistoryStep *step);
