#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "chunker/pack.h"
#include "model/inventory.h"
#include "model/plan.h"
#include "ostree/commit.h"
#include "ostree/repo.h"
#include "packages/owners.h"

/* All that is known of an image before its layers are written: the way from the commit to the plan. */

typedef struct {
  const char *repo_path;
  const char *ref; /* a ref or a commit of the repository */
  VarveOwnersOptions owners;
  guint32 max_layers; /* the commit layer not counted */
  guint jobs;
} VarveDraftOptions;

#define VARVE_MAX_LAYERS_DEFAULT 64
#define VARVE_DRAFT_OPTIONS_INIT \
  { .owners = VARVE_OWNERS_OPTIONS_INIT, .max_layers = VARVE_MAX_LAYERS_DEFAULT, .jobs = 1 }

typedef struct {
  VarveRepo *repo;
  VarveCommit *commit;
  VarveInventory *inventory;
  VarvePlan *plan;
  GPtrArray *objects; /* GArray of guint32 for each layer of the plan: what is in its tar, in order */
} VarveDraft;

VarveDraft *varve_draft_new (const VarveDraftOptions *options, VarveObserver *observer, GCancellable *cancellable,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_draft_free (VarveDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDraft, varve_draft_free)
