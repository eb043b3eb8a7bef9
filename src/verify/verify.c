/* SPDX-License-Identifier: Apache-2.0 */
/* Each layer has its own findings, joined in the order of the manifest, so that they do not depend on threads. */
#include "verify/verify.h"

#include <string.h>

#include "base/error.h"
#include "base/parallel.h"
#include "model/image-keys.h"
#include "ostree/walk.h"
#include "packages/bytecode-times.h"
#include "verify/commit-objects.h"
#include "verify/compare-repo.h"
#include "verify/content-keys.h"
#include "verify/image-rules.h"
#include "verify/ledger-claims.h"
#include "verify/read-layers.h"
#include "verify/tree-paths.h"
#include "verify/verify-plain.h"

typedef struct {
  const VarveImage *image;
  VarveObserver *observer;
  const VarveLedger *ledger; /* NULL for none */
  guint n_ostree_layers;
  GPtrArray *records;        /* VarveLayerRecord of each layer */
  GPtrArray *layer_findings; /* VarveFindings of each layer */
} Verification;

static gboolean
verify_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Verification *self = data;
  VarveLayerRole role = index == 0 ? VARVE_LAYER_COMMIT : VARVE_LAYER_CONTENT;
  VarveReadLayer layer = {
    .image = self->image,
    .index = (guint)index,
    .role = index < self->n_ostree_layers ? role : VARVE_LAYER_DERIVED,
    .findings = self->layer_findings->pdata[index],
    .observer = self->observer,
    .checks_chunks = TRUE,
  };
  self->records->pdata[index] = varve_read_layer (&layer, cancellable, error);
  return self->records->pdata[index] != NULL;
}

static gboolean
verify_layers (Verification *self, guint jobs, VarveFindings *findings, GCancellable *cancellable, GError **error)
{
  guint64 bytes = 0;
  for (guint i = 0; i < self->image->manifest->layers->len; i++)
    {
      bytes += varve_manifest_layer (self->image->manifest, i)->size_bytes;
      g_ptr_array_add (self->layer_findings, varve_findings_new ());
      g_ptr_array_add (self->records, NULL);
    }
  varve_observer_begin (self->observer, "verifying layers", bytes);
  if (!varve_parallel_for (jobs, self->records->len, verify_layer, self, cancellable, error))
    return FALSE;
  for (guint i = 0; i < self->layer_findings->len; i++)
    varve_findings_append (findings, self->layer_findings->pdata[i]);
  return TRUE;
}

/* The checks across layers need all of them: each object of a missing layer would be a finding. */
static gboolean
is_whole (const Verification *self)
{
  for (guint i = 0; i < self->n_ostree_layers; i++)
    if (!((VarveLayerRecord *)self->records->pdata[i])->is_complete)
      return FALSE;
  return self->n_ostree_layers > 0 && ((VarveLayerRecord *)self->records->pdata[0])->has_commit;
}

static void
check_label (const Verification *self, VarveFindings *findings)
{
  const char *label = varve_config_label (self->image->config, VARVE_LABEL_COMMIT);
  g_autofree char *hex = varve_digest_to_hex (&((VarveLayerRecord *)self->records->pdata[0])->commit);
  if (label != NULL && strcmp (label, hex) != 0)
    varve_findings_add (findings, VARVE_SEVERITY_ERROR, "image.labels", "config",
                        "the label 'ostree.commit' differs from the commit, %s", hex);
}

static gboolean
check_whole (Verification *self, const VarveVerifyOptions *options, VarveFindings *findings, GCancellable *cancellable,
             GError **error)
{
  check_label (self, findings);
  g_ptr_array_set_size (self->records, (gint)self->n_ostree_layers);
  varve_commit_objects_check (self->records, findings);
  varve_tree_paths_check (self->image, self->records, findings);
  if (varve_findings_count (findings, VARVE_SEVERITY_ERROR) == 0) /* else the content is not what it should be */
    varve_content_keys_check (self->image, self->records, self->ledger, findings);
  if (options->tree != NULL)
    varve_compare_tree (self->records, options->tree, findings);
  if (options->repo_path == NULL)
    return TRUE;
  VarveCompareRepo with = { .repo_path = options->repo_path, .ref = options->ref, .jobs = options->jobs };
  return varve_compare_repo (self->records, &with, self->observer, findings, cancellable, error);
}

static void
verify_record_free (gpointer data)
{
  if (data != NULL)
    varve_layer_record_free (data);
}

/* The tree of a repository's commit as a container shows it; NULL with @error. */
static VarveInventory *
read_commit (const VarveVerifyOptions *options, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  VarveDigest commit;
  g_autoptr (VarveRepo) repo = varve_repo_open (options->repo_path, cancellable, error);
  if (repo == NULL || !varve_repo_resolve (repo, options->ref, &commit, error))
    return NULL;
  VarveWalkOptions walk = { .purpose = VARVE_WALK_FOR_CONTAINER, .jobs = options->jobs, .observer = observer };
  VarveSource *source = varve_repo_source (repo);
  g_autoptr (VarveInventory) inventory = varve_walk_source (source, &commit, &walk, cancellable, error);
  VarveBytecodeTimes bytecode = { .inventory = inventory, .source = source, .jobs = options->jobs };
  if (inventory == NULL || !varve_bytecode_times_set (&bytecode, cancellable, error))
    return NULL;
  varve_inventory_link_as_deployed (inventory);
  return g_steal_pointer (&inventory);
}

static gboolean
verify_plain (const VarveImage *image, const VarveVerifyOptions *options, const VarveLedger *ledger,
              VarveObserver *observer, VarveFindings *findings, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveInventory) commit = NULL;
  if (options->repo_path != NULL && (commit = read_commit (options, observer, cancellable, error)) == NULL)
    return FALSE;
  VarveVerifyPlain plain = { .jobs = options->jobs,
                             .compared = commit != NULL ? commit : options->tree,
                             .is_commit = commit != NULL,
                             .ledger = ledger };
  return varve_verify_plain (image, &plain, observer, findings, cancellable, error);
}

VarveFindings *
varve_verify_image (const VarveImage *image, const VarveVerifyOptions *options, VarveObserver *observer,
                    GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (verify_record_free);
  g_autoptr (GPtrArray) layer_findings = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_findings_free);
  VarveImageShape shape = { 0 };
  g_autoptr (VarveLedger) ledger = varve_ledger_claims_read (image, findings);
  if (varve_verify_is_plain (image))
    return verify_plain (image, options, ledger, observer, findings, cancellable, error) ? g_steal_pointer (&findings)
                                                                                         : NULL;
  if (!varve_image_rules_check (image, findings, &shape))
    shape.n_ostree_layers = 0;
  Verification self = {
    .image = image,
    .observer = observer,
    .ledger = ledger,
    .n_ostree_layers = shape.n_ostree_layers,
    .records = records,
    .layer_findings = layer_findings,
  };
  if (!verify_layers (&self, options->jobs, findings, cancellable, error))
    return NULL;
  if (is_whole (&self))
    return check_whole (&self, options, findings, cancellable, error) ? g_steal_pointer (&findings) : NULL;
  varve_findings_add (findings, VARVE_SEVERITY_NOTE, "image.not-checked", "commit",
                      "the commit was not compared with the layers, because not all layers could be read");
  return g_steal_pointer (&findings);
}
