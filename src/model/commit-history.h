/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "model/inventory.h"

/* What changed from commit to commit, or image to image, by the paths of the newest one. */

typedef struct {
  /* Both guint32, ascending, without duplicates. */
  GArray *files;       /* files of the inventory that are new or have another object */
  GArray *directories; /* directories from which something was removed, at any depth */
} VarveHistoryStep;

typedef struct {
  GArray *times;    /* gint64, seconds since 1970: of the commits, the newest first */
  GPtrArray *steps; /* VarveHistoryStep, owned: steps[i] leads to commit i from the one before it */
} VarveCommitHistory;

VarveCommitHistory *varve_commit_history_new (void);
void varve_commit_history_free (VarveCommitHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveCommitHistory, varve_commit_history_free)

/* Adds an empty step. The caller fills it, then calls varve_history_step_settle(), which sorts it. */
VarveHistoryStep *varve_commit_history_add_step (VarveCommitHistory *history);
void varve_history_step_settle (VarveHistoryStep *step);
/* Records a path that only one of two trees has, or that differs in them, as in a commit ("usr/etc/passwd"). Where
 * @inventory lacks it, its nearest directory there has lost something; a kernel's folder stands for those of other
 * versions. */
void varve_history_step_add_path (VarveHistoryStep *step, const VarveInventory *inventory, const char *path);
