#pragma once

#include <glib.h>

#include "skopeo/access.h"

/* Where an image is, as users write it: containers-transports(5). */

typedef enum {
  VARVE_TRANSPORT_OCI,                /* oci:DIR[:REF] */
  VARVE_TRANSPORT_OCI_ARCHIVE,        /* oci-archive:FILE[:REF] */
  VARVE_TRANSPORT_DOCKER,             /* docker://HOST/NAME[:TAG|@DIGEST] */
  VARVE_TRANSPORT_CONTAINERS_STORAGE, /* containers-storage:NAME */
  VARVE_TRANSPORT_DIR,                /* dir:DIR */
} VarveTransport;

typedef struct {
  char *text; /* the whole, as it was given */
  VarveTransport transport;
  char *path; /* up to the first ':' after the transport; of docker: HOST/NAME; of the last two: all of it */
  char *ref;  /* a ref name, or "@sha256:…" or "@N" as varve_image_open() has it; of docker: a tag, or "@sha256:…";
               * NULL when absent */
  VarveAccess *access; /* how skopeo gets at it; NULL: with nothing but defaults */
} VarveReference;

/* What makes no sense is VARVE_ERROR_USAGE; transports of containers-transports(5) that are not in the list above are
 * VARVE_ERROR_UNSUPPORTED, and the message says what works. A ref must be a ref name by its grammar, or begin with '@';
 * host, name, tag and digest are checked by the grammar of distribution's reference package, and the host must be
 * there. */
VarveReference *varve_reference_parse (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether the word is meant as an image rather than as anything else: a transport is before its first colon, also one
 * that is not supported. */
gboolean varve_reference_is_image (const char *text);
void varve_reference_free (VarveReference *reference);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveReference, varve_reference_free)

VarveReference *varve_reference_copy (const VarveReference *reference);
/* Whether it is read and written in the program itself. */
gboolean varve_reference_is_oci (const VarveReference *reference);
/* Takes the place of what was there; counted. */
void varve_reference_set_access (VarveReference *reference, VarveAccess *access);
/* Of docker: the same repository under another tag, or "@sha256:…"; NULL is neither. */
VarveReference *varve_reference_with_ref (const VarveReference *reference, const char *ref);
/* Of docker: HOST[:PORT]; the caller owns it. */
char *varve_reference_host (const VarveReference *reference);
/* Whether @tag may stand behind the ':' of docker; VARVE_ERROR_USAGE when not. */
gboolean varve_reference_check_tag (const char *tag, GError **error) G_GNUC_WARN_UNUSED_RESULT;
