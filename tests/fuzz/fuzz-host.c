/* SPDX-License-Identifier: Apache-2.0 */
/* What a host says about its image: the status of bootc, and the reference in its origin file. */
#include "tests/fuzz/fuzz.h"

#include "host/bootc-status.h"
#include "host/host-reference.h"
#include "ostree/ref-escape.h"
#include "skopeo/reference.h"

static void
check_reference (const VarveHostReference *reference)
{
  g_assert_nonnull (reference->image);
  g_assert ((reference->remote != NULL) == (reference->signature == VARVE_HOST_REMOTE));
  g_autoptr (VarveReference) image = varve_reference_parse (reference->image, NULL);
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
  return 0;
}
