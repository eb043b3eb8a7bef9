#pragma once

#include <glib.h>

/* Where an image is, as users write it: containers-transports(5). */

typedef enum {
  VARVE_TRANSPORT_OCI,         /* oci:DIR[:REF] */
  VARVE_TRANSPORT_OCI_ARCHIVE, /* oci-archive:FILE[:REF] */
} VarveTransport;

typedef struct {
  char *text; /* the whole, as it was given */
  VarveTransport transport;
  char *path; /* up to the first ':' after the transport */
  char *ref;  /* a ref name, or "@sha256:…" or "@N" as varve_image_open() has it; NULL when absent */
} VarveReference;

/* What makes no sense is VARVE_ERROR_USAGE; the other transports are VARVE_ERROR_UNSUPPORTED, and the message says what
 * works. A ref must be a ref name by its grammar, or begin with '@'. */
VarveReference *varve_reference_parse (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_reference_free (VarveReference *reference);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveReference, varve_reference_free)
