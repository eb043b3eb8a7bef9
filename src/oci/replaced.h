/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/digest.h"

/* The journal of replaced blobs: the file ".varve_replaced" in a layout, one hexadecimal digest a line. It lists blobs
 * that were reachable from index.json until an entry was replaced. A reader of the old entry may still need them, so
 * they are not removed by the build that replaces it, but by a later one that is asked to. */

#define VARVE_REPLACED_NAME ".varve_replaced"

typedef enum {
  VARVE_REPLACED_NOTE,  /* lists newly replaced blobs */
  VARVE_REPLACED_PRUNE, /* and removes the blobs listed before that are still unreachable */
} VarveReplacedAction;

/* @before and @after are the sets of VarveDigest reachable from the old and the new index.json; the caller holds the
 * lock. A run killed in between loses no entry. */
gboolean varve_replaced_update (int layout_fd, int blobs_fd, GHashTable *before, GHashTable *after,
                                VarveReplacedAction action, GError **error) G_GNUC_WARN_UNUSED_RESULT;
