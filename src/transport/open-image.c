/* SPDX-License-Identifier: Apache-2.0 */
/* varve reads layouts and archives itself, all other places through skopeo's proxy. */
#include "transport/open-image.h"

#include "base/error.h"
#include "oci/architecture.h"
#include "oci/archive.h"
#include "oci/index.h"
#include "oci/layout.h"
#include "skopeo/proxied-blobs.h"

VarveBlobs *
varve_open_layout (const VarveReference *reference, GError **error)
{
  switch (reference->transport)
    {
    case VARVE_TRANSPORT_OCI:
      return varve_layout_read (reference->path, error);
    case VARVE_TRANSPORT_OCI_ARCHIVE:
      return varve_archive_read (reference->path, error);
    case VARVE_TRANSPORT_DOCKER:
    case VARVE_TRANSPORT_CONTAINERS_STORAGE:
    case VARVE_TRANSPORT_DIR:
      break;
    }
  g_autofree char *escaped = varve_escape (reference->text);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "'%s': expected oci:DIR[:REF] or oci-archive:FILE[:REF]",
               escaped);
  return NULL;
}

const char *
varve_open_architecture (const char *text, GError **error)
{
  static const char *const KNOWN[] = { "386",    "amd64",    "arm",   "arm64",   "loong64", "mips",  "mipsle",
                                       "mips64", "mips64le", "ppc64", "ppc64le", "riscv64", "s390x", "wasm" };
  const char *name = varve_architecture_from_machine (text);
  for (guint i = 0; i < G_N_ELEMENTS (KNOWN); i++)
    if (g_str_equal (name, KNOWN[i]))
      return KNOWN[i];
  g_autofree char *escaped = varve_escape (text);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
               "'%s': not an architecture: expected a name such as amd64, arm64, ppc64le, riscv64 or s390x", escaped);
  return NULL;
}

/* Of the only image of an index; NULL for any other. */
static char *
find_only_architecture (const VarveReference *reference)
{
  g_autoptr (GBytes) raw = varve_load_raw_manifest (reference, NULL);
  g_autoptr (VarveIndex) index = raw != NULL ? varve_index_from_bytes (raw, NULL) : NULL;
  const VarveDescriptor *only = index != NULL ? varve_index_only_image (index) : NULL;
  return only != NULL ? g_strdup (only->architecture) : NULL;
}

/* A NULL @architecture is that of this machine, or that of the only image, which skopeo does not look for. */
static VarveBlobs *
open_proxied (const VarveReference *reference, const char *architecture, GError **error)
{
  GCancellable *cancellable = reference->access != NULL ? reference->access->cancellable : NULL;
  g_autoptr (GError) failure = NULL;
  VarveBlobs *blobs = varve_proxied_read (reference, architecture != NULL ? architecture : varve_architecture_host (),
                                          cancellable, &failure);
  if (blobs != NULL)
    return blobs;
  g_autofree char *only = architecture == NULL && g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND)
                              ? find_only_architecture (reference)
                              : NULL;
  if (only != NULL && !g_str_equal (only, varve_architecture_host ()))
    return varve_proxied_read (reference, only, cancellable, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

VarveBlobs *
varve_open_blobs (const VarveReference *reference, const char *architecture, GError **error)
{
  if (varve_reference_is_oci (reference))
    return varve_open_layout (reference, error);
  VarveBlobs *blobs = open_proxied (reference, architecture, error);
  if (blobs == NULL)
    {
      g_autofree char *escaped = varve_escape (reference->text);
      g_prefix_error (error, "'%s': ", escaped);
    }
  return blobs;
}

static VarveImage *
open_unprefixed (const VarveReference *reference, const char *architecture, GError **error)
{
  if (varve_reference_is_oci (reference))
    {
      VarveBlobs *blobs = varve_open_layout (reference, error);
      return blobs != NULL ? varve_image_open (blobs, reference->ref, architecture, error) : NULL;
    }
  GCancellable *cancellable = reference->access != NULL ? reference->access->cancellable : NULL;
  VarveBlobs *blobs = open_proxied (reference, architecture, error);
  g_autoptr (VarveImage) image = blobs != NULL ? varve_image_open (blobs, NULL, architecture, error) : NULL;
  if (image == NULL
      || (reference->transport == VARVE_TRANSPORT_CONTAINERS_STORAGE
          && !varve_proxied_use_stored_layers (image, cancellable, error)))
    return NULL;
  return g_steal_pointer (&image);
}

/* skopeo enforces the policy, and varve reads layouts itself. */
static gboolean
check_policy_applies (const VarveReference *reference, GError **error)
{
  if (reference->access == NULL || !reference->access->requires_policy
      || reference->transport == VARVE_TRANSPORT_DOCKER)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
               "the image must be signed by containers-policy.json, which is enforced only for registries: expected "
               "docker://");
  return FALSE;
}

VarveImage *
varve_open_image (const VarveReference *reference, const char *architecture, GError **error)
{
  VarveImage *image = check_policy_applies (reference, error) ? open_unprefixed (reference, architecture, error) : NULL;
  if (image == NULL)
    {
      g_autofree char *escaped = varve_escape (reference->text);
      g_prefix_error (error, "'%s': ", escaped);
    }
  return image;
}
