/* SPDX-License-Identifier: Apache-2.0 */
/* A whole delta, inspected and applied to a small tree. The input is a list of documents with "\n%%\n" between them,
 * the last one the delta's manifest. "$0" in a document is the digest of the first one, "#0" its size, and so on:
 * otherwise hardly any changed document would be read. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "delta/apply.h"
#include "delta/delta-report.h"
#include "oci/index.h"
#include "tests/fuzz/small-folder.h"

enum { DOCUMENTS_MAX = 10 };

typedef struct {
  VarveBlobs blobs;
  GPtrArray *documents; /* GBytes */
} Documents;

static GInputStream *
open_document (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  const GPtrArray *documents = ((Documents *)blobs)->documents;
  for (guint i = 0; i < documents->len; i++)
    {
      GBytes *bytes = documents->pdata[i];
      VarveDigest digest = varve_digest_of (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      if (varve_digest_compare (&digest, &descriptor->digest) == 0)
        return g_memory_input_stream_new_from_bytes (bytes);
    }
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no such blob");
  return NULL;
}

static GBytes *
load_index (VarveBlobs *blobs, GError **error)
{
  const GPtrArray *documents = ((Documents *)blobs)->documents;
  GBytes *bytes = documents->pdata[documents->len - 1];
  VarveDigest digest = varve_digest_of (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autoptr (VarveIndex) index = varve_index_new ();
  g_autoptr (VarveDescriptor) descriptor
      = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &digest, g_bytes_get_size (bytes));
  return varve_index_add (index, descriptor, error) ? varve_index_to_bytes (index) : NULL;
}

static void
documents_free (VarveBlobs *blobs)
{
  g_ptr_array_unref (((Documents *)blobs)->documents);
  g_free (blobs);
}

/* Puts digests and sizes of earlier documents where "$N" and "#N" are. */
static void
add_document (GPtrArray *documents, const uint8_t *data, size_t size)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  for (size_t i = 0; i < size; i++)
    {
      guint number = i + 1 < size ? (guint)data[i + 1] - '0' : G_MAXUINT;
      if ((data[i] != '$' && data[i] != '#') || number >= documents->len)
        {
          g_byte_array_append (out, data + i, 1);
          continue;
        }
      GBytes *other = documents->pdata[number];
      VarveDigest digest = varve_digest_of (g_bytes_get_data (other, NULL), g_bytes_get_size (other));
      g_autofree char *text = data[i++] == '$' ? varve_digest_to_string (&digest)
                                               : g_strdup_printf ("%" G_GSIZE_FORMAT, g_bytes_get_size (other));
      g_byte_array_append (out, (const guint8 *)text, (guint)strlen (text));
    }
  g_ptr_array_add (documents, g_bytes_new (out->data, out->len));
}

static VarveBlobs *
documents_new (const uint8_t *data, size_t size)
{
  static const char BETWEEN[] = { '\n', '%', '%', '\n' };
  Documents *documents = g_new0 (Documents, 1);
  documents->blobs = (VarveBlobs){ .open_blob = open_document, .load_index = load_index, .free = documents_free };
  documents->documents = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  const uint8_t *end = data + size;
  while (documents->documents->len < DOCUMENTS_MAX - 1)
    {
      const uint8_t *next = memmem (data, (size_t)(end - data), BETWEEN, sizeof BETWEEN);
      if (next == NULL)
        break;
      add_document (documents->documents, data, (size_t)(next - data));
      data = next + sizeof BETWEEN;
    }
  add_document (documents->documents, data, (size_t)(end - data));
  return &documents->blobs;
}

static void
apply (const VarveDelta *delta)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = small_folder_path ("old"), *image = small_folder_path ("image");
  g_autofree char *name = g_strconcat ("oci:", image, NULL);
  g_autoptr (VarveReference) target = varve_reference_parse (name, NULL);
  g_autoptr (VarveBudget) memory = varve_budget_new (256 << 20);
  VarveApplyOptions options = VARVE_APPLY_OPTIONS_INIT;
  options.max_cpu_seconds = 1;
  options.memory = memory;
  VarveDeltaBase base = { .folder = folder };
  VarveApplyResult *result = varve_delta_apply (delta, &base, target, &options, NULL, &error);
  g_assert ((result == NULL) == (error != NULL));
  g_clear_pointer (&result, varve_apply_result_free);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 1)
    return 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveDelta) delta = varve_delta_open (documents_new (data, size), NULL, &error);
  g_assert ((delta == NULL) == (error != NULL));
  if (delta == NULL)
    return 0;
  g_autoptr (json_object) report = varve_delta_to_json (delta, "oci:delta");
  g_free (varve_json_to_canonical (report));
  for (guint client = VARVE_DELTA_CLIENT_TARDIFF; client <= VARVE_DELTA_CLIENT_VARVE; client++)
    (void)varve_delta_download_bytes (delta, client);
  apply (delta);
  return 0;
}
