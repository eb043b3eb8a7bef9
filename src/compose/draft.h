/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "chunker/ledger.h"
#include "chunker/pack.h"
#include "compose/previous.h"
#include "emit/format.h"
#include "model/inventory.h"
#include "model/plan.h"
#include "ostree/commit.h"
#include "ostree/read-history.h"
#include "ostree/repo.h"
#include "packages/owners.h"
#include "rootfs/input.h"

/* An image before its layers are written: the commit, its files and owners, and the plan. */

typedef struct {
  const char *repo_path;
  const char *ref;         /* a ref or a commit of the repository */
  VarveInputOptions input; /* a tree or an image instead; then the two above are NULL */
  VarveFormat format;
  VarveOwnersOptions owners;
  VarvePreviousOptions previous;   /* its architecture is the user's choice for the image; NULL: the commit's */
  VarveReadHistoryOptions history; /* older commits of the repository to learn from */
  char **sign_keys;                /* to sign the commit with in the image, see ostree/sign.h; NULL: none */
  guint32 max_layers;              /* the commit layer not counted */
  guint jobs;
} VarveDraftOptions;

#define VARVE_MAX_LAYERS_DEFAULT 64
#define VARVE_DRAFT_OPTIONS_INIT                                                                                       \
  { .input = VARVE_INPUT_OPTIONS_INIT,                                                                                 \
    .owners = VARVE_OWNERS_OPTIONS_INIT,                                                                               \
    .max_layers = VARVE_MAX_LAYERS_DEFAULT,                                                                            \
    .jobs = 1 }

/* A layer that is planned. */
typedef struct {
  GArray *objects;  /* guint32: the objects of its tar, in order; NULL for the commit layer */
  char *key;        /* its content key */
  guint32 previous; /* the same layer in the previous image, counting the commit layer; or VARVE_NO_LAYER */
} VarveDraftLayer;

typedef struct {
  VarveRepo *repo;     /* NULL for a tree or an image */
  VarveInput *input;   /* NULL for a commit in a repository */
  VarveSource *source; /* of its objects; owned by one of the two */
  VarveFormat format;
  VarveCommit *commit;
  VarveInventory *inventory;
  VarvePrevious *previous; /* NULL for none */
  VarvePlan *plan;
  VarveLedger *ledger; /* of this build; with planned layers and sizes */
  GPtrArray *layers;   /* VarveDraftLayer: the commit layer, then those of the plan */
} VarveDraft;

VarveDraft *varve_draft_new (const VarveDraftOptions *options, VarveObserver *observer, GCancellable *cancellable,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_draft_free (VarveDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDraft, varve_draft_free)

const VarveDraftLayer *varve_draft_layer (const VarveDraft *draft, guint index);
/* The descriptor of a reused layer in the previous image, and its diff ID; NULL for a new layer. */
const VarveDescriptor *varve_draft_reused (const VarveDraft *draft, guint index, VarveDigest *out_diff_id);
