#pragma once

#include "base/digest.h"

/* The journal of what builds have replaced: the file ".varve_replaced" in a layout, of one hexadecimal digest a line.
 * It lists the blobs that index.json led to once and does not any more, since an entry was replaced. Whoever read the
 * old entry may still be reading its blobs, so they are not removed by the build that replaced it, but by a later one
 * that is asked to. */

#define VARVE_REPLACED_NAME ".varve_replaced"

typedef enum {
  VARVE_REPLACED_NOTE,  /* only lists what is new */
  VARVE_REPLACED_PRUNE, /* and removes what was listed before and is still unused */
} VarveReplacedAction;

/* @before and @after are the sets of VarveDigest that the former and the present index.json lead to; the caller holds
 * the lock. A run that is killed in the middle loses no entry. */
gboolean varve_replaced_update (int layout_fd, int blobs_fd, GHashTable *before, GHashTable *after,
                                VarveReplacedAction action, GError **error) G_GNUC_WARN_UNUSED_RESULT;
