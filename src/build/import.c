/* Verifying with a repository as the sink, in which the first finding is fatal. */
#include "build/import.h"

#include "base/error.h"
#include "base/parallel.h"
#include "build/closure.h"
#include "build/image-rules.h"
#include "build/read-layers.h"
#include "ostree/importer.h"

typedef struct {
  const VarveImage *image;
  VarveObserver *observer;
  VarveObjectSink sink;
  GPtrArray *records; /* VarveLayerRecord of each layer, or NULL */
} Import;

static gboolean
write_content (gpointer data, const VarveDigest *checksum, const VarveContentHeader *header, guint64 size_bytes,
               GInputStream *content, GCancellable *cancellable, GError **error)
{
  return varve_importer_write_content (data, checksum, header, size_bytes, content, cancellable, error);
}

static gboolean
write_metadata (gpointer data, VarveMetadataKind kind, const VarveDigest *checksum, GBytes *raw, GCancellable *cancellable,
                GError **error)
{
  return varve_importer_write_metadata (data, kind, checksum, raw, cancellable, error);
}

/* FALSE with the first error among the findings, where there is one. */
static gboolean
check_findings (VarveFindings *findings, GError **error)
{
  if (varve_findings_kept (findings, VARVE_SEVERITY_ERROR) == 0)
    return TRUE;
  const VarveFinding *finding = varve_findings_get (findings, VARVE_SEVERITY_ERROR, 0);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%s: %s (%s)", finding->where, finding->message, finding->rule);
  return FALSE;
}

static gboolean
check_image (const VarveImage *image, GError **error)
{
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  VarveImageShape shape;
  if (varve_config_label (image->config, "ostree.final-diffid") == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                   "this is not an image of an OSTree commit: its config has no label 'ostree.final-diffid'");
      return FALSE;
    }
  gboolean has_shape = varve_image_rules_check (image, findings, &shape);
  if (!check_findings (findings, error))
    return FALSE;
  if (has_shape && shape.n_ostree_layers == image->manifest->layers->len)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
               "the image has layers derived from that of the commit: only an image of a commit alone can be imported");
  return FALSE;
}

static gboolean
import_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Import *import = data;
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  VarveReadLayer layer = {
    .image = import->image,
    .index = (guint)index,
    .role = index == 0 ? VARVE_LAYER_COMMIT : VARVE_LAYER_CONTENT,
    .sink = &import->sink,
    .findings = findings,
    .observer = import->observer,
  };
  import->records->pdata[index] = varve_read_layer (&layer, cancellable, error);
  return import->records->pdata[index] != NULL && check_findings (findings, error);
}

/* Only once all is there: a commit in a repository promises its objects. */
static gboolean
write_commit (VarveImporter *importer, const VarveLayerRecord *record, GCancellable *cancellable, GError **error)
{
  return varve_importer_write_metadata (importer, VARVE_METADATA_COMMIT, &record->commit, record->commit_raw, cancellable, error)
         && (record->commitmeta_raw == NULL
             || varve_importer_write_metadata (importer, VARVE_METADATA_COMMITMETA, &record->commit, record->commitmeta_raw,
                                               cancellable, error));
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
free_record (gpointer data)
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
  varve_closure_check (import->records, findings);
  return check_findings (findings, error);
}

VarveLayerRecord *
varve_import_objects (const VarveImage *image, const VarveObjectSink *sink, guint jobs, VarveObserver *observer,
                      GCancellable *cancellable, GError **error)
{
  if (!check_image (image, error))
    return NULL;
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (free_record);
  g_ptr_array_set_size (records, (gint)image->manifest->layers->len);
  Import import = { .image = image, .observer = observer, .sink = *sink, .records = records };
  return import_layers (&import, jobs, cancellable, error) ? g_steal_pointer (&records->pdata[0]) : NULL;
}

gboolean
varve_import_image (const VarveImage *image, const VarveImportOptions *options, VarveObserver *observer, VarveDigest *out_commit,
                    GCancellable *cancellable, GError **error)
{
  if (!check_image (image, error) || (options->ref != NULL && !varve_importer_check_ref (options->ref, error)))
    return FALSE;
  g_autoptr (VarveImporter) importer = varve_importer_begin (options->repo_path, cancellable, error);
  if (importer == NULL)
    return FALSE;
  VarveObjectSink sink = { .content = write_content, .metadata = write_metadata, .data = importer };
  g_autoptr (VarveLayerRecord) commit_layer = varve_import_objects (image, &sink, options->jobs, observer, cancellable, error);
  if (commit_layer == NULL)
    return FALSE;
  varve_observer_begin (observer, "committing", 0);
  if (!write_commit (importer, commit_layer, cancellable, error)
      || !varve_importer_commit (importer, &commit_layer->commit, options->ref, cancellable, error))
    return FALSE;
  *out_commit = commit_layer->commit;
  return TRUE;
}
