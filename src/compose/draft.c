/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger needs the atoms, the decision what to split needs the ledger, and the atoms depend on what is split. So
 * atoms are made twice where the ledger shows a new part to split. */
#include "compose/draft.h"

#include <string.h>

#include "base/error.h"
#include "chunker/atoms.h"
#include "chunker/forecast.h"
#include "chunker/kept-layers.h"
#include "chunker/learn.h"
#include "chunker/loose.h"
#include "chunker/room.h"
#include "chunker/stale-since.h"
#include "chunker/watched-dirs.h"
#include "compose/candidates.h"
#include "compose/image-config.h"
#include "compose/image-history.h"
#include "compose/image-ledger.h"
#include "compose/kept-folders.h"
#include "compose/past-images.h"
#include "emit/content-key.h"
#include "emit/ostree-tar.h"
#include "emit/plain-tar.h"
#include "emit/whiteout-tar.h"
#include "model/image-keys.h"
#include "packages/bytecode-times.h"
#include "rootfs/bootable.h"
#include "rootfs/owned-tree.h"
#include "transport/open-image.h"
#include "verify/dropped-xattrs.h"
#include "verify/verify-plain.h"

/* How messages name the images. */
static const char BASE[] = "base image", VARIANT[] = "variant", PAST[] = "older image";

static void
draft_layer_free (gpointer data)
{
  VarveDraftLayer *layer = data;
  g_clear_pointer (&layer->objects, g_array_unref);
  g_free (layer->key);
  g_free (layer);
}

void
varve_draft_free (VarveDraft *draft)
{
  g_free (draft->input_name);
  g_clear_pointer (&draft->layers, g_ptr_array_unref);
  g_clear_pointer (&draft->whiteouts, g_ptr_array_unref);
  g_clear_pointer (&draft->ledger, varve_ledger_free);
  g_clear_pointer (&draft->plan, varve_plan_free);
  g_clear_pointer (&draft->candidates, g_ptr_array_unref);
  g_clear_pointer (&draft->dropped, g_ptr_array_unref);
  g_clear_pointer (&draft->learned, varve_ledger_free);
  g_clear_pointer (&draft->shares, g_ptr_array_unref);
  g_clear_pointer (&draft->base, varve_previous_free);
  g_clear_pointer (&draft->previous, varve_previous_free);
  g_clear_pointer (&draft->inventory, varve_inventory_free);
  g_clear_pointer (&draft->commit, varve_commit_free);
  g_clear_pointer (&draft->input, varve_input_free);
  g_clear_pointer (&draft->repo, varve_repo_free);
  g_free (draft);
}

const VarveDraftLayer *
varve_draft_layer (const VarveDraft *draft, guint index)
{
  g_return_val_if_fail (index < draft->layers->len, NULL);
  return g_ptr_array_index (draft->layers, index);
}

const VarveDescriptor *
varve_draft_reused (const VarveDraft *draft, guint index, VarveDigest *out_diff_id)
{
  const VarveDraftLayer *layer = varve_draft_layer (draft, index);
  if (layer->former == NULL)
    return NULL;
  *out_diff_id = g_array_index (layer->former->diff_ids, VarveDigest, layer->former_layer);
  return varve_manifest_layer (layer->former->manifest, layer->former_layer);
}

static gboolean
open_commit (VarveDraft *draft, const VarveDigest *checksum, GError **error)
{
  g_autoptr (GBytes) raw = draft->source->load_metadata (draft->source, VARVE_METADATA_COMMIT, checksum, error);
  draft->commit = raw != NULL ? varve_commit_parse (raw, error) : NULL;
  if (draft->commit != NULL)
    return TRUE;
  g_autofree char *hex = varve_digest_to_hex (checksum);
  g_prefix_error (error, "commit %s: ", hex);
  return FALSE;
}

static gboolean
draft_sign (VarveDraft *draft, const VarveDraftOptions *options, const VarveDigest *commit, GCancellable *cancellable,
            GError **error)
{
  const char *const *keys = (const char *const *)options->sign_keys;
  if (keys == NULL
      || (draft->repo != NULL ? varve_repo_sign (draft->repo, commit, keys, cancellable, error)
                              : varve_input_sign (draft->input, commit, keys, cancellable, error)))
    return TRUE;
  g_autofree char *hex = varve_digest_to_hex (commit);
  g_prefix_error (error, "commit %s: ", hex);
  return FALSE;
}

static gboolean
open_repo (VarveDraft *draft, const VarveDraftOptions *options, VarveDigest *out_checksum, GCancellable *cancellable,
           GError **error)
{
  draft->repo = varve_repo_open (options->repo_path, cancellable, error);
  if (draft->repo == NULL || !varve_repo_resolve (draft->repo, options->ref, out_checksum, error))
    return FALSE;
  draft->source = varve_repo_source (draft->repo);
  return open_commit (draft, out_checksum, error) && draft_sign (draft, options, out_checksum, cancellable, error);
}

/* The image to build from: it decides the format, which decides how everything else is read. */
static gboolean
open_from (VarveDraft *draft, const VarveDraftOptions *options, VarveImage **out_image, GError **error)
{
  draft->format = options->format;
  if (options->from == NULL)
    return TRUE;
  *out_image = varve_open_image (options->from, options->architecture, error);
  if (*out_image == NULL)
    return FALSE;
  if (options->keeps_format)
    draft->format = varve_verify_is_plain (*out_image) ? VARVE_FORMAT_PLAIN : VARVE_FORMAT_OSTREE;
  if (draft->format != VARVE_FORMAT_PLAIN || options->sign_keys == NULL)
    return TRUE;
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                       "--sign-commit: the image to build from is a plain one, and so is the new image, which contains "
                       "no commit (--format ostree writes an image of a commit)");
  return FALSE;
}

/* The input has the inventory and the components already. */
static gboolean
open_input (VarveDraft *draft, const VarveDraftOptions *options, const VarveImage *image,
            VarveComponents **out_components, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  VarveInputOptions input = options->input;
  input.image = image;
  input.image_name = options->from != NULL ? options->from->text : NULL;
  input.is_plain = draft->format == VARVE_FORMAT_PLAIN;
  draft->input = varve_input_open (&input, &options->owners, options->jobs, observer, cancellable, error);
  if (draft->input == NULL)
    return FALSE;
  draft->source = draft->input->source;
  draft->inventory = g_steal_pointer (&draft->input->inventory);
  *out_components = g_steal_pointer (&draft->input->components);
  return open_commit (draft, &draft->inventory->commit, error)
         && draft_sign (draft, options, &draft->inventory->commit, cancellable, error);
}

/* What decides the plan besides the commit's tree. */
typedef struct {
  VarveDigest commit; /* of a repository */
  VarveComponents *components;
  VarveCommitHistory *of_commits; /* NULL where no older commits are read */
  VarveCommitHistory *of_images;  /* NULL where no layers of older images are read */
  gint64 time;
} Evidence;

static void
evidence_clear (Evidence *evidence)
{
  g_clear_pointer (&evidence->components, varve_components_free);
  g_clear_pointer (&evidence->of_commits, varve_commit_history_free);
  g_clear_pointer (&evidence->of_images, varve_commit_history_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Evidence, evidence_clear)

/* The ledger that this build continues: that of the previous image; where that is by another tool, as what docker built
 * on an image of ours, that of the previous images before it, or that of the base; else one of the older images. A
 * ledger of names tells nothing of changes. */
static VarveLedger *
former_ledger (const VarveDraft *draft)
{
  VarveLedger *previous = draft->previous != NULL ? draft->previous->ledger : NULL,
              *past = draft->previous != NULL ? draft->previous->past : NULL,
              *base = draft->base != NULL ? draft->base->ledger : NULL,
              *ledgers[] = { previous, past, base, draft->learned };
  for (guint i = 0; i < G_N_ELEMENTS (ledgers); i++)
    if (ledgers[i] != NULL && varve_image_ledger_is_exact (ledgers[i]))
      return ledgers[i];
  return previous != NULL ? previous : base;
}

static void
make_atoms (VarveDraft *draft, const Evidence *evidence, const VarveParts *parts)
{
  const VarveLedger *former = former_ledger (draft);
  VarveAtomsOptions options = VARVE_ATOMS_OPTIONS_INIT;
  guint32 period_days = former != NULL ? varve_ledger_period_days (former) : 0;
  options.now = evidence->time;
  options.parts = parts;
  if (period_days > 0)
    options.churn.period_days = period_days;
  g_clear_pointer (&draft->plan, varve_plan_free);
  draft->plan = varve_atoms_new (draft->inventory, evidence->components, &options);
  varve_watched_dirs_find (draft->plan, draft->inventory);
}

/* Building a commit again adds no step to the ledger, so that the result is the same. */
static gboolean
is_repeated (const VarveDraft *draft, const VarveLedger *former)
{
  g_autofree char *commit = varve_digest_to_hex (&draft->inventory->commit);
  return draft->previous != NULL && former == draft->previous->ledger && former->times->len > 0
         && g_strcmp0 (draft->previous->commit, commit) == 0;
}

static void
add_history (VarveDraft *draft, const VarveCommitHistory *history)
{
  g_autoptr (VarveLedger) older = history != NULL ? varve_learn (draft->plan, draft->inventory, history) : NULL;
  if (older != NULL && draft->ledger == NULL)
    draft->ledger = g_steal_pointer (&older);
  else if (older != NULL)
    varve_ledger_append_older (draft->ledger, older);
}

static void
make_ledger (VarveDraft *draft, const Evidence *evidence)
{
  const VarveLedger *former = former_ledger (draft);
  g_clear_pointer (&draft->ledger, varve_ledger_free);
  if (former != NULL && is_repeated (draft, former))
    draft->ledger = varve_ledger_repeat (former, draft->plan);
  else if (former != NULL || (evidence->of_commits == NULL && evidence->of_images == NULL))
    draft->ledger = varve_ledger_advance (former, draft->plan, evidence->time);
  add_history (draft, evidence->of_commits);
  add_history (draft, evidence->of_images);
}

static void
convert_whiteouts (VarveDraft *draft, const GPtrArray *absent)
{
  g_ptr_array_set_size (draft->whiteouts, 0);
  for (guint i = 0; i < absent->len; i++)
    {
      const char *path = absent->pdata[i];
      const char *shown = draft->format == VARVE_FORMAT_PLAIN ? varve_plain_tar_path (draft->inventory, path)
                                                              : varve_ostree_tar_path (path);
      g_ptr_array_add (draft->whiteouts, g_strdup (shown));
    }
}

/* Layers of the base do not count. */
static guint32
count_layers (const VarveDraft *draft, const VarveDraftOptions *options)
{
  guint32 n_pinned = 0;
  for (guint i = 0; i < draft->candidates->len; i++)
    n_pinned += ((VarveCandidate *)draft->candidates->pdata[i])->is_pinned;
  return MIN (options->max_layers + n_pinned, VARVE_PACK_LAYERS_MAX);
}

static gboolean
find_candidates (VarveDraft *draft, const VarveDraftOptions *options, VarveObserver *observer,
                 GCancellable *cancellable, GError **error)
{
  VarveCandidatesOptions find = {
    .base = draft->base,
    .previous = draft->previous,
    .shares = draft->shares,
    .plan = draft->plan,
    .inventory = draft->inventory,
    .format = draft->format,
    .is_optional = options->previous.is_optional,
    .may_be_stale = options->stale_permille > 0,
    .jobs = options->jobs,
    .observer = observer,
  };
  draft->candidates = varve_candidates_find (&find, cancellable, error);
  return draft->candidates != NULL;
}

typedef struct {
  VarveDraft *draft;
  const VarveKeptCandidate *candidates;
  VarveKeepOptions keep;
  VarvePackOptions pack;
} Fill;

static void
fill_plan (VarvePlan *plan, guint32 n_free, gpointer data)
{
  Fill *fill = data;
  VarveDraft *draft = fill->draft;
  fill->keep.n_free = n_free;
  g_autoptr (GPtrArray) absent
      = varve_kept_layers_add (plan, draft->inventory, fill->candidates, draft->candidates->len, &fill->keep);
  convert_whiteouts (draft, absent);
  VarvePackOptions pack = fill->pack;
  pack.max_layers -= MIN (draft->whiteouts->len, 1);
  varve_pack_loose (plan, draft->inventory, &pack);
}

static void
draft_fill (VarveDraft *draft, const VarveDraftOptions *options)
{
  guint n = draft->candidates->len;
  g_autofree VarveKeptCandidate *candidates = g_new0 (VarveKeptCandidate, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    {
      const VarveCandidate *candidate = draft->candidates->pdata[i];
      candidates[i] = (VarveKeptCandidate){ candidate->entries, candidate->is_pinned, candidate->is_extra };
    }
  Fill fill = { .draft = draft, .candidates = candidates, .pack = VARVE_PACK_OPTIONS_INIT };
  fill.pack.max_layers = count_layers (draft, options);
  fill.pack.may_keep_stale = options->stale_permille > 0;
  fill.keep = (VarveKeepOptions){
    .max_layers = fill.pack.max_layers,
    .stale_permille = options->stale_permille,
    .shown_directory = draft->format == VARVE_FORMAT_OSTREE ? VARVE_OSTREE_TAR_ADDED : NULL,
  };
  varve_room_make (draft->plan, &fill.pack, fill_plan, &fill);
}

static void
draft_date_stale (VarveDraft *draft)
{
  gint64 now = g_array_index (draft->ledger->times, gint64, 0);
  for (guint i = 0; i < draft->plan->layers->len; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (draft->plan, i);
      if (layer->stale == NULL)
        continue;
      const VarveCandidate *candidate = draft->candidates->pdata[layer->previous];
      varve_stale_since (layer->stale, candidate->recorded, now);
    }
}

static gboolean
draft_pack (VarveDraft *draft, const VarveDraftOptions *options, VarveObserver *observer, GCancellable *cancellable,
            GError **error)
{
  if (!find_candidates (draft, options, observer, cancellable, error))
    return FALSE;
  draft_fill (draft, options);
  draft_date_stale (draft);
  varve_ledger_place (draft->ledger, draft->plan);
  return TRUE;
}

static void
draft_judge (VarveDraft *draft, const Evidence *evidence)
{
  const VarveLedger *former = former_ledger (draft);
  g_autoptr (VarveParts) parts = varve_parts_new ();
  if (former != NULL)
    varve_parts_add_former (parts, former);
  make_atoms (draft, evidence, parts);
  make_ledger (draft, evidence);
  if (varve_parts_find_new (parts, draft->plan, draft->inventory, draft->ledger, former) > 0)
    {
      make_atoms (draft, evidence, parts);
      make_ledger (draft, evidence);
    }
  varve_forecast (draft->plan, draft->ledger);
}

static VarveDraftLayer *
draft_add_layer (VarveDraft *draft, VarveDraftKind kind, const VarveDigest *key)
{
  VarveDraftLayer *layer = g_new0 (VarveDraftLayer, 1);
  layer->kind = kind;
  layer->key = varve_digest_to_string (key);
  guint32 found = draft->previous != NULL ? varve_previous_find (draft->previous, layer->key) : VARVE_NO_LAYER;
  layer->former = found != VARVE_NO_LAYER ? draft->previous : NULL;
  layer->former_layer = found;
  g_ptr_array_add (draft->layers, layer);
  return layer;
}

/* A kept layer has the key that it had before, which also describes what is stale in it. The ledger records a key of
 * what is live where the former does not describe just that. */
static void
draft_add_planned (VarveDraft *draft, guint index)
{
  const VarvePlanLayer *planned = varve_plan_layer (draft->plan, index);
  GArray *objects = varve_plan_layer_objects (draft->plan, planned);
  VarveDigest key
      = varve_content_key (draft->format, draft->inventory, (const guint32 *)(const void *)objects->data, objects->len);
  VarveDraftLayer *layer = draft_add_layer (draft, VARVE_DRAFT_OBJECTS, &key);
  layer->objects = objects;
  if (planned->previous == VARVE_NO_LAYER)
    return;
  const VarveCandidate *candidate = draft->candidates->pdata[planned->previous];
  layer->former = candidate->image;
  layer->former_layer = candidate->layer;
  layer->stale = planned->stale;
  layer->stale_bytes = planned->stale_bytes;
  const char *own_key = varve_previous_key (candidate->image, candidate->layer);
  VarveLedgerLayer *recorded = varve_ledger_layer (draft->ledger, index);
  recorded->has_key = g_strcmp0 (own_key, layer->key) != 0;
  recorded->key = recorded->has_key ? key : (VarveDigest){ 0 };
  g_free (layer->key);
  layer->key = g_strdup (own_key);
}

/* A layer by another tool need not have the parent folders of its files. */
static gboolean
has_foreign_layers (const VarveDraft *draft)
{
  gboolean is_foreign = draft->previous != NULL && draft->previous->first == 0;
  for (guint i = 0; i < draft->shares->len; i++)
    is_foreign |= ((VarvePrevious *)draft->shares->pdata[i])->first == 0;
  return is_foreign;
}

/* What is built on a plain base begins with its folders, too, if they are in the tree and all others have files. The
 * key is that of what was found in the layer, whatever the base says. A thin base need not have the layer: then the
 * folders are written anew. */
static gboolean
draft_keep_folders (VarveDraft *draft, VarveDraftLayer *first, GCancellable *cancellable, GError **error)
{
  static const VarveDigest UNKNOWN = { 0 };
  const VarvePrevious *base = draft->base;
  g_autofree guint8 *has = NULL;
  if (draft->format != VARVE_FORMAT_PLAIN || base == NULL || base->image == NULL || base->first == 0
      || varve_previous_key (base, 0) == NULL || has_foreign_layers (draft)
      || varve_digest_compare (&g_array_index (base->diff_ids, VarveDigest, 0), &UNKNOWN) == 0)
    return TRUE;
  g_autoptr (GError) failure = NULL;
  if (!varve_kept_folders_check (base, draft->inventory, &has, cancellable, &failure)
      && !g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&failure), "%s '%s': ", BASE, base->name);
      return FALSE;
    }
  if (has == NULL)
    return TRUE;
  VarveDigest key = varve_content_key_of_folders (draft->inventory, has);
  first->former = base;
  first->former_layer = 0;
  g_free (first->key);
  first->key = varve_digest_to_string (&key);
  return TRUE;
}

static gboolean
draft_make_layers (VarveDraft *draft, GCancellable *cancellable, GError **error)
{
  VarveSource *source = draft->source;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) commitmeta
      = source->load_metadata (source, VARVE_METADATA_COMMITMETA, &draft->inventory->commit, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  VarveDigest commit_key = varve_content_key_first (draft->format, draft->inventory, commitmeta);
  draft->layers = g_ptr_array_new_with_free_func (draft_layer_free);
  VarveDraftLayer *first = draft_add_layer (draft, VARVE_DRAFT_FIRST, &commit_key);
  if (!draft_keep_folders (draft, first, cancellable, error))
    return FALSE;
  for (guint i = 0; i < draft->plan->layers->len; i++)
    draft_add_planned (draft, i);
  VarveDigest whiteouts_key = varve_whiteout_tar_key (draft->whiteouts);
  if (draft->whiteouts->len > 0)
    (void)draft_add_layer (draft, VARVE_DRAFT_WHITEOUTS, &whiteouts_key);
  return TRUE;
}

/* A commit has none: what is known is what its files require of each other. */
static gboolean
set_times (VarveDraft *draft, const VarveDraftOptions *options, VarveObserver *observer, GCancellable *cancellable,
           GError **error)
{
  VarveBytecodeTimes bytecode = {
    .inventory = draft->inventory,
    .source = draft->source,
    .jobs = options->jobs,
    .observer = observer,
  };
  return varve_bytecode_times_set (&bytecode, cancellable, error);
}

static gboolean
draft_read_repo (VarveDraft *draft, const VarveDraftOptions *options, Evidence *evidence, VarveObserver *observer,
                 GCancellable *cancellable, GError **error)
{
  VarveReadOwnedTree read = {
    .repo = draft->repo,
    .commit = evidence->commit,
    .owners = &options->owners,
    .jobs = options->jobs,
    .observer = observer,
  };
  g_auto (VarveOwnedTree) tree = { 0 };
  if (!varve_owned_tree_read (&read, &tree, cancellable, error))
    return FALSE;
  draft->inventory = g_steal_pointer (&tree.inventory);
  evidence->components = g_steal_pointer (&tree.components);
  if (draft->format == VARVE_FORMAT_PLAIN && !set_times (draft, options, observer, cancellable, error))
    return FALSE;
  varve_inventory_link_as_deployed (draft->inventory);
  if (options->history.n_parents == 0 && options->history.commits == NULL)
    return TRUE;
  evidence->of_commits
      = varve_read_history (draft->repo, draft->inventory, &options->history, observer, cancellable, error);
  return evidence->of_commits != NULL;
}

/* Takes the ledgers out, and the images that they cover: those that are not older than the oldest build of one. */
static void
use_past_ledgers (VarveDraft *draft, GPtrArray *images)
{
  for (guint i = 0; i < images->len; i++)
    {
      VarvePastImage *past = images->pdata[i];
      VarveLedger *former = former_ledger (draft);
      if (past->ledger != NULL && former != NULL && varve_image_ledger_is_exact (former))
        varve_ledger_append_older (former, past->ledger);
      else if (past->ledger != NULL)
        draft->learned = g_steal_pointer (&past->ledger);
    }
  const VarveLedger *former = former_ledger (draft);
  gboolean is_exact = former != NULL && varve_image_ledger_is_exact (former);
  for (guint i = images->len; i-- > 0;)
    {
      const VarvePastImage *past = images->pdata[i];
      if (is_exact && past->time >= g_array_index (former->times, gint64, former->times->len - 1))
        g_ptr_array_remove_index (images, i);
    }
}

static gboolean
learn_from_images (VarveDraft *draft, const VarveDraftOptions *options, Evidence *evidence, VarveObserver *observer,
                   GCancellable *cancellable, GError **error)
{
  VarvePastImagesOptions open = {
    .names = (const char *const *)options->past_images,
    .architecture = varve_image_architecture (draft->commit, options->previous.architecture),
    .access = options->previous.access,
  };
  g_autoptr (GPtrArray) images = varve_past_images_open (&open, evidence->time, error);
  if (images == NULL)
    return FALSE;
  use_past_ledgers (draft, images);
  if (images->len == 0)
    return TRUE;
  VarveImageHistory read = {
    .images = images,
    .inventory = draft->inventory,
    .time = evidence->time,
    .prune = options->input.rootfs.prune,
    .jobs = options->jobs,
    .observer = observer,
  };
  evidence->of_images = varve_image_history_read (&read, cancellable, error);
  return evidence->of_images != NULL;
}

/* Once for each attribute. A bootable plain image is for bootc's composefs backend. */
static void
warn_dropped (VarveDraft *draft, VarveObserver *observer)
{
  enum { WARNINGS_MAX = 5 };
  draft->dropped = varve_dropped_xattrs_find (draft->inventory);
  for (guint i = 0; i < MIN (draft->dropped->len, WARNINGS_MAX); i++)
    {
      const VarveDroppedXattr *dropped = draft->dropped->pdata[i];
      g_autofree char *name = varve_escape (dropped->name), *path = varve_escape (dropped->path);
      varve_observer_warn (
          observer, "bootc's composefs backend drops the attribute '%s': %" G_GUINT64_FORMAT " path%s, '/%s'%s", name,
          dropped->n_paths, dropped->n_paths == 1 ? "" : "s", path, dropped->n_paths == 1 ? "" : " and others");
    }
  if (draft->dropped->len > WARNINGS_MAX)
    varve_observer_warn (observer, "bootc's composefs backend drops %u more attributes",
                         draft->dropped->len - WARNINGS_MAX);
}

static void
check_boot (VarveDraft *draft, VarveObserver *observer, GCancellable *cancellable)
{
  gboolean is_bootable = FALSE; /* the commit of an input is ours, and says so only where there is a kernel */
  (void)varve_commit_find_boolean (draft->commit, VARVE_KEY_BOOTABLE, &is_bootable);
  if (draft->format == VARVE_FORMAT_PLAIN && is_bootable)
    warn_dropped (draft, observer);
  if (draft->input != NULL && draft->format == VARVE_FORMAT_PLAIN) /* which is often no system */
    is_bootable = draft->input->config != NULL && varve_config_label (draft->input->config, VARVE_LABEL_BOOTC) != NULL;
  else if (draft->input != NULL)
    is_bootable = TRUE;
  varve_observer_begin (observer, "checking what boots", 0);
  varve_bootable_check (draft->inventory, draft->source, is_bootable ? VARVE_BOOTABLE_EXPECTED : VARVE_BOOTABLE_OR_NOT,
                        observer, cancellable);
}

static VarvePreviousOptions
previous_options (const VarveDraft *draft, const VarveDraftOptions *options)
{
  VarvePreviousOptions previous = options->previous;
  previous.takes_plain = draft->format == VARVE_FORMAT_PLAIN;
  return previous;
}

/* Before a tree is read, which takes long. */
static gboolean
check_former (const VarveDraft *draft, const VarveDraftOptions *options, GError **error)
{
  VarvePreviousOptions previous = previous_options (draft, options);
  if (!varve_previous_check (&previous, error)
      || (options->base != NULL && !varve_previous_check_one (BASE, options->base, &previous, error)))
    return FALSE;
  for (char **name = options->shares; name != NULL && *name != NULL; name++)
    if (!varve_previous_check_one (VARIANT, *name, &previous, error))
      return FALSE;
  previous.takes_plain = TRUE;
  for (char **name = options->past_images; name != NULL && *name != NULL; name++)
    if (!varve_previous_check_one (PAST, *name, &previous, error))
      return FALSE;
  return TRUE;
}

/* The images that the build starts from. */
static gboolean
open_former (VarveDraft *draft, const VarveDraftOptions *options, VarveObserver *observer, GError **error)
{
  VarvePreviousOptions previous = previous_options (draft, options);
  previous.architecture = varve_image_architecture (draft->commit, options->previous.architecture);
  if (!varve_previous_open (&previous, observer, &draft->previous, error))
    return FALSE;
  draft->base = options->base != NULL ? varve_previous_open_one (BASE, options->base, &previous, error) : NULL;
  if (options->base != NULL && draft->base == NULL)
    return FALSE;
  for (char **name = options->shares; name != NULL && *name != NULL; name++)
    {
      VarvePrevious *variant = varve_previous_open_one (VARIANT, *name, &previous, error);
      if (variant == NULL)
        return FALSE;
      g_ptr_array_add (draft->shares, variant);
    }
  return TRUE;
}

static void
name_input (VarveDraft *draft, const VarveDraftOptions *options, const VarveImage *from, const VarveDigest *commit)
{
  draft->input_role = from != NULL ? "image" : options->ref != NULL ? "commit" : "tree";
  draft->input_name = g_strdup (from != NULL           ? options->from->text
                                : options->ref != NULL ? options->ref
                                                       : options->input.rootfs.path);
  draft->input_digest = from != NULL ? from->descriptor->digest : *commit;
}

VarveDraft *
varve_draft_new (const VarveDraftOptions *options, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  gboolean is_input = options->input.rootfs.path != NULL || options->from != NULL;
  g_return_val_if_fail (is_input || (options->repo_path != NULL && options->ref != NULL), NULL);
  g_autoptr (VarveDraft) draft = g_new0 (VarveDraft, 1);
  g_autoptr (VarveImage) from = NULL;
  draft->whiteouts = g_ptr_array_new_with_free_func (g_free);
  draft->shares = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_previous_free);
  g_auto (Evidence) evidence = { 0 };
  if (!open_from (draft, options, &from, error) || (is_input && !check_former (draft, options, error)))
    return NULL;
  if (is_input ? !open_input (draft, options, from, &evidence.components, observer, cancellable, error)
               : !open_repo (draft, options, &evidence.commit, cancellable, error))
    return NULL;
  name_input (draft, options, from, is_input ? &draft->inventory->commit : &evidence.commit);
  if (!open_former (draft, options, observer, error))
    return NULL;
  if (!is_input && !draft_read_repo (draft, options, &evidence, observer, cancellable, error))
    return NULL;
  if (draft->format == VARVE_FORMAT_PLAIN && !varve_plain_tar_check (draft->inventory, error))
    return NULL;
  check_boot (draft, observer, cancellable);
  evidence.time = (gint64)MIN (draft->commit->timestamp, (guint64)G_MAXINT64);
  if (options->past_images != NULL && !learn_from_images (draft, options, &evidence, observer, cancellable, error))
    return NULL;
  varve_observer_begin (observer, "planning layers", 0);
  draft_judge (draft, &evidence);
  return draft_pack (draft, options, observer, cancellable, error) && draft_make_layers (draft, cancellable, error)
             ? g_steal_pointer (&draft)
             : NULL;
}
