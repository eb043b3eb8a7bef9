/* SPDX-License-Identifier: Apache-2.0 */
/* What skopeo and its proxy say, and what users type as references. */
#include "tests/fuzz/fuzz.h"

#include "skopeo/proxy-reply.h"
#include "skopeo/reference.h"
#include "skopeo/signature-policy.h"
#include "skopeo/skopeo-message.h"
#include "skopeo/skopeo-version.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autofree char *text = g_strndup (size > 0 ? (const char *)data : "", size);
  g_autoptr (VarveProxyReply) reply = varve_proxy_reply_parse (bytes, NULL);
  gint64 number;
  if (reply != NULL && varve_proxy_reply_string (reply, NULL) == NULL
      && varve_proxy_reply_number (reply, &number, NULL))
    g_assert_nonnull (reply->value);
  g_autoptr (GError) error = NULL;
  varve_skopeo_set_error (&error, text);
  varve_skopeo_may_retry (error);
  g_autoptr (GPtrArray) warnings = varve_skopeo_warnings (text);
  VarveSkopeoVersion version;
  if (varve_skopeo_version_parse (text, &version, NULL))
    g_free (version.version);
  varve_signature_policy_text_accepts_all (text);
  g_autoptr (VarveReference) reference = varve_reference_parse (text, NULL);
  if (reference != NULL && reference->transport == VARVE_TRANSPORT_DOCKER)
    {
      g_autofree char *host = varve_reference_host (reference);
      g_autoptr (VarveReference) other = varve_reference_with_ref (reference, "x");
      g_autoptr (VarveReference) again = varve_reference_parse (other->text, NULL);
      g_assert_nonnull (again); /* what is accepted is accepted with another tag */
    }
  return 0;
}
