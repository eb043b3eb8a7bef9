/* SPDX-License-Identifier: Apache-2.0 */
/* Imports as verification reads, with a repository as the sink; the first error among the findings is fatal. */
#include "verify/import.h"

#include "base/error.h"
#include "base/parallel.h"
#include "model/image-keys.h"
#include "ostree/write-commit.h"
#include "verify/commit-objects.h"
#include "verify/image-rules.h"
#include "verify/import-layer.h"

typedef struct {
  const VarveImage *image;
  VarveObserver *observer;
  const VarveObjectSink *sink;
  GPtrArray *records; /* VarveLayerRecord of each layer, or NULL */
} Import;

static gboolean
import_check_image (const VarveImage *image, GError **error)
{
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  VarveImageShape shape;
  if (varve_config_label (image->config, VARVE_LABEL_FINAL_DIFF_ID) == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                   "not an image of an OSTree commit: the config has no label 'ostree.final-diffid'");
      return FALSE;
    }
  gboolean has_shape = varve_image_rules_check (image, findings, &shape);
  if (!varve_import_check (findings, error))
    return FALSE;
  if (has_shape && shape.n_ostree_layers == image->manifest->layers->len)
    return TRUE;
  g_set_error (
      error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
      "the image has layers on top of the commit's, which cannot be imported; expected an image of a commit only");
  return FALSE;
}

static gboolean
import_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Import *import = data;
  VarveReadLayer layer = {
    .image = import->image,
    .index = (guint)index,
    .role = index == 0 ? VARVE_LAYER_COMMIT : VARVE_LAYER_CONTENT,
    .observer = import->observer,
  };
  import->records->pdata[index] = varve_import_layer (&layer, import->sink, cancellable, error);
  return import->records->pdata[index] != NULL;
}

static guint64
compressed_bytes (const VarveImage *image)
{
  guint64 bytes = 0;
  for (guint i = 0; i < image->manifest->layers->len; i++)
    bytes += varve_manifest_layer (image->manifest, i)->size_bytes;
  return bytes;
}

static void
import_record_free (gpointer data)
{
  if (data != NULL)
    varve_layer_record_free (data);
}

static gboolean
import_layers (Import *import, guint jobs, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  varve_observer_begin (import->observer, "importing layers", compressed_bytes (import->image));
  if (!varve_parallel_for (jobs, import->records->len, import_layer, import, cancellable, error))
    return FALSE;
  varve_commit_objects_check (import->records, findings);
  return varve_import_check (findings, error);
}

VarveLayerRecord *
varve_import_objects (const VarveImage *image, const VarveObjectSink *sink, guint jobs, VarveObserver *observer,
                      GCancellable *cancellable, GError **error)
{
  if (!import_check_image (image, error))
    return NULL;
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (import_record_free);
  g_ptr_array_set_size (records, (gint)image->manifest->layers->len);
  Import import = { .image = image, .observer = observer, .sink = sink, .records = records };
  return import_layers (&import, jobs, cancellable, error) ? g_steal_pointer (&records->pdata[0]) : NULL;
}

gboolean
varve_import_image (const VarveImage *image, const VarveImportOptions *options, VarveObserver *observer,
                    VarveDigest *out_commit, GCancellable *cancellable, GError **error)
{
  if (!import_check_image (image, error) || (options->ref != NULL && !varve_importer_check_ref (options->ref, error)))
    return FALSE;
  g_autoptr (VarveImporter) importer = varve_importer_begin (options->repo_path, cancellable, error);
  if (importer == NULL)
    return FALSE;
  VarveObjectSink sink = varve_import_sink (importer);
  g_autoptr (VarveLayerRecord) commit_layer
      = varve_import_objects (image, &sink, options->jobs, observer, cancellable, error);
  if (commit_layer == NULL)
    return FALSE;
  varve_observer_begin (observer, "committing", 0);
  VarveCommitObject commit = { commit_layer->commit, commit_layer->commit_raw, commit_layer->commitmeta_raw };
  if (!varve_importer_commit (importer, NULL, NULL, cancellable, error)
      || !varve_write_commit (options->repo_path, options->ref, &commit, cancellable, error))
    return FALSE;
  *out_commit = commit_layer->commit;
  return TRUE;
}
