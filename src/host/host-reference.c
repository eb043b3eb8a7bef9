/* SPDX-License-Identifier: Apache-2.0 */
/* Parses ostree-ext's image references, whose scheme names the signature that an upgrade requires. */
#include "host/host-reference.h"

#include <string.h>

#include "base/error.h"

enum { NEEDS_REMOTE = 1 << 0, IS_REGISTRY = 1 << 1 };

static const struct {
  const char *name;
  VarveHostSignature signature;
  int flags;
} SCHEMES[] = {
  { "ostree-unverified-registry", VARVE_HOST_UNVERIFIED, IS_REGISTRY },
  { "ostree-unverified-image", VARVE_HOST_UNVERIFIED, 0 },
  { "ostree-image-signed", VARVE_HOST_POLICY, 0 },
  { "ostree-remote-registry", VARVE_HOST_REMOTE, NEEDS_REMOTE | IS_REGISTRY },
  { "ostree-remote-image", VARVE_HOST_REMOTE, NEEDS_REMOTE },
};

static VarveHostReference *
host_reference_fail (const char *text, const char *why, GError **error)
{
  g_autofree char *escaped = varve_escape (text);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "image reference of the host '%s': %s", escaped, why);
  return NULL;
}

void
varve_host_reference_free (VarveHostReference *reference)
{
  g_free (reference->remote);
  g_free (reference->image);
  g_free (reference);
}

VarveHostReference *
varve_host_reference_new (VarveHostSignature signature, const char *remote, const char *transport, const char *name,
                          GError **error)
{
  static const char *const TRANSPORTS[] = { "oci", "oci-archive", "docker-archive", "containers-storage", "dir", NULL };
  gboolean is_docker = g_str_equal (transport, "docker");
  if (name[0] == '\0' || (remote != NULL && remote[0] == '\0') || (is_docker && !g_str_has_prefix (name, "//")))
    return host_reference_fail (name, "a part is empty", error);
  if (!is_docker && !g_str_equal (transport, "registry") && !g_strv_contains (TRANSPORTS, transport))
    return host_reference_fail (transport, "unknown transport", error);
  VarveHostReference *reference = g_new0 (VarveHostReference, 1);
  reference->signature = signature;
  reference->remote = g_strdup (remote);
  if (is_docker)
    reference->image = g_strconcat ("docker:", name, NULL);
  else if (g_str_equal (transport, "registry"))
    reference->image = g_strconcat ("docker://", name, NULL);
  else
    reference->image = g_strconcat (transport, ":", name, NULL);
  return reference;
}

/* Takes the part before the next ':' from @rest; NULL when there is no ':'. */
static char *
take_part (const char **rest)
{
  const char *colon = strchr (*rest, ':');
  if (colon == NULL)
    return NULL;
  char *part = g_strndup (*rest, (gsize)(colon - *rest));
  *rest = colon + 1;
  return part;
}

VarveHostReference *
varve_host_reference_parse (const char *text, GError **error)
{
  const char *rest = text;
  g_autofree char *scheme = take_part (&rest);
  for (guint i = 0; scheme != NULL && i < G_N_ELEMENTS (SCHEMES); i++)
    {
      if (!g_str_equal (scheme, SCHEMES[i].name))
        continue;
      gboolean needs_remote = (SCHEMES[i].flags & NEEDS_REMOTE) != 0,
               is_registry = (SCHEMES[i].flags & IS_REGISTRY) != 0;
      g_autofree char *remote = needs_remote ? take_part (&rest) : NULL;
      g_autofree char *transport = is_registry ? g_strdup ("registry") : take_part (&rest);
      if (transport == NULL || (needs_remote && remote == NULL))
        return host_reference_fail (text, "a part is missing", error);
      return varve_host_reference_new (SCHEMES[i].signature, remote, transport, rest, error);
    }
  return host_reference_fail (text, "unknown scheme", error);
}
