/* SPDX-License-Identifier: Apache-2.0 */
/* Each layer is checked independently, on its own thread and with its own findings. */
#include "verify/verify-plain.h"

#include <string.h>

#include "base/error.h"
#include "base/fasthash.h"
#include "base/parallel.h"
#include "model/image-keys.h"
#include "model/tree.h"
#include "model/whiteout.h"
#include "verify/composefs-rules.h"
#include "verify/plain-compare.h"
#include "verify/plain-layer.h"
#include "verify/read-layers.h"

typedef struct {
  const VarveImage *image;
  VarveObserver *observer;
  const VarvePlainTree *compared; /* NULL for none */
  const VarveLedger *ledger;      /* NULL for none */
  GPtrArray *records;             /* VarvePlainRecord of each layer that was read whole, else NULL */
  GPtrArray *findings;            /* VarveFindings of each layer */
  GPtrArray *composefs; /* VarveComposefsLayer of each layer that was read whole; NULL for no bootable image */
} Verification;

typedef struct {
  guint index;
  const char *place;
  VarveFindings *findings;
  GHashTable *paths;              /* set of paths without "./" */
  VarvePlainRecord *record;       /* NULL if not compared */
  VarveComposefsLayer *composefs; /* NULL if not bootable */
  GCancellable *cancellable;
} Layer;

gboolean
varve_verify_is_plain (const VarveImage *image)
{
  return varve_config_label (image->config, VARVE_LABEL_FINAL_DIFF_ID) == NULL
         && varve_config_label (image->config, VARVE_LABEL_COMMIT) == NULL;
}

static void
plain_report (const Layer *layer, VarveSeverity severity, const char *rule, const char *path, const char *message)
{
  g_autofree char *where = g_strconcat (layer->place, ": ", path, NULL);
  varve_findings_add (layer->findings, severity, rule, where, "%s", message);
}

static void
judge_parent (const Layer *layer, const char *path)
{
  const char *slash = strrchr (path, '/');
  g_autofree char *parent = slash != NULL ? g_strndup (path, (gsize)(slash - path)) : NULL;
  gboolean is_made = varve_whiteout_parse (path, NULL) == VARVE_WHITEOUT_NONE; /* else something is removed */
  if (is_made && parent != NULL && !g_hash_table_contains (layer->paths, parent))
    plain_report (layer, VARVE_SEVERITY_NOTE, "path.parent", path,
                  "no entry for the parent folder before this one: readers create it with root as its owner");
}

static void
judge_link (const Layer *layer, const char *path, const char *target)
{
  g_autofree char *clean = varve_tar_clean_name (target);
  if (clean == NULL)
    plain_report (layer, VARVE_SEVERITY_ERROR, "path.link", path, "a hard link that leads out of the tree");
  else if (layer->index == 0 && !g_hash_table_contains (layer->paths, clean))
    plain_report (layer, VARVE_SEVERITY_ERROR, "path.link", path, "a hard link without an earlier target");
}

static gboolean
take_entry (const Layer *layer, char *path, const VarveForeignEntry *entry, VarveForeignTar *tar, GError **error)
{
  if (layer->composefs != NULL)
    varve_composefs_layer_add (layer->composefs, path, entry);
  if (!g_hash_table_add (layer->paths, path))
    {
      plain_report (layer, VARVE_SEVERITY_ERROR, "tar.duplicate-path", path,
                    "duplicate entry in this layer: podman refuses it");
      return TRUE;
    }
  return layer->record == NULL || varve_plain_record_add (layer->record, path, entry, tar, layer->cancellable, error);
}

static gboolean
judge_entry (gpointer data, const VarveForeignEntry *entry, VarveForeignTar *tar, GError **error)
{
  const Layer *layer = data;
  g_autofree char *path = varve_tar_clean_name (entry->name);
  if (path == NULL)
    {
      plain_report (layer, VARVE_SEVERITY_ERROR, "path.form", entry->name, "a path with '..' leads out of the tree");
      return TRUE;
    }
  if (!g_utf8_validate (path, -1, NULL))
    plain_report (layer, VARVE_SEVERITY_NOTE, "path.not-utf8", path,
                  "the name is not UTF-8: importers of bootable images refuse it");
  if (entry->type == VARVE_FOREIGN_SPECIAL)
    plain_report (layer, VARVE_SEVERITY_NOTE, "path.type", path,
                  "a device or fifo: importers of bootable images refuse it");
  if (entry->type == VARVE_FOREIGN_HARD_LINK)
    judge_link (layer, path, entry->link_name);
  judge_parent (layer, path);
  return take_entry (layer, g_steal_pointer (&path), entry, tar, error);
}

/* TRUE for a fault of the layer, which becomes a finding. Takes @failure. */
static gboolean
plain_layer_fail (const Layer *layer, GError *failure, GError **error)
{
  if (failure->domain != VARVE_ERROR || failure->code == VARVE_ERROR_IO)
    {
      g_propagate_prefixed_error (error, failure, "%s: ", layer->place);
      return FALSE;
    }
  varve_findings_add (layer->findings, VARVE_SEVERITY_ERROR,
                      failure->code == VARVE_ERROR_NOT_FOUND ? "layer.missing" : "layer.unreadable", layer->place, "%s",
                      failure->message);
  g_error_free (failure);
  return TRUE;
}

static gboolean
plain_verify_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  const Verification *self = data;
  g_autofree char *place = varve_layer_place (self->image, (guint)index);
  g_autoptr (GHashTable) paths = g_hash_table_new_full (varve_fasthash_string, g_str_equal, g_free, NULL);
  g_autoptr (VarvePlainRecord) record = self->compared != NULL ? varve_plain_record_new (self->compared) : NULL;
  g_autoptr (VarveComposefsLayer) composefs = self->composefs != NULL ? varve_composefs_layer_new () : NULL;
  g_autoptr (VarveComposefsTar) composefs_tar = self->composefs != NULL ? varve_composefs_tar_new () : NULL;
  Layer layer = {
    .index = (guint)index,
    .place = place,
    .composefs = composefs,
    .findings = self->findings->pdata[index],
    .paths = paths,
    .record = record,
    .cancellable = cancellable,
  };
  VarvePlainLayer reading = {
    .image = self->image,
    .index = layer.index,
    .func = judge_entry,
    .data = &layer,
    .composefs = composefs_tar,
    .findings = layer.findings,
    .checks_chunks = TRUE,
  };
  VarveDecompressed sums;
  GError *failure = NULL;
  if (!varve_plain_layer_read (&reading, &sums, cancellable, &failure))
    return plain_layer_fail (&layer, failure, error);
  if (!varve_plain_layer_check (&reading, &sums, &failure))
    {
      varve_findings_add (layer.findings, VARVE_SEVERITY_ERROR, "layer.digest", place, "%s", failure->message);
      g_clear_error (&failure);
    }
  self->records->pdata[index] = g_steal_pointer (&record);
  if (composefs_tar != NULL && varve_composefs_tar_fault (composefs_tar) != NULL)
    varve_findings_add (layer.findings, VARVE_SEVERITY_ERROR, "composefs.tar", place,
                        "%s: bootc's composefs backend refuses the layer", varve_composefs_tar_fault (composefs_tar));
  if (composefs != NULL)
    self->composefs->pdata[index] = g_steal_pointer (&composefs);
  varve_observer_advance (self->observer, varve_manifest_layer (self->image->manifest, layer.index)->size_bytes);
  return TRUE;
}

static void
judge_history (const VarveImage *image, VarveFindings *findings)
{
  guint n_layers = 0;
  for (guint i = 0; i < image->config->history->len; i++)
    n_layers += varve_config_history (image->config, i)->empty_layer ? 0 : 1;
  if (image->config->history->len > 0 && n_layers != image->manifest->layers->len)
    varve_findings_add (findings, VARVE_SEVERITY_NOTE, "image.history", "config",
                        "history entries for %u layers, but the image has %u", n_layers, image->manifest->layers->len);
}

static gboolean
verify_layers (const Verification *self, guint jobs, VarveFindings *findings, GCancellable *cancellable, GError **error)
{
  guint64 bytes = 0;
  for (guint i = 0; i < self->image->manifest->layers->len; i++)
    {
      bytes += varve_manifest_layer (self->image->manifest, i)->size_bytes;
      g_ptr_array_add (self->findings, varve_findings_new ());
      g_ptr_array_add (self->records, NULL);
      if (self->composefs != NULL)
        g_ptr_array_add (self->composefs, NULL);
    }
  varve_observer_begin (self->observer, "verifying layers", bytes);
  if (!varve_parallel_for (jobs, self->findings->len, plain_verify_layer, (gpointer)self, cancellable, error))
    return FALSE;
  for (guint i = 0; i < self->findings->len; i++)
    varve_findings_append (findings, self->findings->pdata[i]);
  return TRUE;
}

static gboolean
has_times (const VarvePlainRecord *record)
{
  for (guint i = 0; i < record->entries->len; i++)
    {
      const VarveForeignEntry *entry = &g_array_index (record->entries, VarvePlainEntry, i).entry;
      if (entry->type == VARVE_FOREIGN_FILE && entry->mtime != VARVE_FILE_TIME_NONE)
        return TRUE;
    }
  return FALSE;
}

static void
forget_times (const Verification *self, const VarveVerifyPlain *options)
{
  for (guint i = 0; i < self->records->len; i++)
    if (has_times (self->records->pdata[i]))
      return;
  varve_inventory_forget_times (options->compared);
  if (options->is_commit)
    varve_inventory_link_as_deployed (options->compared);
}

/* A missing layer would make a finding of each of its files. */
static void
compare_all (const Verification *self, const VarveVerifyPlain *options, VarveFindings *findings)
{
  for (guint i = 0; i < self->records->len; i++)
    if (self->records->pdata[i] == NULL)
      {
        varve_findings_add (findings, VARVE_SEVERITY_NOTE, "image.not-checked", "tree",
                            "the tree was not compared with the layers, because not all layers could be read");
        return;
      }
  forget_times (self, options);
  varve_plain_compare (self->image, self->records, self->compared, self->ledger, findings);
}

static void
composefs_free (gpointer data)
{
  if (data != NULL)
    varve_composefs_layer_free (data);
}

/* What is missing in a layer that could not be read would be a finding of each entry above it. */
static void
check_composefs (const Verification *self, VarveFindings *findings)
{
  for (guint i = 0; self->composefs != NULL && i < self->composefs->len; i++)
    if (self->composefs->pdata[i] == NULL)
      return;
  if (self->composefs != NULL)
    varve_composefs_rules_check (self->image, self->composefs, VARVE_TREE_NODES_MAX, findings);
}

static void
record_free (gpointer data)
{
  if (data != NULL)
    varve_plain_record_free (data);
}

static gboolean
verify_all (const VarveImage *image, const VarveVerifyPlain *options, const VarvePlainTree *compared,
            VarveObserver *observer, VarveFindings *findings, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) of_layers = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_findings_free);
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (record_free);
  g_autoptr (GPtrArray) composefs
      = varve_composefs_rules_apply (image) ? g_ptr_array_new_with_free_func (composefs_free) : NULL;
  Verification self = {
    .image = image,
    .observer = observer,
    .compared = compared,
    .ledger = options->ledger,
    .records = records,
    .findings = of_layers,
    .composefs = composefs,
  };
  if (!verify_layers (&self, options->jobs, findings, cancellable, error))
    return FALSE;
  check_composefs (&self, findings);
  if (compared != NULL)
    compare_all (&self, options, findings);
  return TRUE;
}

gboolean
varve_verify_plain (const VarveImage *image, const VarveVerifyPlain *options, VarveObserver *observer,
                    VarveFindings *findings, GCancellable *cancellable, GError **error)
{
  VarvePlainTree tree;
  varve_findings_add (
      findings, VARVE_SEVERITY_NOTE, "image.plain", "config",
      options->compared != NULL
          ? "the image has no commit: checked as an ordinary container image, and compared with the tree"
          : "the image has no commit: checked as an ordinary container image");
  judge_history (image, findings);
  if (options->compared == NULL)
    return verify_all (image, options, NULL, observer, findings, cancellable, error);
  varve_plain_tree_init (&tree, options->compared);
  gboolean ok = verify_all (image, options, &tree, observer, findings, cancellable, error);
  varve_plain_tree_clear (&tree);
  return ok;
}
