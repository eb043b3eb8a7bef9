/* SPDX-License-Identifier: Apache-2.0 */
/* What a host says about its image: the status of bootc, the reference in its origin file, the version of its importer;
 * and the prepare-root.conf of a commit. */
#include "tests/fuzz/fuzz.h"

#include "host/bootc-status.h"
#include "host/host-reference.h"
#include "host/importer-version.h"
#include "ostree/prepare-root.h"
#include "ostree/ref-escape.h"
#include "skopeo/reference.h"

static void
check_reference (const VarveHostReference *reference)
{
  g_assert_nonnull (reference->image);
  g_assert ((reference->remote != NULL) == (reference->signature == VARVE_HOST_REMOTE));
  g_autoptr (VarveReference) image = varve_reference_parse (reference->image, NULL);
}

static void
check_version (const char *text)
{
  g_autoptr (GError) error = NULL;
  VarveImporterVersion version;
  if (varve_importer_version_parse ("bootc", text, &version, &error))
    g_assert_true (version.takes_plain || !version.labels_plain);
  else
    g_assert_nonnull (error);
}

static void
check_prepare_root (const char *text, gsize size_bytes)
{
  g_autoptr (GError) error = NULL;
  gboolean overlays;
  if (!varve_prepare_root_parse (text, size_bytes, &overlays, &error))
    g_assert_nonnull (error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autofree char *text = g_strndup (size > 0 ? (const char *)data : "", size);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveBootcStatus) status = varve_bootc_status_parse (bytes, &error);
  g_assert ((status == NULL) == (error != NULL));
  if (status != NULL && status->reference != NULL)
    check_reference (status->reference);
  g_clear_error (&error);
  g_autoptr (VarveHostReference) reference = varve_host_reference_parse (text, &error);
  g_assert ((reference == NULL) == (error != NULL));
  if (reference != NULL)
    check_reference (reference);
  check_version (text);
  check_prepare_root (text, size);
  return 0;
}
