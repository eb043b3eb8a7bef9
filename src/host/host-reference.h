/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The signature that a host's image reference (the origin file's container-image-reference) requires. Source:
 * ostree-ext, container/mod.rs, OstreeImageReference. */
typedef enum {
  VARVE_HOST_UNVERIFIED,
  VARVE_HOST_POLICY, /* by containers-policy.json(5), whose default must not be to accept anything */
  VARVE_HOST_REMOTE, /* the commit is signed by a key of an OSTree remote */
} VarveHostSignature;

typedef struct {
  VarveHostSignature signature;
  char *remote; /* only for VARVE_HOST_REMOTE, else NULL */
  char *image;  /* as in containers-transports(5): "docker://quay.io/os/os:1" */
} VarveHostReference;

/* "ostree-unverified-registry:IMG", "ostree-unverified-image:T:IMG", "ostree-image-signed:T:IMG",
 * "ostree-remote-registry:R:IMG", "ostree-remote-image:R:T:IMG"; the transport "registry" means docker. Anything else
 * is UNSUPPORTED. */
VarveHostReference *varve_host_reference_parse (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* From the parts that `bootc status` reports; @remote may be NULL. */
VarveHostReference *varve_host_reference_new (VarveHostSignature signature, const char *remote, const char *transport,
                                              const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_host_reference_free (VarveHostReference *reference);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveHostReference, varve_host_reference_free)
