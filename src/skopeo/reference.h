/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/digest.h"
#include "skopeo/access.h"

/* An image reference: containers-transports(5). */

typedef enum {
  VARVE_TRANSPORT_OCI,                /* oci:DIR[:REF] */
  VARVE_TRANSPORT_OCI_ARCHIVE,        /* oci-archive:FILE[:REF] */
  VARVE_TRANSPORT_DOCKER,             /* docker://HOST/NAME[:TAG|@DIGEST] */
  VARVE_TRANSPORT_CONTAINERS_STORAGE, /* containers-storage:NAME */
  VARVE_TRANSPORT_DIR,                /* dir:DIR */
} VarveTransport;

typedef struct {
  char *text; /* the whole reference, as given */
  VarveTransport transport;
  char *path;          /* up to the first ':' after the transport; docker: HOST/NAME; the last two: all of it */
  char *ref;           /* a ref name, or "@sha256:…" or "@N" as for varve_image_open(); docker: a tag, or "@sha256:…";
                        * NULL when absent */
  VarveAccess *access; /* NULL: skopeo's defaults */
} VarveReference;

/* A malformed reference is VARVE_ERROR_USAGE; a transport of containers-transports(5) that is not listed above is
 * VARVE_ERROR_UNSUPPORTED, and the message lists those that are. A ref must be a valid ref name or start with '@';
 * host, name, tag and digest must match the grammar of distribution's reference package. The host is required. */
VarveReference *varve_reference_parse (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* VARVE_ERROR_USAGE unless @folder is the plain path of a folder, which "oci:DIR:REF" can hold. */
gboolean varve_reference_check_folder (const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* "oci:FOLDER:REF", of a path that varve_reference_check_folder() accepts. */
VarveReference *varve_reference_in_folder (const char *folder, const char *ref, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Whether the text starts with a transport, supported or not. */
gboolean varve_reference_is_image (const char *text);
void varve_reference_free (VarveReference *reference);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveReference, varve_reference_free)

VarveReference *varve_reference_copy (const VarveReference *reference);
/* Whether varve reads and writes it without skopeo. */
gboolean varve_reference_is_oci (const VarveReference *reference);
/* Replaces the access; takes a reference. */
void varve_reference_set_access (VarveReference *reference, VarveAccess *access);
/* Of docker: the same repository with another tag or "@sha256:…", or with neither when NULL. */
VarveReference *varve_reference_with_ref (const VarveReference *reference, const char *ref);
/* Of docker: what has this digest in the same repository. */
VarveReference *varve_reference_with_digest (const VarveReference *reference, const VarveDigest *digest);
/* Of docker: HOST[:PORT]; the caller owns it. */
char *varve_reference_host (const VarveReference *reference);
/* Whether @tag is a valid tag of docker; VARVE_ERROR_USAGE when not. */
gboolean varve_reference_check_tag (const char *tag, GError **error) G_GNUC_WARN_UNUSED_RESULT;
