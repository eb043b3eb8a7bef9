/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/import-layer.h"

#include "base/error.h"

static gboolean
write_content (gpointer data, const VarveLayerContent *content, GCancellable *cancellable, GError **error)
{
  VarveImporterContent object
      = { .header = content->header, .size_bytes = content->size_bytes, .stream = content->stream };
  return varve_importer_write_content (data, &content->checksum, &object, cancellable, error);
}

static gboolean
write_metadata (gpointer data, VarveMetadataKind kind, const VarveDigest *checksum, GBytes *raw,
                GCancellable *cancellable, GError **error)
{
  return varve_importer_write_metadata (data, kind, checksum, raw, cancellable, error);
}

gboolean
varve_import_check (VarveFindings *findings, GError **error)
{
  if (varve_findings_kept (findings, VARVE_SEVERITY_ERROR) == 0)
    return TRUE;
  const VarveFinding *finding = varve_findings_get (findings, VARVE_SEVERITY_ERROR, 0);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%s: %s (%s)", finding->where, finding->message, finding->rule);
  return FALSE;
}

VarveObjectSink
varve_import_sink (VarveImporter *importer)
{
  return (VarveObjectSink){ .content = write_content, .metadata = write_metadata, .data = importer };
}

VarveLayerRecord *
varve_import_layer (const VarveReadLayer *layer, const VarveObjectSink *sink, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  VarveReadLayer reading = *layer;
  reading.sink = sink;
  reading.findings = findings;
  g_autoptr (VarveLayerRecord) record = varve_read_layer (&reading, cancellable, error);
  return record != NULL && varve_import_check (findings, error) ? g_steal_pointer (&record) : NULL;
}
