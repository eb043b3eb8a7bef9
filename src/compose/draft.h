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
#include "skopeo/reference.h"

/* An image before its layers are written: the commit, its files and owners, and the plan. */

typedef struct {
  const char *repo_path;
  const char *ref;            /* a ref or a commit of the repository */
  VarveInputOptions input;    /* a tree instead; then the two above are NULL */
  const VarveReference *from; /* an image instead */
  const char *architecture;   /* selects an image of an index; NULL: this machine's */
  VarveFormat format;
  gboolean keeps_format; /* the image has the format of @from, and @format is not read */
  VarveOwnersOptions owners;
  VarvePreviousOptions previous;   /* its architecture is the user's choice for the image; NULL: the commit's */
  char *base;                      /* name of the image that the tree was derived from: its layers are kept; or NULL */
  char **shares;                   /* names of variants, of which layers may be kept; NULL-terminated, or NULL */
  VarveReadHistoryOptions history; /* older commits of the repository to learn from */
  char **past_images;              /* names of older images to learn from; NULL-terminated, or NULL */
  char **sign_keys;                /* to sign the commit with in the image, see ostree/sign.h; NULL: none */
  guint32 max_layers;              /* the commit layer not counted */
  guint32 stale_permille; /* the most of the tree that kept layers may have besides what it needs; 0: nothing */
  guint jobs;
} VarveDraftOptions;

#define VARVE_MAX_LAYERS_DEFAULT 64
#define VARVE_STALE_PERMILLE_DEFAULT 10
#define VARVE_DRAFT_OPTIONS_INIT                                                                                       \
  { .input = VARVE_INPUT_OPTIONS_INIT,                                                                                 \
    .owners = VARVE_OWNERS_OPTIONS_INIT,                                                                               \
    .max_layers = VARVE_MAX_LAYERS_DEFAULT,                                                                            \
    .stale_permille = VARVE_STALE_PERMILLE_DEFAULT,                                                                    \
    .jobs = 1 }

typedef enum {
  VARVE_DRAFT_FIRST,     /* the commit layer, or folders */
  VARVE_DRAFT_OBJECTS,   /* a layer of the plan */
  VARVE_DRAFT_WHITEOUTS, /* removes what stale objects of other layers show */
} VarveDraftKind;

/* A layer that is planned. */
typedef struct {
  VarveDraftKind kind;
  GArray *objects;             /* guint32: the objects that it serves, in order; NULL for other kinds */
  const GPtrArray *stale;      /* VarveStaleObject, of the plan: what a kept layer also has; NULL for a new one */
  guint64 stale_bytes;         /* of these */
  char *key;                   /* its content key; NULL for a kept layer that has none */
  const VarvePrevious *former; /* the image with the same layer; NULL for a new one */
  guint former_layer;          /* its index there */
} VarveDraftLayer;

typedef struct {
  VarveRepo *repo;          /* NULL for a tree or an image */
  VarveInput *input;        /* NULL for a commit in a repository */
  VarveSource *source;      /* of its objects; owned by one of the two */
  const char *input_role;   /* "commit", "tree" or "image" */
  char *input_name;         /* as the user named it */
  VarveDigest input_digest; /* of an image, its manifest's; else the commit's checksum */
  VarveFormat format;
  VarveCommit *commit;
  VarveInventory *inventory;
  VarvePrevious *previous; /* NULL for none */
  VarvePrevious *base;     /* NULL for none */
  GPtrArray *shares;       /* VarvePrevious */
  VarveLedger *learned;    /* of older images; NULL where none of them has one, or it is part of another */
  GPtrArray *dropped;      /* VarveDroppedXattr: what a host of the image will not have; NULL where none asks */
  GPtrArray *candidates;   /* VarveCandidate: layers of these that may be kept */
  VarvePlan *plan;
  VarveLedger *ledger;  /* of this build; with planned layers and sizes */
  GPtrArray *whiteouts; /* the paths of the layer of whiteouts; empty: it is not needed */
  GPtrArray *layers;    /* VarveDraftLayer: the commit layer, those of the plan, whiteouts */
} VarveDraft;

VarveDraft *varve_draft_new (const VarveDraftOptions *options, VarveObserver *observer, GCancellable *cancellable,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_draft_free (VarveDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDraft, varve_draft_free)

const VarveDraftLayer *varve_draft_layer (const VarveDraft *draft, guint index);
/* The descriptor of a reused layer in its former image, and its diff ID; NULL for a new layer. */
const VarveDescriptor *varve_draft_reused (const VarveDraft *draft, guint index, VarveDigest *out_diff_id);
